import { nearestTo } from '../nearest.ts';
import { DURATION, RETRY_ON } from './authored.ts';
import { LONGEST_DURATION } from './duration.ts';
import { errorAt, type Finding, type Path } from './finding.ts';
import { type FlatIssue, valueAt } from './issues.ts';
import { hintForKey } from './keys.ts';

/** Keys whose value is a length of time. */
const TIMES = new Set([
  'timeout',
  'delay',
  'max_delay',
  'approval_timeout',
  'max_duration',
  'stall_timeout',
  'quota_wait',
]);
const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/** What a deviation from the schema means to whoever wrote the file. */
export function worded({ issue, path, orList }: FlatIssue, document: unknown): Finding[] {
  const value = valueAt(document, path);
  const key = String(path.findLast((step) => typeof step === 'string') ?? '');
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, path, value);
  if (value === undefined) {
    const parent = valueAt(document, path.slice(0, -1));
    // That a group stands where a stage has to is told of its key.
    if (path[0] === 'stages' && path.length > 3 && Object.hasOwn(Object(parent), 'parallel')) return [];
    return [missing(path, document)];
  }
  if (TIMES.has(key)) return [noDuration(path, value)];
  switch (issue.code) {
    case 'invalid_type':
      return [wrongKind(path, value, issue.expected, orList)];
    case 'invalid_value':
      return [notOneOf(path, value, issue.values.map(String))];
    case 'too_small':
      return [tooSmall(path, value, Number(issue.minimum), issue.inclusive !== false)];
    case 'too_big':
      return [errorAt(path, 'value', `${labelOf(path)} is at most ${issue.maximum}, not ${shown(value)}`)];
    case 'invalid_format':
      return [badlyFormed(path, key, String(value))];
    default:
      return [errorAt(path, 'value', `${quoted(key)} cannot be ${shown(value)}`)];
  }
}

function unknownKeys(keys: readonly string[], path: Path, value: unknown): Finding[] {
  const isGroup = path[0] === 'stages' && path.length === 2 && Object.hasOwn(Object(value), 'parallel');
  return keys.map((key) => {
    if (key === 'parallel' && path[0] === 'stages')
      return errorAt([...path, key], 'key', 'a group cannot stand within a group', {
        hint: 'name what its stages wait for with "depends_on"',
      });
    return errorAt([...path, key], 'key', `unknown key ${quoted(key)}`, {
      hint: hintForKey(key, path, isGroup),
    });
  });
}

const FIRST_STAGE = 'a pipeline has at least one stage: "stages:", then "  - name: …"';

function missing(path: Path, document: unknown): Finding {
  const key = String(path.at(-1) ?? '');
  const parent = path.slice(0, -1);
  const name = valueAt(document, [...parent, 'name']);
  const isStrategy = path.includes('strategies');
  const where = isStrategy
    ? ' in a strategy'
    : path[0] === 'stages' && path.length > 1
      ? ` in ${typeof name === 'string' ? `stage ${quoted(name)}` : 'this stage'}`
      : key === 'location'
        ? ' in "export"'
        : '';
  return errorAt(parent, 'value', `${quoted(key)} is missing${where}`, {
    ...(key === 'location' ? { hint: 'name the directory that it fills: "location: dist"' } : {}),
    ...(isStrategy ? { hint: 'write { name: IDENTITY_RESCUE, task: … }' } : {}),
    ...(key === 'name' && !isStrategy ? { hint: 'a name holds a-z, 0-9, ".", "_" and "-"' } : {}),
    ...(key === 'stages' ? { hint: FIRST_STAGE } : {}),
  });
}

function wrongKind(path: Path, value: unknown, expected: string, orList: boolean): Finding {
  const kind = KINDS[expected] ?? expected;
  const what = labelOf(path);
  if (path.length === 0)
    return errorAt(path, 'value', `a pipeline is a map, not ${kindOf(value)}`, {
      hint: 'it begins with "name: …"',
    });
  if (value === null && ['variables', 'variable', 'env'].includes(String(path.at(-2))))
    return errorAt(path, 'key', `${what} has no value`, { hint: 'write "" for an empty text' });
  if (value === null)
    return errorAt(path, 'key', `${what} is empty`, { hint: `give it ${kind}, or take the key out` });
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  const wanted = orList && expected === 'string' ? 'text or a list of texts' : kind;
  return errorAt(path, 'value', `${what} is ${wanted}, not ${kindOf(value)}`, {
    ...(expected === 'string' && isScalar ? { hint: 'put it into quotes to make it text' } : {}),
    ...formHint(String(path.at(-1)), value),
    ...(expected === 'boolean' && /^(yes|no|on|off)$/i.test(String(value))
      ? { hint: `write ${/^(yes|on)$/i.test(String(value)) ? 'true' : 'false'}` }
      : {}),
  });
}

