import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { start } from '../rig/cli.ts';
import { createProject } from '../rig/project.ts';
import { scriptedAgent } from '../rig/scripted-agent.ts';

test('an agent that prints 1 GB costs neither memory nor disk in proportion', async () => {
  const project = createProject();
  const agent = scriptedAgent({ acts: { alex: [[{ flood: 1 << 30 }, 'work']] } });
  const started = start(
    [
      'implement-feature',
      'greeting',
      '--brief',
      project.brief,
      '--runner',
      agent.runner,
      '--pause-after',
      'alex',
    ],
    { cwd: project.root },
  );
  let most = 0;
  const watching = setInterval(() => {
    most = Math.max(most, peakMegabytes(started.child.pid ?? 0));
  }, 20);
  const ended = await started.ended;
  clearInterval(watching);
  expect([1, 3]).toContain(ended.code);
  expect(project.history()).toHaveLength(1);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(300);
  const bytes = project
    .filesBelow('.claude')
    .reduce((sum, file) => sum + readFileSync(project.path(file)).length, 0);
  expect(bytes).toBeLessThan(100 << 20);
  project.remove();
}, 600_000);

function peakMegabytes(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}
