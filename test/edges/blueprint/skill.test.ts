import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../src/interfaces/cli/exit-code.ts';

const text = readFileSync('SKILL.md', 'utf8');
const [, frontmatter = '', body = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(text) ?? [];

/** Options in the skill that are not `implement-feature`'s own. */
const GENERAL = ['--no-install', '--help'];
const named = [...new Set(body.match(/(?<![\w-])--[a-z][a-z-]*/g))].filter((word) => !GENERAL.includes(word));
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
  it.skipIf(!existsSync('dist/implement-feature.cjs'))(
    'names exactly the options of implement-feature',
    () => {
      const help = helpOf('implement-feature');
      const offered = [...new Set(help.match(/(?<![\w-])--[a-z][a-z-]*/g))].filter(
        (word) => word !== '--help',
      );
      expect(named.filter((word) => !offered.includes(word))).toEqual([]);
    },
  );

  it.skipIf(!existsSync('dist/implement-feature.cjs'))('names only commands that there are', () => {
    expect(commands.filter((name) => !existsSync(`dist/${name}.cjs`))).toEqual([]);
  });
});

function helpOf(command: string): string {
  return spawnSync(process.execPath, ['bin/murmur8.cjs', command, '--help'], { encoding: 'utf8' }).stdout;
}