/** Short forms that other programs take. */
function formHint(key: string, value: unknown): { hint?: string } {
  const text = String(value);
  if (key === 'triggers' && typeof value === 'string') return { hint: `write "- event: ${text}" under it` };
  if (key === 'schedule' && typeof value === 'string') return { hint: `write { cron: "${text}" }` };
  if (key === 'retry' && typeof value === 'number') return { hint: `write "retries: ${text}"` };
  if (key === 'concurrency' && typeof value === 'string') return { hint: `write { group: ${text} }` };
  if (key === 'audit') return { hint: 'write a command line, or { agent: …, task: … }' };
  if (key === 'strategies') return { hint: 'write names, or { name: …, task: … }' };
  if (key === 'export')
    return {
      hint: `write { location: ${typeof value === 'string' && /^[\w./-]+$/.test(text) ? text : 'dist'} }`,
    };
  if (key === 'limits' || key === 'frames') return { hint: 'write { max_attempts: 20 } or another limit' };
  if (key === 'when') return { hint: 'write { branch: … }, { path: … }, { label: … } or { variable: … }' };
  if (key === 'variable' || key === 'variables') return { hint: 'write "name: value" under it' };
  if (key === 'env') return { hint: 'write "NAME: value" under it' };
  if (key === 'version') return { hint: 'it counts your own revisions: 1, 2, 3' };
  return {};
}

function notOneOf(path: Path, value: unknown, known: readonly string[]): Finding {
  const near = typeof value === 'string' ? nearestTo(value, known) : undefined;
  const all = path.at(-1) === 'quorum' ? ['a number', ...known] : known;
  return errorAt(path, 'value', `${labelOf(path)} is one of ${all.join(', ')}, not ${shown(value)}`, {
    ...(near === undefined ? {} : { hint: `did you mean ${quoted(near)}?` }),
  });
}

function tooSmall(path: Path, value: unknown, minimum: number, inclusive: boolean): Finding {
  if (typeof value === 'number')
    return errorAt(
      path,
      'value',
      `${labelOf(path)} is ${inclusive ? 'at least' : 'more than'} ${minimum}, not ${value}`,
    );
  return errorAt(path, 'key', `${labelOf(path)} is empty`, {
    hint: path[0] === 'stages' && path.length === 1 ? FIRST_STAGE : 'fill it, or take the key out',
  });
}

function noDuration(path: Path, value: unknown): Finding {
  if (value === null)
    return errorAt(path, 'key', `${labelOf(path)} is empty`, { hint: 'write 90s, 30m, 1h30m or 2d' });
  if (DURATION.test(String(value)))
    return errorAt(path, 'value', `${shown(value)} is too long a time`, {
      hint: `at most ${LONGEST_DURATION} is`,
    });
  const bare = /^[1-9]\d*$/.test(String(value)) ? String(value) : undefined;
  return errorAt(path, 'value', `${shown(value)} is no duration`, {
    hint:
      bare === undefined
        ? 'write 90s, 30m, 1h30m or 2d'
        : `add a unit: ${bare}s, ${bare}m, ${bare}h or ${bare}d`,
  });
}

function badlyFormed(path: Path, key: string, value: string): Finding {
  if (key === 'on')
    return errorAt(path, 'value', `${shown(value)} is no cause to try again`, {
      hint: `write exit codes, "timeout", or codes such as AGENT_CRASHED${RETRY_ON.test(value.toUpperCase()) ? `; did you mean ${value.toUpperCase()}?` : ''}`,
    });
  if (key === 'dependency')
    return errorAt(path, 'value', `${shown(value)} cannot be the name of a tool`, {
      hint: 'it begins with a letter and holds letters, digits, "_" and "-"',
    });
  if (path.includes('strategies')) return badStrategy(path, value);
  const better = value
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 63);
  const rule = 'a name begins with a-z or 0-9, holds only a-z, 0-9, ".", "_" and "-", and at most 63 of them';
  return errorAt(path, 'value', `${shown(value)} cannot be a name`, {
    hint: better === '' ? rule : `${rule}; did you mean ${quoted(better)}?`,
  });
}

function badStrategy(path: Path, value: string): Finding {
  const better = value
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^[^A-Za-z]+|_+$/g, '')
    .slice(0, 63);
  const rule = 'it begins with a letter and holds letters, digits and "_", at most 63 of them';
  return errorAt(path, 'value', `${shown(value)} cannot be the name of a strategy`, {
    hint: better === '' ? rule : `${rule}; did you mean ${quoted(better.toUpperCase())}?`,
  });
}

/** `"retries"`, or what a list's item is called. */
function labelOf(path: Path): string {
  const key = path.findLast((step) => typeof step === 'string') ?? 'the document';
  if (typeof path.at(-1) !== 'number') return quoted(key);
  if (key === 'stages' || key === 'parallel') return 'a stage';
  return key === 'triggers' ? 'a trigger' : `each of ${quoted(key)}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return shown(value);
}

export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return kindOf(value);
}

/** How a stage is spoken of; one whose name is missing has one that nobody wrote (repair.ts). */
export function stageLabel(name: string): string {
  return name.startsWith('\0') ? 'this stage' : `stage ${quoted(name)}`;
}

/** In double quotes, cut where it is long. */
export function quoted(text: string): string {
  if (text.startsWith('\0')) return 'the stage without a name';
  return `"${text.length > 60 ? `${text.slice(0, 59)}…` : text}"`;
}
