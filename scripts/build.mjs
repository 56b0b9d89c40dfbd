// Builds dist/: one self-contained CommonJS file per command (start-up is decided by what is loaded) or per
// group of commands that are nearly the same code, the package's main entry, JSON Schemas of what leaves a run, and with --types the entry's declarations.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import {
  ASIDE_FILES,
  asideFiles,
  exportsOf,
  fileOfPackage,
  GIVEN_BY_GROUPS,
  lazyBuiltins,
  ownAside,
  PACKAGES_ASIDE,
  packagesAside,
  workedOut,
} from './bundling.mjs';
import { loadSource } from './load-source.mjs';

// npm pack runs prepack, then prepare: the second build would only take the declarations away again.
if (process.env.npm_lifecycle_event === 'prepare' && process.env.npm_command === 'pack') process.exit();

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const commandDir = join(root, 'src/interfaces/cli/commands');
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
const commands = readdirSync(commandDir, { recursive: true })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3).replaceAll('\\', '/'));
/** Words that stand before other commands, such as `pipeline`: each has a directory of its own. */
const families = new Set(
  commands.filter((name) => name.includes('/')).map((name) => name.slice(0, name.indexOf('/'))),
);

/**
 * Commands over one body of code: it is packed once and not once for each. No command can be named like a group,
 * and the front door takes no name that begins with an underscore.
 */
const GROUPS = {
  _drive: [
    'implement-feature',
    'validate',
    'agents/list',
    'agents/test',
    'resume',
    'answer',
    'pipeline/run',
    'pipeline/resume',
    'pipeline/retry',
    'pipeline/rollback',
    'event/emit',
  ],
  _registry: [
    'pipeline/create',
    'pipeline/update',
    'pipeline/list',
    'pipeline/show',
    'pipeline/delete',
    'pipeline/enable',
    'pipeline/disable',
    'pipeline/graph',
    'pipeline/init',
  ],
  _runs: [
    'cancel',
    'trace',
    'pipeline/status',
    'pipeline/cancel',
    'pipeline/logs',
    'pipeline/history',
    'approval/list',
    'approval/show',
    'approval/approve',
    'approval/reject',
    'approval/delegate',
    'approval/verify',
  ],
  _tasks: [
    'task/new',
    'task/list',
    'task/show',
    'task/update',
    'task/move',
    'task/complete',
    'task/validate',
    'task/stats',
  ],
  _config: [
    'retry-config',
    'feedback-config',
    'cost-config',
    'stack-config',
    'approval-config',
    'notify-config',
  ],
};
for (const [group, names] of Object.entries(GROUPS)) {
  GROUPS[group] = names.filter((name) => commands.includes(name));
  if (GROUPS[group].length === 0) delete GROUPS[group];
}
/** What a family's word means alone, or with options only. */
const ALONE = { agents: 'list' };
/** Bundles that always need what stands aside for others. */
const WHOLE = ['pipeline/validate'];
const grouped = new Set(Object.values(GROUPS).flat());

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: false,
  legalComments: 'none',
  define: { 'process.env.MURMUR8_VERSION': JSON.stringify(version), 'import.meta.url': '__entryUrl' },
  banner: { js: 'const __entryUrl = require("node:url").pathToFileURL(__filename).href;' },
  absWorkingDir: root,
  logLevel: 'warning',
};

const asCommand = {
  ...shared,
  format: 'cjs',
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  // Written as require(): Node's import() sets up a second loader.
  supported: { 'dynamic-import': false },
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await build({
  ...asCommand,
  plugins: [lazyBuiltins, packagesAside],
  entryPoints: PACKAGES_ASIDE.map((name) => ({ in: `package:${name}`, out: fileOfPackage(name) })),
});
for (const name of Object.keys(ASIDE_FILES)) {
  await build({
    ...asCommand,
    plugins: [lazyBuiltins, packagesAside, asideFiles, ownAside(name)],
    entryPoints: [{ in: `aside:${name}`, out: name }],
  });
}
// Names the code that reads definitions, for what is kept of its work.
asCommand.define = {
  ...shared.define,
  'process.env.MURMUR8_GRAMMAR': JSON.stringify(hashOf(join(dist, '_definitions.cjs'))),
};
for (const isWhole of [true, false]) {
  const names = [...commands.filter((name) => !grouped.has(name)), ...Object.keys(GROUPS)];
  await build({
    ...asCommand,
    entryPoints: names
      .filter((name) => WHOLE.includes(name) === isWhole)
      .map((name) => ({ in: `entry:${name}`, out: bundleOf(name) })),
    plugins: [lazyBuiltins, packagesAside, workedOut, ...(isWhole ? [] : [ownAside()]), commandEntries()],
  });
}
await build({
  ...shared,
  define: { 'process.env.MURMUR8_VERSION': JSON.stringify(version) },
  banner: {},
  minify: true,
  keepNames: true,
  format: 'esm',
  packages: 'external',
  entryPoints: [{ in: 'src/index.ts', out: 'index' }],
  outdir: dist,
});
if (process.argv.includes('--types')) {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(root, 'scripts/tsconfig.types.json')], {
    cwd: root,
    stdio: 'inherit',
  });
}
for (const [group, names] of Object.entries(GROUPS)) {
  for (const name of names.filter((name) => !name.includes('/'))) {
    writeFileSync(join(dist, `${name}.cjs`), `require('./${group}.cjs').run(${JSON.stringify(name)});\n`);
  }
}
for (const family of families) writeFileSync(join(dist, `${family}.cjs`), familyDoor(family));
await writeSchemas();
writeFileSync(join(dist, 'package.json'), JSON.stringify({ type: 'module' }));

