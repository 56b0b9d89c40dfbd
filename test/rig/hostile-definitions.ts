/** A file that is no pipeline, whoever made it. */
export interface HostileDefinition {
  readonly name: string;
  readonly content: () => string | Uint8Array;
  /** What its reader has to be told. */
  readonly says: RegExp;
}

const STAGE = 'stages: [{name: a, run: x}]\n';

/** What a parser of YAML, and whatever reads its result, can be troubled with. */
export const HOSTILE_DEFINITIONS: readonly HostileDefinition[] = [
  {
    name: 'ten megabytes',
    content: () => `name: big\nstages:\n${`  - {name: s, run: "echo ${'x'.repeat(80)}"}\n`.repeat(96_000)}`,
    says: /million characters long/,
  },
  { name: 'aliases that multiply', content: aliasesThatMultiply, says: /:\d+:\d+: error: .*alias/ },
  {
    name: 'an alias within itself',
    content: () => 'name: s\nstages: &s\n  - *s\n',
    says: /:3:5: error: \*s stands within what it stands for/,
  },
  {
    name: 'tabs',
    content: () => 'name: tabs\nstages:\n\t- name: a\n\t  run: x\n',
    says: /:3:1: error: .*tab/,
  },
  {
    name: 'keys that stand twice',
    content: () => 'name: one\nname: two\nstages: [{name: a, run: x, run: y}]\n',
    says: /:2:1: error: the key "name" stands twice[\s\S]*:3:28: error: the key "run" stands twice/,
  },
  {
    name: 'names that are no text',
    content: () =>
      `name: 7\nstages:\n${['[a]', '{b: c}', 'null', 'true'].map((name) => `  - {name: ${name}, run: x}\n`).join('')}`,
    says: /:1:7: error: "name" is text, not 7[\s\S]*:3:13: error[\s\S]*:4:13: error[\s\S]*:5:6: error[\s\S]*:6:12: error/,
  },
  {
    name: 'lists in lists without end',
    content: () => `name: deep\nstages: ${'['.repeat(100_000)}${']'.repeat(100_000)}\n`,
    says: /:2:\d+: error: .*nesting/,
  },
  {
    name: 'conditions in conditions without end',
    content: () =>
      `name: deep\nstages: [{name: a, run: x, when: ${'{not: '.repeat(20_000)}{branch: x}${'}'.repeat(20_000)}}]\n`,
    says: /:2:\d+: error: .*nesting/,
  },
  {
    name: 'null bytes',
    content: () => 'name: nul\nstages: [{name: "a\0b", run: "x\0y"}]\n',
    says: /:2:\d+: error: .*null byte/,
  },
  {
    name: 'no text at all',
    content: () => Uint8Array.from({ length: 16_384 }, (_, index) => index % 256),
    says: /UTF-8/,
  },
  {
    name: 'text in another encoding',
    content: () => Buffer.from(`\ufeffname: wide\n${STAGE}`, 'utf16le'),
    says: /UTF-8/,
  },
  { name: 'nothing', content: () => '', says: /:1:1: error: .*is empty/ },
  { name: 'a word', content: () => 'just text\n', says: /:1:1: error: a pipeline is a map/ },
  {
    name: 'two documents',
    content: () => `name: a\n${STAGE}---\nname: b\n${STAGE}`,
    says: /:4:1: error: a second document/,
  },
  {
    name: 'tags that ask for code',
    content: () => `name: !!js/function "function () {}"\nstages: !!python/object/apply:os.system [x]\n`,
    says: /:1:7: error: .*tag/,
  },
  {
    name: 'the name of every object’s parent',
    content: () => `__proto__: {name: p}\nconstructor: x\nname: p\n${STAGE}`,
    says: /:1:1: error: a key cannot be called "__proto__"[\s\S]*"constructor"/,
  },
  {
    name: 'merge keys',
    content: () => 'name: m\nx-base: &b {run: x}\nstages: [{<<: *b, name: a}]\n',
    says: /:3:11: error: unknown key "<<"/,
  },
  {
    name: 'a cycle through parallel stages',
    content: () =>
      'name: c\nstages:\n  - {name: a, run: x, depends_on: b, parallel_with: c}\n  - {name: b, run: x, parallel_with: a}\n  - {name: c, run: x, depends_on: a}\n',
    says: /:3:35: error: "a" and "b" are to run in parallel[\s\S]*:5:35: error: "c" and "a" are to run in/,
  },
  {
    name: 'a name as long as a book',
    content: () => `name: ${'a'.repeat(100_000)}\n${STAGE}`,
    says: /:1:7: error: "a+…" cannot be a name/,
  },
  {
    name: 'a line as long as a book',
    content: () => `name: l\nstages: [{name: a, rnu: "${'y'.repeat(2_000_000)}"}]\n`,
    says: /unknown key "rnu"[\s\S]*did you mean/,
  },
  {
    name: 'names that steer a terminal',
    content: () => 'name: "\\e[2J"\nstages: [{name: "a\\e]0;x\\a", run: x}]\n',
    says: /:1:7: error: .* cannot be a name/,
  },
  {
    name: 'thousands of mistakes',
    content: () =>
      `name: m\nstages:\n${Array.from({ length: 3_000 }, (_, nth) => `  - {name: s${nth}, agnet: x, timeout: 5}\n`).join('')}`,
    says: /:3:12: error: /,
  },
];

/** Nine times nine times nine values, ten times over, in half a page. */
function aliasesThatMultiply(): string {
  const letters = 'bcdefghijk';
  const lines = [...letters].map((letter, index) => {
    const before = index === 0 ? 'a' : letters[index - 1];
    return `${letter}: &${letter} [${Array(9).fill(`*${before}`).join(', ')}]`;
  });
  return `a: &a [x, x, x, x, x, x, x, x, x]\n${lines.join('\n')}\nname: bomb\nstages: *k\n`;
}
