// Loaded into Node by fast_start.py when the jsii kernel starts. What is not used is not loaded.
'use strict';
const { existsSync } = require('node:fs');
const Module = require('node:module');

// The kernel's first process only starts the second one, which does the work and whose children have no use for this.
if (!/jsii-runtime\.js$/.test(process.argv[1])) {
  const rest = (process.env.NODE_OPTIONS ?? '').replace(/ ?--max-semi-space-size=4 --require "(?:[^"\\]|\\.)*fast_start\.cjs"$/, '');
  if (rest) process.env.NODE_OPTIONS = rest;
  else delete process.env.NODE_OPTIONS;
}

// Node 24 says of a library in cdktf, on every run, that it calls util.isArray: nothing that a person here could mend.
// With --no-deprecation the property cannot be set, and need not be.
if (!process.noDeprecation) process.noDeprecation = true;

// The bindings have two entry points with the same exports: index.js loads all 1,527 modules at once, lazy-index.js each
// when it is asked for.
const eager = /(@cdktf[\\/]provider-azurerm[\\/](?:.*[\\/])?lib[\\/])index\.js$/;
const resolve = Module._resolveFilename;
Module._resolveFilename = function (...args) {
  const file = resolve.apply(this, args);
  const lazy = file.replace(eager, '$1lazy-index.js');
  return lazy !== file && existsSync(lazy) ? lazy : file;
};

// archiver, with half of all that cdktf loads, zips assets; cdktf calls it in a process of its own only.
const zips = /cdktf[\\/](?:.*[\\/])?lib[\\/]private[\\/]fs\.js$/;
// For each token cdktf keeps the whole stack of where it was made: here that is always the inside of the jsii kernel, and says
// nothing of the program.
const tokens = /cdktf[\\/](?:.*[\\/])?lib[\\/](?:tokens[\\/].*|[^\\/]+)\.js$/;
const load = Module._load;
Module._load = function (request, parent, ...rest) {
  const now = () => load.call(this, request, parent, ...rest);
  if (request === 'archiver' && zips.test(parent?.filename)) return (...args) => now()(...args);
  if (/(^|\/)stack-trace$/.test(request) && tokens.test(parent?.filename)) return { captureStackTrace: () => [] };
  return now();
};
