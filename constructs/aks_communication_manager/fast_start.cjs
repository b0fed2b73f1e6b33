// Loaded into the jsii kernel by fast_start.py. The bindings ship two entry points with the same exports: index.js loads all
// 1,527 modules at once, lazy-index.js each when it is asked for. The kernel is given the second.
'use strict';
const { existsSync } = require('node:fs');
const Module = require('node:module');

const eager = /(@cdktf[\\/]provider-azurerm[\\/](?:.*[\\/])?lib[\\/])index\.js$/;
const resolve = Module._resolveFilename;

Module._resolveFilename = function (...args) {
  const file = resolve.apply(this, args);
  const lazy = file.replace(eager, '$1lazy-index.js');
  return lazy !== file && existsSync(lazy) ? lazy : file;
};
