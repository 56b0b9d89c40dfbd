import type { DryRunDocument, DryRunStageDocument } from '../../contract/dry-run.ts';
import { formatDuration } from './duration.ts';
import { exportAsText, framesAsText, limitsAsText } from './graph/stage-text.ts';
import { oneLine } from './one-line.ts';
import type { Style } from './style.ts';

/** What a run would do, step by step. `branch`: what is checked out here, where the run was not told of one. */
export function dryRunAsText(plan: DryRunDocument, style: Style, branch?: string): string {
  const lines = [
    `${style.bold(plan.pipeline)}: nothing was run and nothing was written; at most ${plan.max_parallel} stages at the same time`,
  ];
  if (plan.concurrency_group !== null) lines.push(`group: ${oneLine(plan.concurrency_group, 120)}`);
  const names = Object.entries(plan.variables);
  if (names.length > 0) {
    lines.push('', style.bold('Variables:'));
    lines.push(...names.map(([name, value]) => `  ${oneLine(name, 60)} = ${oneLine(value, 160)}`));
  }
  const stops = limitsAsText(plan.limits);
  if (stops !== '') lines.push('', `${style.bold('Stops at:')} ${stops}`);
  let step = 0;
  for (const stage of plan.stages) {
    if (stage.step !== step) lines.push('', style.bold(`Step ${stage.step}:`));
    step = stage.step;
    lines.push(...stageLines(stage, style));
  }
  if (plan.export !== null) lines.push('', style.bold('Export:'), `  ${exportAsText(plan.export)}`);
  const hint = branchHint(plan, branch);
  return `${[...lines, ...(hint === undefined ? [] : ['', hint])].join('\n')}\n`;
}

function stageLines(stage: DryRunStageDocument, style: Style): string[] {
  const { stage_name, environment, agent_id, work, approval } = stage;
  const who = agent_id === null ? 'run' : `agent ${oneLine(agent_id, 60)}`;
  const head = `  ${stage_name}${environment === null ? '' : ` (${oneLine(environment, 60)})`}`;
  if (stage.would === 'skip') {
    const why = stage.message === null ? '' : `: ${oneLine(stage.message, 300)}`;
    return [`${head}  ${style.yellow(`skipped, ${stage.reason_code ?? ''}`)}${why}`];
  }
  return [
    head,
    `      ${who}${work === null ? '' : `: ${oneLine(work, 300)}`}`,
    ...(stage.would === 'depend' ? [`      runs only if ${condition(stage)}`] : []),
    ...(approval === null ? [] : [`      ${gate(approval)}`]),
    ...framesAsText(stage).map((line) => `      ${line}`),
    ...(stage.retries > 0 || stage.on_failure !== 'halt' ? [`      ${failure(stage)}`] : []),
  ];
}

function condition({ condition: evaluated }: DryRunStageDocument): string {
  return `its condition is met by outputs of stages before it (${oneLine(evaluated?.reason ?? '', 200)})`;
}

function gate({
  approvers,
  quorum,
  timeout_ms,
  default_action,
}: NonNullable<DryRunStageDocument['approval']>): string {
  const names = approvers.map((name) => oneLine(name, 60)).join(', ');
  const then = default_action === 'approve' ? 'approved' : 'rejected';
  return `waits for ${quorum} of: ${names}; ${then} after ${formatDuration(timeout_ms)}`;
}

function failure({ retries, on_failure, rollback_to }: DryRunStageDocument): string {
  const again = retries === 0 ? '' : `is tried ${retries + 1} times, then `;
  const then = {
    halt: 'the run halts',
    continue: 'the run goes on without it',
    rollback: `the run is rolled back to ${rollback_to ?? 'this stage'}`,
  }[on_failure];
  return `if it fails: ${again}${then}`;
}

/** A fact that nobody supplied is not known; what is checked out here may be meant, and may not. */
function branchHint(plan: DryRunDocument, branch: string | undefined): string | undefined {
  const asks = plan.stages.some(
    ({ reason_code, message }) => reason_code === 'WHEN_UNKNOWN' && message?.includes('--branch') === true,
  );
  if (!asks || branch === undefined) return undefined;
  return `hint: ${oneLine(branch, 120)} is checked out here; if the run is about it, add --branch ${oneLine(branch, 120)}`;
}
