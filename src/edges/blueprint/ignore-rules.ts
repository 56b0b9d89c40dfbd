import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { installProblem } from './install.ts';

/** State that this program keeps in a project and that belongs to one machine only. */
const STATE_RULES = [
  '.claude/runs/',
  '.claude/worktrees/',
  '.claude/.*-lock/',
  '.claude/telemetry-*',
  '.claude/pipeline-history.json*',
  '/.worktrees/',
];

/** Whoever ignores the whole directory has said enough about what is below it. */
const WHOLE_DIRECTORY = ['.claude', '.claude/', '.claude/*', '.claude/**'];

/** Adds the rules for all state to `.gitignore`, each once; what stands there is not changed by a byte. */
export function ensureStateIgnored(
  projectRoot: string,
  options: { readonly dryRun: boolean },
): Result<'created' | 'appended' | 'unchanged'> {
  const file = join(projectRoot, '.gitignore');
  const read = readTextBounded(file, 4 * 1024 * 1024);
  if (!read.ok) return read;
  const addition = missingStateRules(read.value ?? '');
  if (addition === '') return ok('unchanged');
  try {
    if (!options.dryRun) appendFileSync(file, addition);
  } catch (error) {
    return fail(installProblem(error, file, 'cannot write'));
  }
  return ok(read.value === undefined ? 'created' : 'appended');
}

/** What has to be appended to the text of a `.gitignore`, in its own line ends; empty if nothing is missing. */
export function missingStateRules(text: string): string {
  const lines = new Set(text.split(/\r?\n/).map((line) => withoutOuterSlashes(line.trim())));
  const whole = WHOLE_DIRECTORY.some((line) => lines.has(withoutOuterSlashes(line)));
  const missing = STATE_RULES.filter(
    (rule) => !lines.has(withoutOuterSlashes(rule)) && !(whole && rule.startsWith('.claude/')),
  );
  if (missing.length === 0) return '';
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const start = text === '' || text.endsWith('\n') ? '' : end;
  return `${start}${['# murmur8: state of runs', ...missing].join(end)}${end}`;
}

function withoutOuterSlashes(rule: string): string {
  return rule.replace(/^\//, '').replace(/\/$/, '');
}
