"""A query that also returns, for each row, the records that the row stems from."""

from __future__ import annotations

from dataclasses import replace

from aks_communication_manager.rehearse.kql_engine.library import ir
from aks_communication_manager.rehearse.kql_engine.tables import NUMBER
from aks_communication_manager.rehearse.kql_engine.windows import carrying


def traced(query: ir.Query, table: str) -> ir.Query | None:
    """The query over a numbered table, with the numbers of records in `NUMBER`; None where it joins rows in another way."""
    if query.lets or query.parameters or not isinstance(query.source, ir.TableRef):
        return None
    operators: list[ir.Operator] = []
    numbers = ir.NamedExpr(ir.FunctionCall("make_list", (ir.ColumnRef(NUMBER),)), NUMBER)
    for operator in query.operators:
        match operator:
            case ir.Summarize():
                operators.append(replace(operator, aggregates=(*operator.aggregates, numbers)))
            case ir.Project():
                operators.append(carrying(operator, (NUMBER,)))
            case ir.ProjectAway(columns) if any("*" in column for column in columns):
                return None
            case ir.Where() | ir.Extend() | ir.ProjectAway() | ir.ProjectRename() | ir.Parse() | ir.MvExpand():
                operators.append(operator)
            case ir.Sort() | ir.Top() | ir.Take():
                operators.append(operator)
            case _:
                return None
    return ir.Query(ir.TableRef(table), operators)
