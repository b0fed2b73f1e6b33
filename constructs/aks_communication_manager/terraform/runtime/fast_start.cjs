// Loaded into Node by internals.py when the jsii kernel starts. What is not used is not loaded.
'use strict';
const { existsSync } = require('node:fs');
const Module = require('node:module');

const NAMES = 'AKS_COMMUNICATION_MANAGER_FAST_START_NAMES';
const escaped = (name) => name.replaceAll('.', '\\.').replaceAll('/', '[\\\\/]');
const names = JSON.parse(process.env[NAMES] ?? '[]');
const anyOf = (key) => names.map((one) => escaped(one[key])).join('|');

// The kernel's first process only starts the second one, which does the work and whose children have no use for this.
if (!/jsii-runtime\.js$/.test(process.argv[1])) {
  const rest = (process.env.NODE_OPTIONS ?? '').replace(/ ?--max-semi-space-size=4 --require "(?:[^"\\]|\\.)*fast_start\.cjs"$/, '');
  if (rest) process.env.NODE_OPTIONS = rest;
  else delete process.env.NODE_OPTIONS;
  delete process.env[NAMES];
}
if (names.length) install();

function install() {
  // Node 24 says of a library in cdktf, on every run, that it calls util.isArray: nothing that a person here could change.
  // With --no-deprecation the property cannot be set, and need not be.
  if (!process.noDeprecation) process.noDeprecation = true;

  const resolve = Module._resolveFilename;
  const load = Module._load;
  if (typeof resolve !== 'function' || typeof load !== 'function') {
    process.emitWarning('Node.js loads modules in another way: all of the azurerm bindings is loaded, which takes seconds.');
    return;
  }

  // The bindings have two entry points with the same exports: index.js loads all 1,527 modules at once, lazy-index.js
  // each when it is asked for.
  const eager = new RegExp(`((?:${anyOf('bindings')})[\\\\/](?:.*[\\\\/])?lib[\\\\/])index\\.js$`);
  Module._resolveFilename = function (...args) {
    const file = resolve.apply(this, args);
    const lazy = file.replace(eager, '$1lazy-index.js');
    return lazy !== file && existsSync(lazy) ? lazy : file;
  };

  // archiver, with half of all that cdktf loads, zips assets; cdktf calls it in a process of its own only.
  const zips = new RegExp(`(?:${anyOf('framework')})[\\\\/](?:.*[\\\\/])?lib[\\\\/]private[\\\\/]fs\\.js$`);
  // For each token the framework keeps the whole stack of where it was made: here that is always the inside of the jsii
  // kernel, and says nothing of the program.
  const tokens = new RegExp(`(?:${anyOf('framework')})[\\\\/](?:.*[\\\\/])?lib[\\\\/](?:tokens[\\\\/].*|[^\\\\/]+)\\.js$`);
  Module._load = function (request, parent, ...rest) {
    const now = () => load.call(this, request, parent, ...rest);
    if (request === 'archiver' && zips.test(parent?.filename)) return (...args) => now()(...args);
    if (/(^|\/)stack-trace$/.test(request) && tokens.test(parent?.filename)) return { ...now(), captureStackTrace: () => [] };
    return now();
  };
}
