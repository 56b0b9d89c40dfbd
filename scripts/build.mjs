// Builds dist/: one self-contained CommonJS file per command (start-up is decided by what is loaded),
// the package's main entry, and with --types its declarations.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const commandDir = join(root, 'src/interfaces/cli/commands');
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
const commands = readdirSync(commandDir)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

/** Loads these only when first used: requiring them costs more than most commands do. */
const lazyBuiltins = {
  name: 'lazy-builtins',
  setup(context) {
    const filter = /^(node:)?(child_process|http|https|readline|readline\/promises)$/;
    context.onResolve({ filter }, ({ path, namespace }) => {
      if (namespace === 'lazy') return { path, external: true };
      return { path: path.replace(/^node:/, ''), namespace: 'lazy' };
    });
    context.onLoad({ filter: /.*/, namespace: 'lazy' }, async (args) => {
      // Getters by name, because the bundler copies what a module has before anybody uses it.
      const names = Object.keys(await import(`node:${args.path}`)).filter((name) => name !== 'default');
      const getters = names.map((name) => `get ${name}() { return real().${name}; }`).join(', ');
      const contents = `let loaded; const real = () => (loaded ??= require(${JSON.stringify(`node:${args.path}`)})); module.exports = { ${getters} };`;
      return { contents, loader: 'js' };
    });
  },
};

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

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
await build({
  ...shared,
  format: 'cjs',
  plugins: [lazyBuiltins],
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  entryPoints: commands.map((name) => ({ in: `entry:${name}`, out: name })),
  ...withEntries(),
});
await build({
  ...shared,
  define: { 'process.env.MURMUR8_VERSION': JSON.stringify(version) },
  banner: {},
  minify: false,
  format: 'esm',
  packages: 'external',
  entryPoints: [{ in: 'src/index.ts', out: 'index' }],
  outdir: dist,
});
if (process.argv.includes('--types')) {
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      '--noEmit',
      'false',
      '--allowImportingTsExtensions',
      'false',
      '--emitDeclarationOnly',
      '--declaration',
      '--rootDir',
      'src',
      '--outDir',
      'dist/types',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--skipLibCheck',
      '--types',
      'node',
      '--rewriteRelativeImportExtensions',
      'src/index.ts',
    ],
    { cwd: root, stdio: 'inherit' },
  );
}
writeFileSync(join(dist, 'package.json'), JSON.stringify({ type: 'module' }));

/** Every command file exports `main(argv)`; the entry that calls it is the same for all of them. */
function withEntries() {
  const entries = {
    name: 'command-entries',
    setup(context) {
      context.onResolve({ filter: /^entry:/ }, (args) => ({ path: args.path.slice(6), namespace: 'entry' }));
      context.onLoad({ filter: /.*/, namespace: 'entry' }, (args) => ({
        contents: `import { runCommand } from '../run-command.ts'; import { main } from './${args.path}.ts'; void runCommand(main, ${JSON.stringify(args.path)});`,
        resolveDir: commandDir,
        loader: 'ts',
      }));
    },
  };
  return { plugins: [lazyBuiltins, entries] };
}
