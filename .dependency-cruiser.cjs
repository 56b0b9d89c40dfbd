/**
 * The architecture as lint rules. Every rule says why; test/house/fence.test.ts proves that each one fires.
 */
const CHILD_PROCESS = '^(node:)?child_process$';
const FILES = '^(node:)?fs(/promises)?$';

module.exports = {
  forbidden: [
    {
      name: 'core-is-pure',
      comment: 'The core decides from its inputs alone, so that every rule can be tested without a process.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: '^src/core/', dependencyTypesNot: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'] },
    },
    {
      name: 'core-packages',
      comment:
        'Only packages without side effects may stand under the core. croner is one where a start date is given.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { dependencyTypes: ['npm'], pathNot: 'node_modules/(zod|js-yaml|croner)/' },
    },
    {
      name: 'engine-knows-ports-only',
      comment: 'The engine drives whatever implements its ports; naming an edge would bind it to one world.',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { pathNot: '^src/(core|engine)/' },
    },
    {
      name: 'edges-stand-alone',
      comment:
        'An edge that leans on another edge cannot be replaced alone. Files and processes are the shared ground.',
      severity: 'error',
      from: { path: '^src/edges/([^/]+)/' },
      to: { path: '^src/edges/', pathNot: '^src/edges/(files|process|$1)/' },
    },
    {
      name: 'edges-below-interfaces',
      comment: 'Edges do; they never show and never wire.',
      severity: 'error',
      from: { path: '^src/edges/' },
      to: { path: '^src/(interfaces|compose)/|^src/engine/(?!ports)' },
    },
    {
      name: 'interfaces-use-compose',
      comment: 'What an interface needs of the world is wired for it in compose.',
      severity: 'error',
      from: { path: '^src/interfaces/' },
      to: { path: '^src/edges/' },
    },
    {
      name: 'server-without-cli',
      comment: 'The server must start without the terminal code.',
      severity: 'error',
      from: { path: '^src/interfaces/server/' },
      to: { path: '^src/interfaces/cli/' },
    },
    {
      name: 'web-takes-the-contract',
      comment: 'The dashboard is built for browsers and shares only the wire types.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^src/', pathNot: '^src/interfaces/contract/' },
    },
    {
      name: 'one-place-spawns',
      comment: 'Process groups, limits and clean ends are kept in one place.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/edges/process/' },
      to: { path: CHILD_PROCESS },
    },
    {
      name: 'only-edges-touch-files',
      comment: 'Reading and writing files is what edges are for.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/edges/' },
      to: { path: FILES },
    },
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'src-ships',
      comment: 'What ships may not lean on tests or on packages that are not installed with it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'src-without-dev-packages',
      comment: 'Packages for development are not there at a user.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'everything-resolves',
      comment: 'An import that the fence cannot follow is an import it cannot judge.',
      severity: 'error',
      from: { path: '^(src|web)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    moduleSystems: ['es6', 'cjs'],
  },
};
