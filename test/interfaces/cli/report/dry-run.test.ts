import { expect, test } from 'vitest';
import { dryRun } from '../../../../src/core/record/dry-run.ts';
import { dryRunAsText } from '../../../../src/interfaces/cli/report/dry-run.ts';
import { PLAIN } from '../../../../src/interfaces/cli/report/style.ts';
import { aPipeline, aStage, created } from '../../../rig/run-builder.ts';

test('a dry run tells, step by step, of frames and audits, and where the run stops and what it gives out', () => {
  const draw = aStage('draw', {
    work: { kind: 'command', run: './draw ${item}' },
    foreach: ['one', 'two'],
    maxParallel: 2,
    retries: 0,
    audit: { work: { kind: 'agent', agent: 'critic', task: 'look' }, timeoutMs: 1000 },
    limits: { maxAttempts: 9 },
  });
  const pipeline = aPipeline([draw], {
    limits: { rejectRate: 0.2 },
    export: { location: 'out', run: './pa\u001b[31mck', files: [], timeoutMs: 1000 },
  });
  const plan = dryRun({ created: created(pipeline), defaultApprovers: [], mask: (text) => text });
  expect(
    dryRunAsText(plan, PLAIN),
  ).toBe(`sample: nothing was run and nothing was written; at most 4 stages at the same time

Stops at: reject_rate 0.2

Step 1:
  draw
      run: ./draw \${item}
      for each of one, two, 2 at a time
      audited by critic
      stops at max_attempts 9

Export:
  out, made by $ ./pack
`);
});
