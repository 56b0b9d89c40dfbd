import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { ignoresDotenv } from '../../core/telemetry/gitignore.ts';
import { readBytesBounded } from '../files/bounded-read.ts';
import { errorCode, fileProblem } from '../files/file-problem.ts';

/** What was done to a file, or would be in a dry run. */
export type TemplateChange = 'created' | 'appended' | 'unchanged';

export interface TemplateOptions {
  /** Only say what would be done. */
  readonly dryRun?: boolean;
}

const LARGEST_FILE = 4 * 1024 * 1024;

const TEMPLATE = [
  '# murmur8 telemetry: one event per pipeline run is sent to this address. Without it nothing is ever sent.',
  '# Name and e-mail from git, the address of the repository and the written specifications are part of it.',
  '# MURMUR8_TELEMETRY_URL=https://telemetry.example.com/murmur8',
  '# Sent as "Authorization: Bearer"; leave it out where the endpoint asks for none.',
  '# MURMUR8_TELEMETRY_KEY=',
];

/**
 * Puts the commented telemetry template into `.env`: creates the file (0600) or appends to it, once; whatever is
 * there stays byte for byte (seed 004, story init-integration AC-1 to AC-3). Synchronous and silent.
 */
export function ensureDotenv(directory: string, options: TemplateOptions = {}): Result<TemplateChange> {
  return ensureText(join(directory, '.env'), options, {
    mode: 0o600,
    isPresent: (text) => text.includes('MURMUR8_TELEMETRY_URL'),
    lines: (text) => [...(text === '' ? [] : ['']), ...TEMPLATE],
  });
}

/** Makes git ignore `.env`: adds the line unless a pattern covers it already (story init-integration AC-4, AC-5). */
export function ensureGitignore(directory: string, options: TemplateOptions = {}): Result<TemplateChange> {
  return ensureText(join(directory, '.gitignore'), options, {
    mode: 0o666,
    isPresent: ignoresDotenv,
    lines: () => ['.env'],
  });
}

interface Addition {
  /** Permission bits of a new file, before the umask. */
  readonly mode: number;
  isPresent(text: string): boolean;
  lines(text: string): readonly string[];
}

/** Appends in one write, so that links, permissions and every byte of the old content stay. */
function ensureText(path: string, options: TemplateOptions, addition: Addition): Result<TemplateChange> {
  const read = readBytesBounded(path, LARGEST_FILE);
  if (!read.ok) return read;
  const text = read.value?.toString('utf8').replace(/^\uFEFF/, '') ?? '';
  if (read.value !== undefined && addition.isPresent(text)) return ok('unchanged');
  const change = read.value === undefined ? 'created' : 'appended';
  if (options.dryRun === true) return ok(change);
  const lineEnding = /\r?\n/.exec(text)?.[0] ?? '\n';
  const start = text === '' || text.endsWith('\n') ? '' : lineEnding;
  const added = `${start}${addition.lines(text).join(lineEnding)}${lineEnding}`;
  try {
    if (change === 'created') writeFileSync(path, added, { flag: 'wx', mode: addition.mode });
    else appendFileSync(path, added);
  } catch (error) {
    if (change === 'created' && errorCode(error) === 'EEXIST') return ensureText(path, options, addition);
    return fail(fileProblem(error, path, 'cannot write'));
  }
  return ok(change);
}
