// How the files of dist/ are cut: what is loaded when a command starts, and what only once something of it is used.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSource } from './load-source.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Packages that many commands can need and few calls do: each is a file of its own. No group can be named like one. */
export const PACKAGES_ASIDE = ['commander', 'croner', 'chalk', 'js-yaml'];
/** All that is used of a package of which much is not. */
const USED_OF = {
  'js-yaml': [
    'CORE_SCHEMA',
    'EVENT_ID',
    'YAMLException',
    'constructFromEvents',
    'defineMappingTag',
    'getScalarValue',
    'load',
    'parseEvents',
  ],
};

/**
 * Modules of our own of the same kind, by the file that they share: they hold much code, or build schemas while they
 * are loaded. Every file has a copy of what its modules import, so nothing in it may keep state for the process.
 */
export const ASIDE_FILES = {
  _agents: [
    'src/core/agent/acp-failure.ts',
    'src/core/agent/acp-permission.ts',
    'src/core/agent/acp-question.ts',
    'src/core/agent/acp-update.ts',
    'src/core/agent/acp-usage.ts',
    'src/core/agent/codex-stream.ts',
    'src/core/agent/gemini-policy.ts',
    'src/core/agent/gemini-stream.ts',
    'src/core/agent/opencode-settings.ts',
    'src/core/agent/opencode-stream.ts',
  ],
  _definitions: ['src/core/agent-role.ts', 'src/core/pipeline/parse.ts'],
  _offline: ['src/edges/agents/offline.ts'],
  _schemas: [
    'src/core/agent/answer.ts',
    'src/core/config/approval-config.ts',
    'src/core/config/cost-config.ts',
    'src/core/config/feedback-config.ts',
    'src/core/config/notify-config.ts',
    'src/core/config/retry-config.ts',
    'src/core/config/stack-config.ts',
    'src/core/feature/feedback.ts',
    'src/core/feature/report/go.ts',
    'src/core/feature/report/jest.ts',
    'src/core/feature/report/mocha.ts',
    'src/core/feature/stack.ts',
    'src/core/feature/traceability.ts',
    'src/edges/config/key-path.ts',
    'src/edges/config/kinds.ts',
    'src/edges/containment/stored-record.ts',
    'src/edges/store/parse-event.ts',
  ],
  _taskfiles: [
    'src/core/task/edit-task.ts',
    'src/core/task/execution.ts',
    'src/core/task/meta.ts',
    'src/core/task/parse-task.ts',
    'src/core/task/write-task.ts',
  ],
};

/**
 * What a group gives to the commands outside of it: one drives runs from the beginning to the end, and tells a task of
 * it; one reads tasks.
 */
export const GIVEN_BY_GROUPS = {
  _drive: ['src/compose/tasks/record-attempt.ts', 'src/interfaces/cli/resume-feature.ts'],
  _tasks: ['src/compose/tasks/list.ts'],
};

const STATEFUL = /[/\\]src[/\\](compose|edges[/\\](git|process)|engine|interfaces)[/\\]/;

/** Loads these only when first used: requiring them costs more than most commands do. */
export const lazyBuiltins = {
  name: 'lazy-builtins',
  setup(context) {
    const filter = /^(node:)?(child_process|crypto|fs\/promises|http|https|readline|readline\/promises|v8)$/;
    context.onResolve({ filter }, ({ path, namespace }) => {
      if (namespace === 'lazy') return { path, external: true };
      return { path: path.replace(/^node:/, ''), namespace: 'lazy' };
    });
    context.onLoad({ filter: /.*/, namespace: 'lazy' }, async (args) => {
      // By name, because the bundler copies what a module has before anybody uses it.
      const names = Object.keys(await import(`node:${args.path}`)).filter((name) => name !== 'default');
      return { contents: lazily(`node:${args.path}`, names), loader: 'js' };
    });
  },
};

