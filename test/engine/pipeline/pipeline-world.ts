import type { AgentEvent } from '../../../src/core/agent/event.ts';
import { createMasker } from '../../../src/core/agent/mask.ts';
import { costConfigSchema } from '../../../src/core/config/cost-config.ts';
import type { AttemptWork, Work } from '../../../src/core/decide/decision.ts';
import { globMatcher } from '../../../src/core/glob/match.ts';
import type { Stage } from '../../../src/core/pipeline/definition.ts';
import { ok } from '../../../src/core/result.ts';
import type { RunCreated, RunEventBody } from '../../../src/core/run/event.ts';
import type { RunState } from '../../../src/core/run/state.ts';
import { createPipelineWork } from '../../../src/engine/pipeline/pipeline-work.ts';
import type { PipelineWorld } from '../../../src/engine/pipeline/world.ts';
import type { AgentOrder, AgentOutcome, CommandOrder, CommandOutcome } from '../../../src/engine/ports.ts';
import { createSpending } from '../../../src/engine/spending.ts';
import { aPipeline, aStage, begun, created, started, stateAfter } from '../../rig/run-builder.ts';
import { sha256 } from '../../rig/simulate.ts';

/** A value that the world knows for a secret. */
export const SECRET = 'hunter2-hunter2';
export const NOW = Date.parse('2026-01-06T09:00:00.000Z');

/** A project in memory, and programs that do what the test says. */
export interface FakeWorld extends PipelineWorld {
  /** Files of the project by path. */
  readonly files: Map<string, string>;
  /** What attempts left as outputs and answers, by place. */
  readonly left: Map<string, string>;
  readonly orders: CommandOrder[];
  /** Directories that were made. */
  readonly made: string[];
  readonly agents: AgentOrder[];
  readonly watched: (readonly [stage: string, frame: number, attempt: number, event: AgentEvent])[];
  /** What a command does; it ends well unless it says otherwise. */
  command: (order: CommandOrder) => Partial<CommandOutcome>;
  /** What an agent does and how it says that it ended. */
  agent: (order: AgentOrder, onEvent: (event: AgentEvent) => void) => AgentOutcome;
  /** Left as the typed answer. */
  answer: unknown;
  /** The commit that is checked out. */
  commit: string | null;
}

export function aWorld(special: Partial<PipelineWorld> = {}): FakeWorld {
  const files = new Map<string, string>();
  const left = new Map<string, string>();
  const orders: CommandOrder[] = [];
  const role = (name: string) => ({
    name,
    description: name,
    instructions: `You are ${name}.`,
    file: `${name}.md`,
  });
  const outputFileOf = (name: string) => `/state/${name}.outputs`;
  const world: FakeWorld = {
    files,
    left,
    agents: [],
    watched: [],
    made: [],
    command: () => ({}),
    agent: () => ({ outcome: 'ok' }),
    answer: undefined,
    commit: 'c0ffee',
    root: '/project',
    orders,
    commands: {
      run: async (order) => {
        orders.push(order);
        return { outcome: 'ok', exitCode: 0, stdout: '', stderr: '', durationMs: 1, ...world.command(order) };
      },
    },
    clock: { now: () => NOW, id: () => 'approval-1' },
    digest: sha256,
    costs: costConfigSchema.parse({}),
    person: { present: false, answer: async () => undefined },
    runner: (name) =>
      ok({
        name,
        probe: async () => ok({ runner: name, login: 'ok', reportsCost: true }),
        run: async (order, onEvent) => {
          world.agents.push(order);
          return world.agent(order, onEvent);
        },
      }),
    roles: new Map(['deployer', 'undoer', 'reviewer'].map((name) => [name, role(name)])),
    spending: createSpending(),
    defaultRunner: 'fake',
    prompt: async (name) => ok(PROMPTS[name] ?? ''),
    guardrails: 'Be careful.',
    places: (_state, name) => {
      left.delete(outputFileOf(name));
      left.delete(`/state/${name}.answer`);
      return {
        answerFile: `/state/${name}.answer`,
        outputFile: outputFileOf(name),
        logFile: `/state/${name}.log`,
        scratchDir: '/scratch',
        homeDir: '/home',
      };
    },
    outputFileOf: (_state, name) => outputFileOf(name),
    readLeft: async (place) => {
      const typed = place.endsWith('.answer') && world.answer !== undefined;
      return ok(left.get(place) ?? (typed ? JSON.stringify(world.answer) : undefined));
    },
    readFile: async (path) => ok(files.get(path)),
    find: async (globs, directory, limit) => {
      const below = directory === '.' ? '' : `${directory}/`;
      const paths = [...files.keys()].filter((path) => path.startsWith(below));
      const matches = globMatcher(globs);
      return ok(
        paths
          .map((path) => path.slice(below.length))
          .filter(matches)
          .sort()
          .slice(0, limit),
      );
    },
    isDirectory: async (path) =>
      path === '.' || [...files.keys()].some((file) => file.startsWith(`${path}/`)),
    makeDirectory: async (path) => {
      world.made.push(path);
      return ok(path);
    },
    head: async () => ok(world.commit),
    defaultApprovers: [],
    mask: createMasker([SECRET]),
    notify: async () => ok([]),
    watch: (...seen) => {
      world.watched.push(seen);
    },
    ...special,
  };
  return world;
}

