'use strict';
// Preload (node --require) that makes the n-th change of files below a directory the process's last one, or lets
// it fail as a full or read-only disk does, and counts what is read. Everything is asked for by variables:
//   MURMUR8_RIG_UNDER       only paths that begin so count
//   MURMUR8_RIG_CRASH_AT    SIGKILL at this change, from 1; a write has two places: before it and half-way
//   MURMUR8_RIG_FAIL_CODE   e.g. ENOSPC: changes throw this from number MURMUR8_RIG_FAIL_AT on,
//   MURMUR8_RIG_FAIL_TIMES  so many times (default: all of them)
//   MURMUR8_RIG_REPORT      file for {changes, bytesRead, bytesWritten} as JSON when the process ends
const fs = require('node:fs');
const { resolve } = require('node:path');
const { syncBuiltinESMExports } = require('node:module');

const under = process.env.MURMUR8_RIG_UNDER ?? '';
const crashAt = Number(process.env.MURMUR8_RIG_CRASH_AT ?? 0);
const failCode = process.env.MURMUR8_RIG_FAIL_CODE;
const failAt = Number(process.env.MURMUR8_RIG_FAIL_AT ?? 1);
const failTimes = Number(process.env.MURMUR8_RIG_FAIL_TIMES ?? Number.POSITIVE_INFINITY);
const report = process.env.MURMUR8_RIG_REPORT;
const real = { ...fs };
const paths = new Map();
const counted = { changes: 0, bytesRead: 0, bytesWritten: 0 };
let busy = false;

const isOurs = (path) => typeof path === 'string' && resolve(path).startsWith(under);
const pathOf = (target) => (typeof target === 'number' ? paths.get(target) : String(target));
const die = () => process.kill(process.pid, 'SIGKILL');

function change(name, target) {
  counted.changes += 1;
  if (counted.changes === crashAt) die();
  if (failCode === undefined || counted.changes < failAt || counted.changes >= failAt + failTimes) return;
  throw Object.assign(new Error(`${failCode}: made by the rig, ${name} '${target}'`), {
    code: failCode,
    syscall: name,
  });
}

/** Inner calls of Node's own functions are part of the outer one. */
function whole(name, work) {
  return (...args) => {
    const target = pathOf(args[0]);
    if (busy || !isOurs(target)) return work(...args);
    change(name, target);
    busy = true;
    try {
      return work(...args);
    } finally {
      busy = false;
    }
  };
}

for (const name of [
  'fsyncSync',
  'fdatasyncSync',
  'unlinkSync',
  'rmSync',
  'rmdirSync',
  'truncateSync',
  'ftruncateSync',
  'utimesSync',
  'chmodSync',
  'mkdirSync',
  'renameSync',
  'linkSync',
  'symlinkSync',
  'copyFileSync',
  'appendFileSync',
])
  fs[name] = whole(name, real[name]);

fs.openSync = (path, flags = 'r', ...rest) => {
  const changes = typeof flags === 'number' ? (flags & fs.constants.O_CREAT) !== 0 : /[wax]/.test(flags);
  const ours = !busy && isOurs(String(path));
  if (ours && changes) change('open', path);
  const fd = real.openSync(path, flags, ...rest);
  paths.set(fd, resolve(String(path)));
  return fd;
};

fs.closeSync = (fd) => {
  paths.delete(fd);
  return real.closeSync(fd);
};

fs.writeSync = (fd, data, ...rest) => {
  const path = paths.get(fd);
  if (busy || !isOurs(path)) return real.writeSync(fd, data, ...rest);
  change('write', path);
  if (Buffer.isBuffer(data) && data.length > 1 && crashAt === counted.changes + 1) {
    const [offset = 0, length = data.length - offset, position = null] = rest;
    real.writeSync(fd, data, offset, Math.ceil(length / 2), position);
    die();
  }
  counted.changes += 1;
  const written = real.writeSync(fd, data, ...rest);
  counted.bytesWritten += written;
  return written;
};

fs.writeFileSync = (target, data, ...rest) => {
  const path = pathOf(target);
  if (busy || !isOurs(path)) return real.writeFileSync(target, data, ...rest);
  change('write', path);
  if (crashAt === counted.changes + 1) {
    const bytes = Buffer.from(data);
    real.writeFileSync(target, bytes.subarray(0, Math.floor(bytes.length / 2)), ...rest);
    die();
  }
  counted.changes += 1;
  busy = true;
  try {
    return real.writeFileSync(target, data, ...rest);
  } finally {
    busy = false;
  }
};

fs.readSync = (fd, ...rest) => {
  const read = real.readSync(fd, ...rest);
  if (isOurs(paths.get(fd))) counted.bytesRead += read;
  return read;
};

fs.readFileSync = (target, ...rest) => {
  const wasBusy = busy;
  busy = true;
  try {
    const content = real.readFileSync(target, ...rest);
    if (!wasBusy && isOurs(pathOf(target))) counted.bytesRead += content.length;
    return content;
  } finally {
    busy = wasBusy;
  }
};

syncBuiltinESMExports();
if (report !== undefined) process.on('exit', () => real.writeFileSync(report, JSON.stringify(counted)));