export const packagesAside = {
  name: 'packages-aside',
  setup(context) {
    context.onResolve({ filter: /^package:/ }, ({ path }) => ({ path: path.slice(8), namespace: 'package' }));
    context.onLoad({ filter: /.*/, namespace: 'package' }, async ({ path }) => ({
      contents: `export { ${(await namesOf(path)).join(', ')} } from ${JSON.stringify(path)};`,
      resolveDir: root,
    }));
    const filter = new RegExp(`^(${PACKAGES_ASIDE.join('|')})$`);
    context.onResolve({ filter }, ({ path, namespace }) =>
      namespace === 'package' ? undefined : { path, namespace: 'package-aside' },
    );
    // Read from where they are installed, each by the one command that uses them: nobody waits for it.
    context.onResolve({ filter: /^(@agentclientprotocol|@opentelemetry|nodemailer)\// }, ({ path }) => ({
      path,
      external: true,
    }));
    context.onResolve({ filter: /^\.\/_/, namespace: 'package-aside' }, ({ path }) => ({
      path,
      external: true,
    }));
    context.onLoad({ filter: /.*/, namespace: 'package-aside' }, async ({ path }) => ({
      contents: lazily(`./${fileOfPackage(path)}.cjs`, await namesOf(path)),
      loader: 'js',
    }));
  },
};

/** Makes the files that stand aside, from entry points named `aside:<file>`; fails where one would hold state. */
export const asideFiles = {
  name: 'aside-files',
  setup(context) {
    context.onResolve({ filter: /^aside:/ }, ({ path }) => ({ path: path.slice(6), namespace: 'aside' }));
    context.onLoad({ filter: /.*/, namespace: 'aside' }, ({ path }) => ({
      contents: exportsOf(ASIDE_FILES[path]),
      resolveDir: root,
      loader: 'ts',
    }));
    context.onLoad({ filter: STATEFUL }, ({ path }) => ({
      errors: [
        { text: `${relative(root, path)} keeps state and cannot stand in a file beside the commands` },
      ],
    }));
  },
};

/**
 * In every other bundle, these modules are read from their files when something of them is first used; `within` is the
 * file that is being made, if it is one of theirs.
 */
export const ownAside = (within) => ({
  name: 'own-aside',
  setup(context) {
    const files = Object.entries({ ...ASIDE_FILES, ...GIVEN_BY_GROUPS }).filter(([file]) => file !== within);
    const fileOf = new Map(files.flatMap(([file, modules]) => modules.map((module) => [module, file])));
    context.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir, namespace }) => {
      const module = relative(root, resolve(resolveDir, path)).replaceAll('\\', '/');
      if (namespace === 'own-aside') return { path, external: true };
      return fileOf.has(module) ? { path: module, namespace: 'own-aside' } : undefined;
    });
    context.onLoad({ filter: /.*/, namespace: 'own-aside' }, ({ path }) => ({
      contents: lazily(`./${fileOf.get(path)}.cjs`, exportedNames(path)),
      loader: 'js',
    }));
  },
});

/** Modules whose exports are the same at every start: they are worked out now, and stand in the bundles as they are. */
export const workedOut = {
  name: 'worked-out',
  setup(context) {
    context.onLoad({ filter: /[/\\]src[/\\]edges[/\\]config[/\\]defaults\.ts$/ }, async ({ path }) => {
      const values = Object.entries(await loadSource(`export * from ${JSON.stringify(path)};`));
      return {
        contents: values
          .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
          .join('\n'),
      };
    });
  },
};

/** File of a package that stands aside, without its ending. */
export function fileOfPackage(name) {
  return `_${name.replaceAll('-', '')}`;
}

/** Source that gives out everything that these modules export. */
export function exportsOf(modules) {
  return modules.map((module) => `export * from ${JSON.stringify(join(root, module))};`).join('\n');
}

function lazily(file, names) {
  const getters = names.map((name) => `get ${name}() { return real().${name}; }`).join(', ');
  return `let loaded; const real = () => (loaded ??= require(${JSON.stringify(file)})); module.exports = { ${getters} };`;
}

async function namesOf(name) {
  return USED_OF[name] ?? Object.keys(await import(name)).filter((each) => each !== 'default');
}

function exportedNames(module) {
  const text = readFileSync(join(root, module), 'utf8');
  return [...text.matchAll(/^export (?:async )?(?:class|const|function\*?) (\w+)/gm)].map(([, name]) => name);
}
