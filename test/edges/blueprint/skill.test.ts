import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../src/interfaces/cli/exit-code.ts';

const text = readFileSync('SKILL.md', 'utf8');
const [, frontmatter = '', body = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(text) ?? [];

/** Options in the skill that are not of one command. */
const GENERAL = ['--no-install', '--help'];

/** The options that the skill names, by command: those outside of a command's code span are `implement-feature`'s. */
const named = new Map<string, Set<string>>();
for (const [span] of body.matchAll(/`[^`\n]+`|^npx .*$|(?<![\w-])--[a-z][a-z-]*/gm)) {
  const command = /murmur8 ([a-z-]+)/.exec(span)?.[1] ?? 'implement-feature';
  const options = named.get(command) ?? new Set();
  named.set(command, options);
  for (const [option] of span.matchAll(/(?<![\w-])--[a-z][a-z-]*/g))
    if (!GENERAL.includes(option)) options.add(option);
}
const commands = [...new Set([...body.matchAll(/murmur8 ([a-z-]+)/g)].map((found) => found[1] ?? ''))].filter(
  (word) => !['is', 'run'].includes(word),
);

describe('the skill', () => {
  it('keeps to the Agent Skills format', () => {
    const fields = load(frontmatter) as Record<string, string>;
    expect(fields['name']).toBe('implement-feature');
    expect(fields['description']?.length).toBeGreaterThan(100);
    expect(fields['description']?.length).toBeLessThanOrEqual(1024);
    expect(fields['compatibility']?.length).toBeLessThanOrEqual(500);
    const allowed = ['name', 'description', 'license', 'compatibility', 'metadata', 'allowed-tools'];
    expect(Object.keys(fields).filter((key) => !allowed.includes(key))).toEqual([]);
    expect(body.split('\n').length).toBeLessThan(500);
  });

  it('never lets npx fetch a package of the same name', () => {
    for (const line of text.match(/npx .*/g) ?? []) expect(line).toMatch(/^npx --no-install( murmur8|`|:)/);
  });

  it('explains every exit code', () => {
    for (const code of Object.values(EXIT))
      expect(body).toMatch(new RegExp(`^\\| (\\d+, )?${code}(, \\d+)? *\\|`, 'm'));
  });

  // These hold once the commands are built; until then there is no help to hold the skill against.
  it.skipIf(!existsSync('dist/implement-feature.cjs'))('names only options that there are', () => {
    expect(named.get('implement-feature')?.size).toBeGreaterThan(5);
    for (const [command, options] of named) {
      const offered: readonly string[] = helpOf(command).match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];
      expect(
        [...options].filter((option) => !offered.includes(option)),
        command,
      ).toEqual([]);
    }
  });

  it.skipIf(!existsSync('dist/implement-feature.cjs'))('names only commands that there are', () => {
    expect(commands.filter((name) => !existsSync(`dist/${name}.cjs`))).toEqual([]);
  });
});

function helpOf(command: string): string {
  return spawnSync(process.execPath, ['bin/murmur8.cjs', command, '--help'], { encoding: 'utf8' }).stdout;
}
