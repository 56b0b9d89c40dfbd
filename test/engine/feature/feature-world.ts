import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { costConfigSchema } from '../../../src/core/config/cost-config.ts';
import { feedbackConfigSchema } from '../../../src/core/config/feedback-config.ts';
import { retryConfigSchema } from '../../../src/core/config/retry-config.ts';
import { detectStack } from '../../../src/core/feature/stack-detection.ts';
import { parsePipeline } from '../../../src/core/pipeline/parse.ts';
import { ok } from '../../../src/core/result.ts';
import { apply } from '../../../src/core/run/apply.ts';
import type { RunEventBody, RunSettings } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import type { FeatureWorld } from '../../../src/engine/feature/world.ts';
import type { AgentOrder, AgentOutcome, Checkpoint, FileChange } from '../../../src/engine/ports.ts';
import { createSpending } from '../../../src/engine/spending.ts';

export const SLUG = 'greeting';
export const FEATURE_ID = 'a3f8c2d1-7e54-4b09-8f16-23a1e5d94c72';
const EXECUTION = '11111111-1111-4111-8111-111111111111';

const definition = await parsePipeline(
  readFileSync(new URL('../../../.blueprint/pipelines/implement-feature.yaml', import.meta.url), 'utf8'),
  'implement-feature.yaml',
);

/** A working copy in memory: files, a head, and checkpoints that remember both. */
export interface FakeWorld extends FeatureWorld {
  readonly contents: Map<string, string>;
  readonly orders: AgentOrder[];
  readonly checkpoints: Map<string, ReadonlyMap<string, string>>;
  readonly commits: { readonly paths: readonly string[]; readonly message: string }[];
  head: string | null;
  branch: string | null;
  /** What the agent does and how it says that it ended. */
  agent: (order: AgentOrder) => AgentOutcome;
  /** Left as the typed answer. */
  answer: unknown;
}

