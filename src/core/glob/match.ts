import { type CharacterTest, type GlobNode, parseGlob } from './parse.ts';

/**
 * Whether a list of globs takes a value, as GitHub Actions reads such lists (spec: pipelines 3): `*` matches within a
 * path segment, `**` across them and nothing as well, `[…]` one character, `?` and `+` make what stands before them
 * optional or repeated, a leading `!` excludes, and the last glob that matches decides. Besides, `{a,b}` is either.
 * Dot files match, case counts, a backslash takes a character as it is. A list with a malformed glob takes nothing.
 */
export function matches(globs: readonly string[], value: string): boolean {
  return globMatcher(globs)(value);
}

/** The same for many values: the globs are read once. Time grows with the length of glob × value, whatever they are. */
export function globMatcher(globs: readonly string[]): (value: string) => boolean {
  const patterns: { excludes: boolean; program: Program }[] = [];
  for (const glob of globs) {
    const excludes = glob.startsWith('!');
    const parsed = parseGlob(excludes ? glob.slice(1) : glob);
    if (!parsed.ok) return () => false;
    patterns.push({ excludes, program: compile(parsed.value) });
  }
  return (value) => {
    const characters = Array.from(value);
    const decisive = patterns.findLast(({ program }) => accepts(program, characters));
    return decisive !== undefined && !decisive.excludes;
  };
}

/** What is wrong with one glob, for people; undefined where nothing is. */
export function checkGlob(glob: string): string | undefined {
  const parsed = parseGlob(glob.startsWith('!') ? glob.slice(1) : glob);
  return parsed.ok ? undefined : parsed.error;
}

/** What is wrong with a list as a whole: one that only excludes takes nothing, which nobody means. */
export function checkGlobs(globs: readonly string[]): string | undefined {
  if (globs.length === 0 || globs.some((glob) => !glob.startsWith('!'))) return undefined;
  return 'it only excludes and so matches nothing: put "**" before it';
}

/** Steps of a machine that is in several places at once, so that no glob makes it go back. */
type Step =
  | { readonly kind: 'one'; readonly test: CharacterTest }
  | { readonly kind: 'go'; readonly to: readonly number[] };
/** It accepts where it comes to its end. */
type Program = readonly Step[];

function compile(glob: GlobNode): Program {
  const program: Step[] = [];
  emit(glob, program);
  return program;
}

function emit(node: GlobNode, program: Step[]): void {
  const start = program.length;
  switch (node.kind) {
    case 'one':
      program.push(node);
      return;
    case 'many':
      program.push({ kind: 'go', to: [start + 1, start + 3] });
      program.push({ kind: 'one', test: node.test });
      program.push({ kind: 'go', to: [start] });
      return;
    case 'sequence':
      for (const part of node.of) emit(part, program);
      return;
    case 'repeated':
      emit(node.of, program);
      program.push({ kind: 'go', to: [start, program.length + 1] });
      return;
    case 'optional':
      program.push({ kind: 'go', to: [] });
      emit(node.of, program);
      program[start] = { kind: 'go', to: [start + 1, program.length] };
      return;
    case 'choice':
      emitChoice(node.of, program);
  }
}

function emitChoice(choices: readonly GlobNode[], program: Step[]): void {
  const start = program.length;
  program.push({ kind: 'go', to: [] });
  const begins: number[] = [];
  const ends: number[] = [];
  for (const choice of choices) {
    begins.push(program.length);
    emit(choice, program);
    ends.push(program.length);
    program.push({ kind: 'go', to: [] });
  }
  program[start] = { kind: 'go', to: begins };
  for (const end of ends) program[end] = { kind: 'go', to: [program.length] };
}

function accepts(program: Program, characters: readonly string[]): boolean {
  let places = reachable(program, [0]);
  for (const character of characters) {
    const moved: number[] = [];
    for (const place of places) {
      const step = program[place];
      if (step?.kind === 'one' && step.test(character)) moved.push(place + 1);
    }
    if (moved.length === 0) return false;
    places = reachable(program, moved);
  }
  return places.has(program.length);
}

function reachable(program: Program, from: readonly number[]): ReadonlySet<number> {
  const seen = new Set(from);
  // A set hands out what is added while it is walked, so this reaches everything once.
  for (const place of seen) {
    const step = program[place];
    if (step?.kind === 'go') for (const next of step.to) seen.add(next);
  }
  return seen;
}
