import { load, YAMLException } from 'js-yaml';
import type { Problem } from './problem.ts';
import { fail, ok, type Result } from './result.ts';

/** A role that an agent takes: who it is and how it is run. Absent settings are left to the run's configuration. */
export interface AgentRole {
  readonly name: string;
  readonly description?: string;
  /** As on the command line: `claude`, `codex`, `acp:<command>`… */
  readonly runner?: string;
  /** Who takes over where that one has no quota or cannot be reached, in this order. */
  readonly fallbackRunners?: readonly string[];
  /** In the naming of the first runner; the others have their own default. */
  readonly model?: string;
  /** The same where it is said for each runner. */
  readonly models?: Readonly<Record<string, string>>;
  /** In Claude Code's naming. */
  readonly tools?: readonly string[];
  readonly maxTurns?: number;
  /** Whole attempt, in ms. */
  readonly timeoutMs?: number;
  /** The standing instructions: the text below the frontmatter. */
  readonly instructions: string;
  /** Where it was read from. */
  readonly file: string;
}

/** Runners in the order in which they are tried. */
export type RunnerOrder = readonly [string, ...string[]];

/** What names runners: a role, or what was asked for on the command line. */
interface NamesRunners {
  readonly runner?: string;
  readonly fallbackRunners?: readonly string[];
}

/** Who may execute an agent: those that were asked for, else those of its role, else the default. */
export function runnerOrder(
  asked: NamesRunners,
  role: NamesRunners | undefined,
  defaultRunner: string,
): RunnerOrder {
  if (asked.runner !== undefined) return [asked.runner, ...(asked.fallbackRunners ?? [])];
  return [role?.runner ?? defaultRunner, ...(role?.fallbackRunners ?? [])];
}

/**
 * The model that a role names for one of its runners; `first` is the one that is tried first. A name without a runner is
 * in the naming of the role's own first, or of whoever comes first where it names none.
 */
export function modelOfRole(
  { runner, model, models }: Pick<AgentRole, 'runner' | 'model' | 'models'>,
  asked: string,
  first: string,
): string | undefined {
  if (models !== undefined && Object.hasOwn(models, asked)) return models[asked];
  return (runner ?? first) === asked ? model : undefined;
}

/**
 * Reads a role from Markdown with YAML frontmatter (`name`, `description`, `runner`, `model`, `tools`,
 * `max_turns`, `timeout`). Keys of other tools are passed over. `source.name` stands in for a missing name.
 */
