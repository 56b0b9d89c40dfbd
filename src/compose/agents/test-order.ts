import { join } from 'node:path';
import type { AgentOrder } from '../../engine/ports.ts';

export interface AgentTest {
  readonly runner: string;
  readonly model: string | undefined;
  /** Longest time of the job, in ms. */
  readonly timeoutMs: number;
  readonly maxCostMicroUsd: number | undefined;
  /** Where relative paths of programs start. */
  readonly cwd: string;
}

/** What the agent is asked to write, in its working directory. */
export const TEST_FILE = 'word.txt';

/** Most rounds of tools; two are enough. */
const MAX_TURNS = 10;

/**
 * The smallest job that needs what every stage needs: the prompt arrives, the model answers, a tool writes, the end is
 * told. `place` is an absolute directory with `work`, `own` and `home` in it.
 */
export function testOrder(test: AgentTest, place: string, word: string, runId: string): AgentOrder {
  const cwd = join(place, 'work');
  const own = join(place, 'own');
  const task = `Write the file ${TEST_FILE} into the current directory, ${cwd}. It holds one line, and the line is this word: ${word}`;
  return {
    runId,
    attempt: 1,
    agent: 'tester',
    instructions: 'You are being tried out. Do exactly what is asked and nothing else.',
    prompt: `# A test\n\n${task}\n\nUse your tool for writing files. Read nothing, run nothing, ask nothing. Then answer with the one word "done".\n`,
    cwd,
    tools: ['Read', 'Write'],
    maxTurns: MAX_TURNS,
    timeoutMs: test.timeoutMs,
    stallTimeoutMs: test.timeoutMs,
    unrecorded: true,
    answerFile: join(own, 'answer.json'),
    logFile: join(own, 'log'),
    scratchDir: own,
    homeDir: join(place, 'home'),
    job: {
      kind: 'work',
      stage: 'agents-test',
      task,
      produces: [TEST_FILE],
      slug: '',
      featureId: '',
      briefPath: '',
      findings: [],
      withStories: false,
    },
    ...(test.model === undefined ? {} : { model: test.model }),
    ...(test.maxCostMicroUsd === undefined ? {} : { maxCostMicroUsd: test.maxCostMicroUsd }),
  };
}
