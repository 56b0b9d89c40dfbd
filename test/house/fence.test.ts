import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CRUISE = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const config: { readonly forbidden: readonly { readonly name: string; readonly comment?: string }[] } =
  createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs'));

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

function cruise(cwd: string, ...folders: string[]): Cruise {
  const args = [CRUISE, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders];
  const { stdout } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 27 });
  const result: Cruise = JSON.parse(stdout);
  return result;
}

/** File, what it imports, and the rules that it must break: all of them, and no other. */
const OFFENCES: readonly (readonly [file: string, imports: string, ...rules: string[]])[] = [
  ['src/core/reaches-out.ts', '../engine/ports.ts', 'core-is-pure'],
  ['src/core/reads.ts', 'node:fs', 'core-is-pure', 'only-edges-touch-files'],
  ['src/core/colours.ts', 'chalk', 'core-packages'],
  ['src/engine/names-an-edge.ts', '../edges/git/git.ts', 'engine-knows-ports-only'],
  ['src/engine/uses-node.ts', 'node:os', 'engine-knows-ports-only'],
  ['src/edges/git/leans.ts', '../store/store.ts', 'edges-stand-alone'],
  ['src/edges/git/wires.ts', '../../compose/wiring.ts', 'edges-below-interfaces'],
  ['src/edges/git/drives.ts', '../../engine/drive.ts', 'edges-below-interfaces'],
  ['src/interfaces/cli/goes-past.ts', '../../edges/git/git.ts', 'interfaces-use-compose'],
  ['src/interfaces/server/shows.ts', '../cli/words.ts', 'server-without-cli'],
  ['web/takes-core.ts', '../src/core/result.ts', 'web-takes-the-contract'],
  ['src/edges/git/spawns.ts', 'node:child_process', 'one-place-spawns'],
  ['src/compose/spawns.ts', 'child_process', 'one-place-spawns'],
  ['src/compose/reads.ts', 'node:fs/promises', 'only-edges-touch-files'],
  ['src/compose/round-one.ts', './round-two.ts', 'no-cycles'],
  ['src/compose/tests.ts', '../../test/rig.ts', 'src-ships'],
  ['src/compose/develops.ts', 'vitest', 'src-without-dev-packages'],
  ['src/compose/guesses.ts', './nowhere.ts', 'everything-resolves'],
];

const ALLOWED: readonly (readonly [file: string, imports: string])[] = [
  ['src/core/checks.ts', 'zod'],
  ['src/core/uses-core.ts', './result.ts'],
  ['src/engine/drive.ts', './ports.ts'],
  ['src/engine/ports.ts', '../core/result.ts'],
  ['src/edges/git/git.ts', '../files/files.ts'],
  ['src/edges/git/implements.ts', '../../engine/ports.ts'],
  ['src/edges/git/runs.ts', '../process/process.ts'],
  ['src/edges/store/store.ts', 'node:fs'],
  ['src/edges/process/process.ts', 'node:child_process'],
  ['src/compose/wiring.ts', '../edges/store/store.ts'],
  ['src/interfaces/cli/words.ts', '../../compose/wiring.ts'],
  ['src/interfaces/contract/wire.ts', 'zod'],
  ['web/takes-contract.ts', '../src/interfaces/contract/wire.ts'],
];

describe('the fence', () => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'murmur8-fence-')));
  let found: Cruise;

  beforeAll(() => {
    const write = (file: string, text: string): void => {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), text);
    };
    for (const file of ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json'])
      copyFileSync(join(ROOT, file), join(directory, file));
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    for (const file of ['src/core/result.ts', 'src/edges/files/files.ts', 'test/rig.ts'])
      write(file, 'export const it = 1;\n');
    // The other half of the circle; the offence is named once.
    write('src/compose/round-two.ts', `export * as one from './round-one.ts';\n`);
    for (const [file, imports] of [...OFFENCES, ...ALLOWED])
      write(file, `import * as other from '${imports}';\nexport const it: unknown = other;\n`);
    found = cruise(directory, 'src', 'web');
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const rulesBroken = (file: string) =>
    found.summary.violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);

  test.each(OFFENCES)('holds back %s that imports %s', (file, _imports, ...rules) => {
    expect([...new Set(rulesBroken(file))].sort()).toEqual([...rules].sort());
  });

  test.each(ALLOWED)('lets %s import %s', (file) => {
    expect(rulesBroken(file)).toEqual([]);
  });

  test('has no rule without an offence here, and none without a reason', () => {
    const offended = new Set(OFFENCES.flatMap(([, , ...rules]) => rules));
    expect(config.forbidden.map(({ name }) => name).filter((name) => !offended.has(name))).toEqual([]);
    expect(config.forbidden.filter(({ comment }) => (comment ?? '').length < 20)).toEqual([]);
  });
});

test('the fence sees every file of src, and none breaks a rule', () => {
  const { modules, summary } = cruise(ROOT, 'src');
  const seen = modules.map(({ source }) => source).filter((source) => /^src\/.*\.ts$/.test(source));
  const files = execFileSync('find', ['src', '-name', '*.ts'], { cwd: ROOT, encoding: 'utf8' });
  expect(seen.sort()).toEqual(files.trim().split('\n').sort());
  expect(summary.violations).toEqual([]);
  expect(readdirSync(join(ROOT, 'src')).length).toBeGreaterThan(4);
});
