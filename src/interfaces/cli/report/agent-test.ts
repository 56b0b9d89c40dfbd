import { loginAdvice } from '../../../compose/agents/login-advice.ts';
import type { AgentTestResult } from '../../../compose/agents/test.ts';
import { testedRange } from '../../../core/agent/tested-version.ts';
import { reasonOf } from '../../../core/status/reason.ts';
import type { AgentTestDocument } from '../../contract/agents.ts';
import { asTyped } from '../as-typed.ts';
import type { ReportLook } from './approval.ts';
import { formatDuration, formatInstant } from './duration.ts';
import { wrapped } from './graph/wrap.ts';
import { formatCount, formatMoney } from './money.ts';
import { oneLine } from './one-line.ts';
import type { Style } from './style.ts';

const LABEL_WIDTH = 13;
const MICRO = 1_000_000;

/** `agents test`: whether it worked, what it took, and what to do next. `asked`: the model that was asked for. */
export function agentTestAsText(
  result: AgentTestResult,
  asked: string | undefined,
  { style, width }: ReportLook,
): string {
  const { runner, code } = result;
  const name = oneLine(runner, 60);
  const head =
    code === undefined
      ? `${style.green('ok')}: ${name} wrote the word it was given`
      : `${style.red('failed')}: ${name} ended with ${code}, ${reasonOf(code).message}`;
  const details = detailsOf(result, style).flatMap(([label, text]) =>
    wrapped(text, Math.max(20, width - LABEL_WIDTH - 2)).map(
      (line, nth) => `  ${style.dim((nth === 0 ? label : '').padEnd(LABEL_WIDTH))}${line}`,
    ),
  );
  const next = nextOf(result, asked);
  const foot =
    next === undefined ? [] : ['', ...wrapped(asTyped(`next: ${oneLine(next, 1000)}`), Math.max(20, width))];
  return `${[...wrapped(head, Math.max(20, width)), ...details, ...foot].join('\n')}\n`;
}

/** `agents test --json`. */
export function agentTestDocument(result: AgentTestResult, asked: string | undefined): AgentTestDocument {
  const { usage, firstEventMs, durationMs } = result;
  return {
    runner: result.runner,
    ok: result.code === undefined,
    reason_code: result.code ?? null,
    message: result.message ?? null,
    next: nextOf(result, asked) ?? null,
    program: result.program ?? null,
    version: result.version ?? null,
    version_state: result.versionAge ?? null,
    tested: result.tested ?? null,
    model: result.model ?? null,
    first_event_ms: firstEventMs === undefined ? null : Math.round(firstEventMs),
    duration_ms: durationMs === undefined ? null : Math.round(durationMs),
    tokens:
      usage === undefined
        ? null
        : {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cacheRead ?? null,
            cache_write: usage.cacheWrite ?? null,
          },
    cost_usd: usage?.costMicroUsd === undefined ? null : usage.costMicroUsd / MICRO,
    retry_at: result.retryAt ?? null,
  };
}

function detailsOf(result: AgentTestResult, style: Style): readonly (readonly [string, string])[] {
  const { code, message, program, version, tested, versionAge, usage, retryAt } = result;
  const range =
    tested === undefined || versionAge === undefined
      ? ''
      : versionAge === 'ok'
        ? ', tested'
        : `, ${style.yellow(versionAge)} than what was tested: ${testedRange(tested)}`;
  const worked = result.durationMs !== undefined && result.runner !== 'offline';
  return [
    ...(message === undefined ? [] : [['why', oneLine(message, 1000)] as const]),
    ...(program === undefined ? [] : [['program', oneLine(program, 1000)] as const]),
    ...(version === undefined ? [] : [['version', `${oneLine(version)}${range}`] as const]),
    ...(result.model === undefined ? [] : [['model', oneLine(result.model)] as const]),
    ...(result.durationMs === undefined
      ? []
      : [
          ['first event', formatDuration(result.firstEventMs)] as const,
          ['total', formatDuration(result.durationMs)] as const,
        ]),
    ...(worked && (code === undefined || usage !== undefined)
      ? [['tokens', tokensText(usage)] as const, ['cost', costText(usage)] as const]
      : []),
    ...(retryAt === undefined ? [] : [['back at', formatInstant(retryAt)] as const]),
  ];
}

function tokensText(usage: AgentTestResult['usage']): string {
  if (usage === undefined) return 'unknown';
  const cached = (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0);
  const more = cached === 0 ? '' : `, ${formatCount(cached)} cached`;
  return `${formatCount(usage.input)} in, ${formatCount(usage.output)} out${more}`;
}

function costText(usage: AgentTestResult['usage']): string {
  return usage?.costMicroUsd === undefined ? 'unknown' : formatMoney(usage.costMicroUsd);
}

/** What to do next; undefined when there is nothing to be done. */
function nextOf(result: AgentTestResult, asked: string | undefined): string | undefined {
  const { code, hint, runner, retryAt } = result;
  if (code === undefined || code === 'USER_INTERRUPT') return undefined;
  if (hint !== undefined) return hint;
  const wrongModel =
    asked === undefined
      ? ''
      : `; the service may not know the model ${oneLine(asked, 100)}: without --model the runner takes its own`;
  switch (code) {
    case 'DEP_AUTH':
      return loginAdvice(runner);
    case 'DEP_QUOTA':
      return `${retryAt === undefined ? 'wait until the quota returns, or look at your plan' : 'wait until then'}; or name another runner`;
    case 'DEP_API_UNAVAILABLE':
      return `try again later, and look at the address of the service and at the network${wrongModel}`;
    case 'STAGE_TIMEOUT':
      return 'give it more time with --timeout, or run the agent once by hand and see what it waits for';
    case 'BUDGET_EXCEEDED':
      return 'allow more with --max-cost';
    case 'OUTPUT_INVALID':
      return runner.startsWith('command:')
        ? 'a command gets the prompt on standard input, and the task in MURMUR8_TASK; its working directory is not yours, so name files by absolute paths'
        : `let it write a file once by hand: its own settings may forbid that${wrongModel}`;
    case 'DEP_RUNNER_FAIL':
      return asked === undefined
        ? 'run the agent once by hand'
        : 'name another model with --model, or leave it out: the runner then takes its own';
    default:
      return runner.startsWith('command:')
        ? 'run the command once by hand; here its working directory is not yours, so name files by absolute paths'
        : `run the agent once by hand${wrongModel}`;
  }
}
