import { testAgent } from '../../../../compose/agents/test.ts';
import { reasonOf } from '../../../../core/status/reason.ts';
import { EXIT } from '../../exit-code.ts';
import { amount, duration } from '../../option-values.ts';
import { newProgram } from '../../program.ts';
import { printJson } from '../../registry-command.ts';
import { agentTestAsText, agentTestDocument } from '../../report/agent-test.ts';
import { lookAt } from '../../report/look.ts';
import { CommandFailure } from '../../run-command.ts';
import { exitFor, onSignal } from '../../run-session.ts';

const LONGEST_MS = 120_000;

/** `agents test`: a runner writes one word into a file, in a directory of its own; asks nothing, leaves nothing. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram(
    'agents test',
    'let a runner write one word into a file, outside of any project; nothing of it is left',
  )
    .argument('<runner>', 'claude, codex, gemini, opencode, acp:<command>, offline or command:<command line>')
    .option('--model <name>', 'model, in the runner’s own naming')
    .option('--timeout <duration>', 'longest time of the job (default: 2m)', duration, LONGEST_MS)
    .option('--max-cost <usd>', 'stop when it has cost this much', amount)
    .option('--json', 'print one JSON document');
  program.parse([...argv], { from: 'user' });
  const [runner = ''] = program.args;
  const { model, timeout, maxCost, json } = program.opts<{
    model?: string;
    timeout: number;
    maxCost?: number;
    json?: boolean;
  }>();
  if (process.stderr.isTTY === true) process.stderr.write('asking the runner to write one word …\n');
  let isAsked = false;
  const tested = await testAgent(
    { runner, model, timeoutMs: timeout, maxCostMicroUsd: maxCost, cwd: process.cwd() },
    (deliver) =>
      onSignal((code, signal) => {
        if (!isAsked) process.stderr.write('ending the agent; Ctrl+C once more kills it at once\n');
        isAsked = true;
        deliver(code, signal);
      }),
  );
  if (!tested.ok) throw new CommandFailure(tested.error, exitFor(tested.error));
  const result = tested.value;
  if (json === true) printJson(agentTestDocument(result, model));
  else process.stdout.write(agentTestAsText(result, model, await lookAt(process.stdout)));
  if (result.code === undefined) return EXIT.done;
  return result.signal === 'SIGTERM' ? EXIT.terminated : reasonOf(result.code).exit;
}