const PROMPTS: Readonly<Record<string, string>> = {
  stage:
    '# {{stage}} of {{pipeline}}\n{{runId}} {{environment}}\ntask: {{task}}\noutputs: {{outputs}} to {{outputFile}}\nproduces: {{produces}}\n{{guardrails}}\n',
  audit:
    '# audit {{stage}} of {{pipeline}}\n{{runId}} {{environment}}\ntask: {{task}}\nasked: {{asked}}\nitem: {{item}}\nfiles: {{files}}\noutputs: {{outputs}}\nto {{answerFile}}\n{{guardrails}}\n',
  undo: '# undo {{stage}} of {{pipeline}}\n{{runId}} {{environment}}\ndone: {{task}}\nleft: {{left}}\nwhy: {{reason}}\n{{guardrails}}\n',
};

/** A stage by a command. */
export function aCommand(run: string, different: Partial<Stage> = {}): Stage {
  return aStage('deploy', { work: { kind: 'command', run }, retries: 0, repairs: 0, ...different });
}

/** A stage by an agent. */
export function anAgent(task: string | undefined, different: Partial<Stage> = {}): Stage {
  const work = { kind: 'agent', agent: 'deployer', ...(task === undefined ? {} : { task }) } as const;
  return aStage('deploy', { work, ...different });
}

/** A run of these stages to which that happened. */
export function aRun(
  stages: readonly Stage[],
  events: readonly RunEventBody[] = [],
  special: Partial<RunCreated> & { readonly declared?: Readonly<Record<string, string>> } = {},
): RunState {
  const { declared = {}, ...rest } = special;
  return stateAfter(created(aPipeline(stages, { variables: declared }), rest), ...events);
}

/** The same, with the first attempt at the stage `deploy` under way. */
export function underWay(
  stages: readonly Stage[],
  events: readonly RunEventBody[] = [],
  special: Parameters<typeof aRun>[2] = {},
): RunState {
  return aRun(stages, [...events, started('deploy'), begun('deploy')], special);
}

/** What is recorded of a piece of work; a problem is thrown. */
export async function perform(
  world: PipelineWorld,
  state: RunState,
  work: Work,
  report: (events: readonly RunEventBody[]) => void = () => {},
): Promise<readonly RunEventBody[]> {
  const done = await createPipelineWork(world).perform(work, state, new AbortController().signal, report);
  if (!done.ok) throw new Error(done.error.message);
  return done.value;
}

/** The first attempt at the stage `deploy`. */
export function attempt(
  world: PipelineWorld,
  state: RunState,
  different: Partial<AttemptWork> = {},
): Promise<readonly RunEventBody[]> {
  const work = { kind: 'attempt', stage: 'deploy', frame: 0, attempt: 1, findings: [] } as const;
  return perform(world, state, { ...work, ...different });
}
