import { allRuns, runsDirectory, statusNow } from '../../../compose/runs.ts';
import { nextPipelineStep } from '../../../core/status/pipeline-next.ts';
import { nextStep } from '../../../core/status/reason.ts';
import { resumeCommand } from '../../../core/status/run-status.ts';
import { asTyped } from '../as-typed.ts';
import { EXIT } from '../exit-code.ts';
import { newProgram } from '../program.ts';
import { formatDuration, formatInstant } from '../report/duration.ts';
import { oneLine } from '../report/one-line.ts';

interface Parsed {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly stateDir?: string;
}

/** `queue`: what runs and what waits for somebody, from the runs themselves. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('queue', 'show what runs and what waits for somebody')
    .option('--all', 'also runs that are over')
    .option('--json', 'print one JSON document')
    .option('--state-dir <directory>', 'look for state here instead of .claude');
  program.parse([...argv], { from: 'user' });
  const parsed = program.opts<Parsed>();
  const now = Date.now();
  const rows = [];
  for (const run of allRuns(runsDirectory(process.cwd(), parsed.stateDir))) {
    const status = statusNow(run, now);
    const { executionId, slug, pipeline, phase, segmentStartedAt, question, approvals } = run.document;
    const over = phase === 'succeeded' || phase === 'cancelled';
    if (over && parsed.all !== true) continue;
    const pid = run.stored.owner.state === 'held' ? run.stored.owner.pid : undefined;
    const step = slug === undefined ? nextPipelineStep : nextStep;
    const next = over ? '' : step(status.reason_code, executionId);
    const waiting = 'waiting' in status.details ? status.details.waiting : undefined;
    rows.push({
      executionId,
      slug: slug ?? pipeline,
      status: status.status,
      reason_code: status.reason_code,
      since: segmentStartedAt,
      pid,
      question,
      ...(approvals === undefined ? {} : { approvals }),
      ...(waiting === undefined ? {} : { waiting }),
      next,
    });
  }
  if (parsed.json) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return EXIT.done;
  }
  if (rows.length === 0) process.stdout.write('nothing runs and nothing waits\n');
  for (const row of rows) {
    const age = formatDuration(now - Date.parse(row.since));
    const driver = row.pid === undefined ? '' : ` by process ${row.pid}`;
    process.stdout.write(
      `${oneLine(row.slug, 64)}  ${row.status} (${row.reason_code})${driver}, begun ${age} ago\n`,
    );
    if (row.waiting !== undefined) {
      const { runner, until, remaining_ms: left } = row.waiting;
      const when = `until ${formatInstant(until)}, ${formatDuration(left)} from now`;
      process.stdout.write(`  waits for ${oneLine(runner, 60)} ${when}\n`);
    }
    if (row.question !== undefined) process.stdout.write(`  asks: ${oneLine(row.question, 200)}\n`);
    for (const { id, stage, approved, quorum, waitingFor, deadline } of row.approvals ?? []) {
      if (Date.parse(deadline) <= now) {
        const command = asTyped(resumeCommand(row.executionId));
        process.stdout.write(`  the time to approve ${stage} has passed: ${command}\n`);
        continue;
      }
      const who = oneLine(waitingFor.join(', '), 120);
      const command = asTyped(`murmur8 approval approve ${id}`);
      process.stdout.write(`  ${stage} waits for ${who} (${approved} of ${quorum}): ${command}\n`);
    }
    if (row.next !== '') process.stdout.write(`  next: ${asTyped(row.next)}\n`);
  }
  return EXIT.done;
}
