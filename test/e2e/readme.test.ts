import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/interfaces/cli/catalogue.ts';
import { type Ended, murmur8 } from '../rig/cli.ts';

const PAGES = [
  'README.md',
  'AGENTS.md',
  'examples/README.md',
  ...['docs', 'docs/agents'].flatMap((directory) =>
    readdirSync(directory)
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${directory}/${name}`),
  ),
];
/** Pages whose content is made again; every one of them in the full test, by naming none. */
const CHECKED = process.env['MURMUR8_TEST_FULL']
  ? []
  : ['README.md', 'docs/journal.md', 'docs/status.md', 'docs/agents/command.md', 'docs/agents/offline.md'];
const NAMES = CATALOGUE.flatMap((group) => group.commands.map(([name]) => name));
const NOWHERE = { cwd: mkdtempSync(join(tmpdir(), 'murmur8-readme-')) };

describe('the manual', () => {
  it('shows what the program really prints, and tables that match the source', () => {
    const checked = spawnSync(process.execPath, ['scripts/docs.mjs', '--check', ...CHECKED], {
      encoding: 'utf8',
    });
    // Pages of agents that are not installed here.
    const skipped = checked.stderr.match(/^SKIPPED: .*$/gm) ?? [];
    for (const line of skipped) console.warn(line);
    expect(checked.stderr.replace(/^SKIPPED: .*\n/gm, '')).toBe('');
    expect(checked.status).toBe(0);
  }, 900_000);

  it.each(PAGES)('names only commands and options that there are (%s)', async (page) => {
    const wrong: string[] = [];
    for (const line of commandLines(readFileSync(page, 'utf8'))) {
      const [name = '', ...words] = line.split(/\s+/);
      if (!NAMES.includes(name)) wrong.push(`no command: murmur8 ${line}`);
      else {
        const help = await helpOf(name, words[0]);
        // What stands in quotes is the command of another program.
        const own = line.replace(/'[^']*'/g, "''");
        for (const [option] of own.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)) {
          if (!new RegExp(`(?<![\\w-])${option}(?![\\w-])`).test(help))
            wrong.push(`no ${option}: murmur8 ${line}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each(PAGES)('has no link that leads nowhere (%s)', (page) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(
      (found) => found[1] ?? '',
    );
    const dead = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const path = file === '' ? page : join(dirname(page), file);
      if (!existsSync(path)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(path, 'utf8')).includes(anchor);
    });
    expect(dead).toEqual([]);
  });

  it('has every page of the manual in the README', () => {
    const readme = readFileSync('README.md', 'utf8');
    expect(PAGES.filter((page) => page.startsWith('docs/') && !readme.includes(`(${page}`))).toEqual([]);
  });

  it('gives two commands that package.json has', () => {
    const readme = readFileSync('README.md', 'utf8');
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(readme).toContain('\nnpm ci && npm run demo\n');
    expect(readme).toContain('\nnpm ci && npm test\n');
    expect(Object.keys(scripts)).toEqual(
      expect.arrayContaining(['demo', 'test', 'bench', 'docs', 'prepare']),
    );
  });

  it('leaves a repository with everything in it when the demo is run', () => {
    const directory = join(NOWHERE.cwd, 'demo');
    const demo = spawnSync(process.execPath, ['scripts/demo.mjs', directory], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: NOWHERE.cwd, GIT_CONFIG_NOSYSTEM: '1', NO_COLOR: '1' },
    });
    expect(demo.status, demo.stderr).toBe(0);
    expect(demo.stdout).toContain(`The repository is in ${directory}`);
    const feature = join(directory, '.blueprint/features/feature_greeting');
    expect(readdirSync(feature)).toEqual(
      expect.arrayContaining(['FEATURE_SPEC.md', 'IMPLEMENTATION_PLAN.md', 'story-careful-input.md']),
    );
    const history = JSON.parse(readFileSync(join(directory, '.claude/pipeline-history.json'), 'utf8'));
    expect(history).toMatchObject([{ slug: 'greeting', status: 'success' }]);
    const git = (...words: string[]) => spawnSync('git', words, { cwd: directory, encoding: 'utf8' }).stdout;
    expect(git('log', '--format=%H', '-1').trim()).toBe(history[0].commitHash);
    expect(git('show', '--name-only', '--format=', 'HEAD').split('\n')).toEqual(
      expect.arrayContaining(['src/greeting.js', 'test/feature_greeting.test.js']),
    );
    // The tests are real: they pass, and fail without the code.
    const test = () =>
      spawnSync(process.execPath, ['--test'], { cwd: directory, env: { PATH: process.env['PATH'] } });
    expect(test().status).toBe(0);
    git('rm', '-q', 'src/greeting.js');
    expect(test().status).not.toBe(0);
  });

  it('is refused a directory that is in use', () => {
    const demo = spawnSync(process.execPath, ['scripts/demo.mjs', 'docs'], { encoding: 'utf8' });
    expect(demo.status).toBe(1);
    expect(demo.stderr).toContain('is not empty');
  });
});

/** What follows `murmur8` where it is meant to be typed: at the beginning of a line of a code block, or of a code span. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/^```[a-z]*\n(.*?)^```$/gms)].map((found) => found[1] ?? '');
  const indented = text.match(/^ {4}\S.*$/gm) ?? [];
  const prose = text.replace(/^```[a-z]*\n.*?^```$/gms, '');
  const lines = [...blocks.flatMap((block) => block.split('\n')), ...indented]
    .map((line) => line.replace(/\s#.*$/, ''))
    .flatMap(
      (line) => /^\s*(?:\$ )?(?:[A-Z0-9_]+=\S* )*(?:npx --no-install )?murmur8 (.+)$/.exec(line)?.[1] ?? [],
    );
  const spans = [...prose.matchAll(/`(?:npx --no-install )?murmur8 ([^`]+)`/g)].map(
    (found) => found[1] ?? '',
  );
  return [...lines, ...spans].map((line) => line.trim()).filter((line) => !/^(…|<command>)/.test(line));
}

const known = new Map<string, Promise<Ended>>();

/** Help of a command, and of the verb behind it where there is one. */
async function helpOf(name: string, verb: string | undefined): Promise<string> {
  const help = (await asked([name])).stdout;
  const isVerb =
    verb !== undefined && new RegExp(`^  ${verb}\\b`, 'm').test(help.split('Commands:')[1] ?? '');
  if (isVerb) return help + (await asked([name, verb])).stdout;
  // Alone it lists them.
  return name === 'agents' ? help + (await asked([name, 'list'])).stdout : help;
}

function asked(words: readonly string[]): Promise<Ended> {
  const key = words.join(' ');
  const run = known.get(key) ?? murmur8([...words, '--help'], NOWHERE);
  known.set(key, run);
  return run;
}

/** As GitHub makes them out of headings. */
function anchorsOf(text: string): string[] {
  return (text.match(/^#+ .*$/gm) ?? []).map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
