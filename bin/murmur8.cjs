#!/usr/bin/env node
'use strict';
// The front door: no package is loaded here, so that a short command costs little more than Node itself.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `murmur8: Node ${process.versions.node} is too old\nhint: install Node 20.19 or newer\n`,
  );
  process.exit(2);
}
require('node:module').enableCompileCache?.();

const word = process.argv[2] ?? 'help';
const name =
  word === '--help' || word === '-h' ? 'help' : word === '--version' || word === '-V' ? 'version' : word;
const bundle = join(__dirname, '..', 'dist', `${name}.cjs`);
const known = /^[a-z][a-z0-9-]*$/.test(name) && existsSync(bundle);
require(known ? bundle : join(__dirname, '..', 'dist', 'help.cjs'));