export function parseAgentRole(
  text: string,
  source: { readonly name: string; readonly file: string },
): Result<AgentRole> {
  const parts = splitFrontmatter(text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'));
  const at = (line: number, message: string, hint: string): Result<never> =>
    fail({ code: 'agent-invalid', message, file: source.file, line, hint });
  if (parts === undefined)
    return at(1, 'the frontmatter has no closing ---', 'close it with a line of three dashes');
  const loaded = loadMapping(parts.frontmatter, source.file);
  if (!loaded.ok) return loaded;
  if (parts.body.trim() === '') {
    return at(parts.bodyLine, 'the agent has no instructions', 'write them below the frontmatter');
  }
  const problems: Problem[] = [];
  const field = <T>(
    key: string,
    read: (value: unknown) => T | undefined,
    expected: string,
  ): T | undefined => {
    const value = loaded.value[key];
    if (value === undefined || value === null) return undefined;
    const result = read(value);
    if (result !== undefined) return result;
    const message = `${key} must be ${expected}`;
    problems.push({
      code: 'agent-invalid',
      message,
      file: source.file,
      line: lineOfKey(parts.frontmatter, key),
    });
    return undefined;
  };
  const name = field('name', readName, 'a word of letters, digits, dashes and underscores');
  const description = field('description', readText, 'text');
  const [runner, ...fallbacks] =
    field('runner', readRunners, 'text, such as claude or acp:<command>, or a list of such texts') ?? [];
  const model = field('model', readModel, 'text, or a model for each runner, such as {claude: opus}');
  const tools = field('tools', readTools, 'a list of tool names, or one line of them with commas');
  const maxTurns = field('max_turns', readCount, 'a whole number above zero');
  const timeoutMs = field('timeout', readDuration, 'a duration with its unit, such as 90s, 30m or 1h');
  const [first] = problems;
  if (first !== undefined) return fail(first);
  return ok({
    name: name ?? source.name,
    ...(description === undefined ? {} : { description }),
    ...(runner === undefined ? {} : { runner }),
    ...(fallbacks.length === 0 ? {} : { fallbackRunners: fallbacks }),
    ...model,
    ...(tools === undefined ? {} : { tools }),
    ...(maxTurns === undefined ? {} : { maxTurns }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    instructions: `${parts.body.trim()}\n`,
    file: source.file,
  });
}

interface Parts {
  readonly frontmatter: string;
  readonly body: string;
  /** Line of the first line of the body, from one. */
  readonly bodyLine: number;
}

/** Undefined when the frontmatter is opened and never closed. */
function splitFrontmatter(text: string): Parts | undefined {
  const lines = text.split('\n');
  if (!/^---\s*$/.test(lines[0] ?? '')) return { frontmatter: '', body: text, bodyLine: 1 };
  const end = lines.findIndex((line, index) => index > 0 && /^---\s*$/.test(line));
  if (end < 0) return undefined;
  return {
    frontmatter: lines.slice(1, end).join('\n'),
    body: lines.slice(end + 1).join('\n'),
    bodyLine: end + 2,
  };
}

/** The frontmatter begins on the second line of the file. */
const FRONTMATTER_LINE = 2;

function loadMapping(frontmatter: string, file: string): Result<Readonly<Record<string, unknown>>> {
  if (frontmatter.replace(/^\s*#.*$/gm, '').trim() === '') return ok({});
  try {
    const value = load(frontmatter);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return ok({ ...value });
    return fail({
      code: 'agent-invalid',
      message: 'the frontmatter is not a list of keys and values',
      file,
      line: FRONTMATTER_LINE,
      hint: 'write lines such as name: alex',
    });
  } catch (error) {
    // On hostile input the parser may fail with other errors as well.
    const mark = error instanceof YAMLException ? error.mark : undefined;
    const reason = error instanceof YAMLException ? error.reason : String(error);
    return fail({
      code: 'agent-invalid',
      message: `the frontmatter is not valid YAML: ${reason}`,
      file,
      line: (mark?.line ?? 0) + FRONTMATTER_LINE,
      column: (mark?.column ?? 0) + 1,
      hint: 'put a value that holds a colon or a # into quotes',
    });
  }
}

function lineOfKey(frontmatter: string, key: string): number {
  const line = frontmatter.split('\n').findIndex((text) => /^["']?(\w+)["']?\s*:/.exec(text)?.[1] === key);
  return Math.max(line, 0) + FRONTMATTER_LINE;
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** A command line may hold commas: only a list names several. */
function readRunners(value: unknown): readonly string[] | undefined {
  const texts = (Array.isArray(value) ? value : [value]).map(readText);
  const runners = texts.filter((text) => text !== undefined);
  return runners.length === 0 || runners.length < texts.length ? undefined : [...new Set(runners)];
}

function readModel(value: unknown): Pick<AgentRole, 'model' | 'models'> | undefined {
  if (typeof value === 'string') {
    const model = readText(value);
    if (model === undefined) return undefined;
    return model === INHERITED ? {} : { model };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const models: Record<string, string> = {};
  for (const [runner, named] of Object.entries(value)) {
    const model = readText(named);
    if (model === undefined) return undefined;
    if (model !== INHERITED) models[runner] = model;
  }
  return Object.keys(models).length === 0 ? {} : { models };
}

/** Claude Code's word for the session's own model. */
const INHERITED = 'inherit';

function readName(value: unknown): string | undefined {
  const text = readText(value);
  return text !== undefined && /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(text) ? text : undefined;
}

function readTools(value: unknown): readonly string[] | undefined {
  // A comma within parentheses belongs to the tool: Bash(npm test, npm run lint).
  const words = typeof value === 'string' ? value.split(/,(?![^(]*\))/) : value;
  if (!Array.isArray(words)) return undefined;
  const tools: string[] = [];
  for (const word of words) {
    if (typeof word !== 'string') return undefined;
    if (word.trim() !== '') tools.push(word.trim());
  }
  return tools;
}

function readCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function readDuration(value: unknown): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(String(value).trim()) ?? [];
  const ms = Math.round(Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN));
  return Number.isSafeInteger(ms) && ms > 0 ? ms : undefined;
}
