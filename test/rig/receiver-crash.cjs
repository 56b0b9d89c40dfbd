'use strict';
// Preload: ends the process with SIGKILL right before its n-th change of the file system (MURMUR8_TEST_KILL_AT).
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const last = Number(process.env.MURMUR8_TEST_KILL_AT || '0');
let changes = 0;
const always = () => true;
const opensForWriting = (_path, flags) => typeof flags === 'string' && /[wa]/.test(flags);
const changing = {
  openSync: opensForWriting,
  writeSync: always,
  writeFileSync: always,
  fdatasyncSync: always,
  renameSync: always,
  unlinkSync: always,
  linkSync: always,
  mkdirSync: always,
};
for (const [name, counts] of Object.entries(changing)) {
  const real = fs[name];
  fs[name] = (...args) => {
    if (counts(...args)) {
      changes += 1;
      if (changes === last) process.kill(process.pid, 'SIGKILL');
    }
    return real.apply(fs, args);
  };
}
syncBuiltinESMExports();