export function aWorld(special: Partial<FeatureWorld> = {}): FakeWorld {
  const contents = new Map<string, string>([['README.md', '# Project\n']]);
  const trees = new Map<string, ReadonlyMap<string, string>>();
  const checkpoints = new Map<string, ReadonlyMap<string, string>>();
  const record = (): string => {
    const tree = createHash('sha1')
      .update(JSON.stringify([...contents].sort()))
      .digest('hex');
    trees.set(tree, new Map(contents));
    return tree;
  };
  const changesAfter = ({ tree }: Checkpoint): readonly FileChange[] => {
    const before = trees.get(tree) ?? new Map();
    const paths = new Set([...before.keys(), ...contents.keys()]);
    const changed = [...paths].filter((path) => before.get(path) !== contents.get(path)).sort();
    return changed.map((path) => ({ path, kind: contents.has(path) ? 'update' : 'delete' }));
  };
  const role = (name: string) => ({
    name,
    description: name,
    instructions: `You are ${name}.`,
    file: `${name}.md`,
  });
  const world: FakeWorld = {
    contents,
    checkpoints,
    orders: [],
    commits: [],
    head: 'head-1',
    branch: 'refs/heads/main',
    agent: () => ({ outcome: 'ok' }),
    answer: undefined,
    root: '/project',
    repository: {
      state: async () =>
        ok({ root: '/project', mainRoot: '/project', branch: 'main', head: world.head, dirty: [] }),
      checkpoint: async (name) => {
        const tree = record();
        checkpoints.set(name, new Map(contents));
        return ok({ commit: `commit-of-${tree}`, tree, head: world.head, branch: world.branch });
      },
      changesSince: async (checkpoint) => ok(changesAfter(checkpoint)),
      lookSince: async (checkpoint) =>
        ok({ head: world.head, branch: world.branch, changes: changesAfter(checkpoint) }),
      restore: async ({ tree }, paths) => {
        for (const path of paths) {
          const text = trees.get(tree)?.get(path);
          if (text === undefined) contents.delete(path);
          else contents.set(path, text);
        }
        return ok(undefined);
      },
      show: async ({ tree }, path) => ok(trees.get(tree)?.get(path)),
      diff: async (_checkpoint, paths) => ok(paths.join('\n')),
      commit: async (paths, message) => {
        world.commits.push({ paths, message });
        world.head = `head-${world.commits.length + 1}`;
        return ok({ commit: world.head });
      },
      moveHeadBack: async ({ head, branch }) => {
        world.head = head;
        world.branch = branch;
        return ok(undefined);
      },
      canCommit: async () => ok(undefined),
      identity: async () => ({}),
    },
    files: {
      read: async (path) => ok(contents.get(path)),
      write: async (path, text) => {
        contents.set(path, text);
        return ok(undefined);
      },
      list: async (directory) =>
        [...contents.keys()]
          .filter((path) => path.startsWith(`${directory}/`))
          .map((path) => path.slice(directory.length + 1)),
      exists: async (path) => contents.has(path),
    },
    commands: { run: async () => ({ outcome: 'ok', exitCode: 0, stdout: '', stderr: '', durationMs: 1 }) },
    clock: { now: () => Date.parse('2026-11-21T10:00:00.000Z'), id: () => EXECUTION },
    person: {
      present: false,
      gate: async () => ({ answer: 'pause' }),
      answer: async () => undefined,
      revision: async () => undefined,
      preview: async () => 'abort',
    },
    stack: detectStack(() => undefined, []),
    feedback: feedbackConfigSchema.parse({}),
    costs: costConfigSchema.parse({}),
    runner: () =>
      ok({
        name: 'fake',
        probe: async () => ok({ runner: 'fake', login: 'ok', reportsCost: true }),
        run: async (order) => {
          world.orders.push(order);
          return world.agent(order);
        },
      }),
    roles: new Map(['alex', 'cass', 'nigel', 'codey'].map((name) => [name, role(name)])),
    spending: createSpending(),
    defaultRunner: 'fake',
    prompt: async (name) => ok(`Do the work of ${name}.\n`),
    guardrails: 'Be careful.',
    places: (_state, name) => ({
      answerFile: `/answers/${name}`,
      logFile: `/logs/${name}`,
      scratchDir: '/scratch',
      homeDir: '/home',
    }),
    secretLines: (text) => text.split('\n').flatMap((line, at) => (line.includes('hush') ? [at + 1] : [])),
    readAnswer: async () => world.answer,
    watch: () => {},
    ...special,
  };
  return world;
}

/** A run of the shipped pipeline after the events given. */
export function aState(
  events: readonly RunEventBody[] = [],
  special: {
    readonly settings?: Partial<RunSettings>;
    readonly base?: Checkpoint;
    readonly dirty?: string[];
  } = {},
): RunState {
  if (!definition.ok) throw new Error(definition.error.message);
  const created: RunEventBody = {
    type: 'run.created',
    pipeline: structuredClone(definition.value) as Extract<RunEventBody, { type: 'run.created' }>['pipeline'],
    feature: { slug: SLUG, featureId: FEATURE_ID, briefPath: 'brief.md' },
    settings: {
      feedback: true,
      commit: true,
      diffPreview: true,
      interactive: false,
      recordHistory: true,
      yes: false,
      limits: {},
      ...special.settings,
    },
    variables: {},
    failureRates: {},
    retry: retryConfigSchema.parse({}),
    workingTree: '/project',
    head: 'head-1',
    dirty: special.dirty ?? [],
    version: '5.0.0',
    ...(special.base === undefined ? {} : { base: { commit: special.base.commit, tree: special.base.tree } }),
  };
  let state: RunState | undefined;
  const all: RunEventBody[] = [created, { type: 'segment.started', previousRunId: null }, ...events];
  for (const [index, body] of all.entries()) {
    const at = new Date(Date.parse('2026-11-21T10:00:00.000Z') + index).toISOString();
    state = apply(state, { v: 1, seq: index + 1, epoch: 1, at, runId: EXECUTION, ...body });
  }
  if (state === undefined) throw new Error('a run begins with an event');
  return state;
}