/** For receivers of telemetry, readers of journals and editors of pipelines, in whatever language they are written. */
async function writeSchemas() {
  const { pipeline, telemetry, runEvent } = await loadSource(`
    import * as z from 'zod';
    import { pipelineJsonSchema } from './src/core/pipeline/json-schema.ts';
    import { telemetryJsonSchema } from './src/core/telemetry/payload-schema.ts';
    import { runEventSchema } from './src/core/run/event.ts';
    export const pipeline = pipelineJsonSchema();
    export const telemetry = telemetryJsonSchema();
    export const runEvent = { ...z.toJSONSchema(runEventSchema), title: 'murmur8 run event' };
  `);
  mkdirSync(join(dist, 'schema'), { recursive: true });
  const write = (name, schema) =>
    writeFileSync(join(dist, 'schema', name), `${JSON.stringify(schema, null, 2)}\n`);
  write('pipeline.json', pipeline);
  write('telemetry.json', telemetry);
  write('run-event.json', runEvent);
}

function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
}

/** Every command file exports `main(argv)`; the entry that calls it is the same for all of them. */
function commandEntries() {
  return {
    name: 'command-entries',
    setup(context) {
      context.onResolve({ filter: /^entry:/ }, (args) => ({ path: args.path.slice(6), namespace: 'entry' }));
      context.onLoad({ filter: /.*/, namespace: 'entry' }, (args) => ({
        contents: Object.hasOwn(GROUPS, args.path) ? groupEntry(args.path) : commandEntry(args.path),
        resolveDir: commandDir,
        loader: 'ts',
      }));
    },
  };
}

function commandEntry(name) {
  return `import { runCommand } from '../run-command.ts'; import { main } from './${name}.ts'; ${run(name, 'main')};`;
}

/** File of a command's own bundle, without its ending. */
function bundleOf(name) {
  if (families.has(name)) return `_family-${name}`;
  return name.includes('/') ? `_${name.replace('/', '-')}` : name;
}

/** A command of a family takes the words after its own name, not after the family's. */
function run(name, main) {
  const [first, second] = name.split('/');
  const called = second === undefined ? main : `(argv) => ${main}(argv.slice(1))`;
  return `void runCommand(${called}, ${JSON.stringify(first)})`;
}

/** Loads the bundle of the command that the second word names, or else of the family's help. */
function familyDoor(family) {
  const bundles = Object.fromEntries(
    commands
      .filter((name) => name.startsWith(`${family}/`))
      .map((name) => {
        const group = Object.entries(GROUPS).find(([, names]) => names.includes(name))?.[0];
        return [name.slice(family.length + 1), group === undefined ? [bundleOf(name)] : [group, name]];
      }),
  );
  const alone = ALONE[family];
  return [
    `const bundles = ${JSON.stringify(bundles)};`,
    ...(alone === undefined
      ? []
      : [
          `if (!/^(?!-).|^(-h|--help)$/.test(process.argv[3] ?? '-')) process.argv.splice(3, 0, '${alone}');`,
        ]),
    "const word = process.argv[3] ?? '';",
    `const [bundle, name] = Object.hasOwn(bundles, word) ? bundles[word] : ['${bundleOf(family)}'];`,
    "const loaded = require('./' + bundle + '.cjs');",
    'if (name !== undefined) loaded.run(name);',
    '',
  ].join('\n');
}

function groupEntry(group) {
  const names = GROUPS[group];
  return [
    "import { runCommand } from '../run-command.ts';",
    ...names.map((name, index) => `import { main as main${index} } from './${name}.ts';`),
    `const runs = { ${names.map((name, index) => `${JSON.stringify(name)}: () => ${run(name, `main${index}`)}`).join(', ')} };`,
    'export const run = (name) => runs[name]();',
    exportsOf(GIVEN_BY_GROUPS[group] ?? []),
  ].join('\n');
}
