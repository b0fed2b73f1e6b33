// What Microsoft's KQL parser and binder says of queries. Reads a JSON list of texts, writes a JSON list of
// {diagnostics, columns: [[name, type]], tokens: [kind]}, in the same order.
"use strict";

const library = "@kusto/language-service-next";
require(`${library}/bridge.min.js`); // the .NET runtime in JavaScript: it makes the global that the library needs
require(`${library}/Kusto.Language.Bridge.min.js`);

const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;
const { ColumnSymbol, DatabaseSymbol, FunctionSymbol, Parameter, ScalarTypes, TableSymbol } = Symbols;

// The columns that every table of Azure Resource Graph has.
const strings = "id name type tenantId kind location resourceGroup subscriptionId managedBy";
const bags = "sku plan properties tags identity extendedLocation zones";

// Made one by one: the constructor that takes a schema as text stops without a word at a column named "kind".
function columns() {
  const column = (type) => (name) => new ColumnSymbol(name, type, null, null, null, null);
  return [...strings.split(" ").map(column(ScalarTypes.String)), ...bags.split(" ").map(column(ScalarTypes.Dynamic))];
}

// arg() is unknown to the library: here it is a function that returns a database with the one table.
function globals() {
  const table = new TableSymbol.$ctor4("containerserviceeventresources", columns());
  const resourceGraph = new DatabaseSymbol.ctor("ResourceGraph", [table]);
  const arg = new FunctionSymbol.$ctor5("arg", resourceGraph, [new Parameter.$ctor2("scope", ScalarTypes.String)]);
  return GlobalState.Default.WithDatabase(new DatabaseSymbol.ctor("Workspace", [arg]));
}

function items(list) {
  return Array.isArray(list) ? list : Array.from({ length: list.Count }, (_, index) => list.getItem(index));
}

function examine(text, known) {
  const code = KustoCode.ParseAndAnalyze(text, known);
  return {
    diagnostics: items(code.GetDiagnostics()).map((found) => {
      const line = text.slice(0, found.Start).split("\n").length;
      return `line ${line}: ${found.Message}`;
    }),
    columns: items(code.ResultType?.Columns ?? []).map((column) => [column.Name, column.Type.Name]),
    tokens: items(code.GetLexicalTokens()).map((token) => String(token.Kind)),
  };
}

const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const known = globals();
process.stdout.write(JSON.stringify(texts.map((text) => examine(text, known))));
