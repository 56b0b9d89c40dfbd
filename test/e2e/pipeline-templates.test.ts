import { afterEach, describe, expect, test } from 'vitest';
import type { RunDetailsDocument } from '../../src/interfaces/contract/run.ts';
import { createGatedProject, type GatedProject } from '../rig/gated-project.ts';

let project: GatedProject;
afterEach(() => project.remove());

/** A template in a fresh project: written, checked, registered. No word of it is changed. */
async function begun(template: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
  project = createGatedProject();
  for (const [path, text] of Object.entries(files)) project.write(path, text);
  const file = `pipelines/${template}.yaml`;
  const written = await project.as('ada', 'pipeline', 'init', template);
  expect([written.code, written.stderr, project.has(file)]).toEqual([0, '', true]);
  const valid = await project.pipeline('validate', file, '--json');
  expect([valid.code, valid.stderr]).toEqual([0, '']);
  expect(JSON.parse(valid.stdout)).toMatchObject({ valid: true, problems: [] });
  const created = await project.pipeline('create', file);
  expect([created.code, created.stderr]).toEqual([0, '']);
}

/** Runs it to its end with the offline agent. */
async function runOffline(template: string, ...args: string[]): Promise<RunDetailsDocument> {
  const ended = await project.as('ada', 'pipeline', 'run', template, '--runner', 'offline', ...args);
  expect([ended.code, ended.stderr]).toEqual([0, expect.any(String)]);
  return project.details(project.runs()[0] ?? '');
}

function statuses({ stages }: RunDetailsDocument): Record<string, string> {
  return Object.fromEntries(stages.map(({ stage_name, status }) => [stage_name, status]));
}

describe('a fresh template validates without a warning and runs to its end offline:', () => {
  test('ci, with the commands of the project', async () => {
    const note = (stage: string) => `node -e "require('fs').appendFileSync('ran', '${stage}\\n')"`;
    const scripts = { lint: note('lint'), test: note('test'), build: note('build') };
    await begun('ci', { 'package.json': JSON.stringify({ name: 'greeter', scripts }) });
    const details = await runOffline('ci');
    expect(details.run).toMatchObject({ status: 'succeeded', with_warnings: false });
    expect(statuses(details)).toEqual({ lint: 'succeeded', test: 'succeeded', build: 'succeeded' });
    expect(project.lines('ran')).toEqual(['lint', 'test', 'build']);
    expect(details.stages.every(({ agent_id }) => agent_id === null)).toBe(true);
  });

  test('ci, with agents where the project names no commands', async () => {
    await begun('ci');
    const details = await runOffline('ci');
    expect(statuses(details)).toEqual({ lint: 'succeeded', test: 'succeeded', build: 'succeeded' });
    expect(details.stages.every(({ agent_id }) => agent_id !== null)).toBe(true);
  });

  test('cd, approved at its gate by whoever made it', async () => {
    await begun('cd');
    const waits = await project.as('ada', 'pipeline', 'run', 'cd', '--runner', 'offline');
    expect(waits.code).toBe(3);
    const [run = ''] = project.runs();
    expect(statuses(await project.details(run))).toEqual({
      'deploy-staging': 'succeeded',
      'smoke-staging': 'succeeded',
      'deploy-production': 'waiting_approval',
      'smoke-production': 'pending',
    });
    const { id, seats, summary } = await project.gateOf(run, 'deploy-production');
    expect(seats.map(({ holder }) => holder)).toEqual(['ada']);
    expect(summary).not.toContain('${');
    expect((await project.as('ada', 'approval', 'approve', id)).code).toBe(0);
    await project.comesToRest();
    const details = await project.details(run);
    expect(details.run.status).toBe('succeeded');
    expect(new Set(Object.values(statuses(details)))).toEqual(new Set(['succeeded']));
    expect(details.rollbacks).toEqual([]);
  });

  test('release', async () => {
    await begun('release');
    const details = await runOffline('release', '--var', 'step=minor');
    expect(statuses(details)).toEqual({
      'version-bump': 'succeeded',
      changelog: 'succeeded',
      release: 'succeeded',
    });
    expect(details.stages[0]?.outputs['version']).toBeTruthy();
    expect(project.has('CHANGELOG.md')).toBe(true);
  });

  test('security', async () => {
    await begun('security');
    const details = await runOffline('security');
    expect(details.run.status).toBe('succeeded');
    expect(statuses(details)).toMatchObject({ scan: 'succeeded', report: 'succeeded' });
    expect(['succeeded', 'skipped']).toContain(statuses(details)['fix']);
    expect(project.has('SECURITY-REPORT.md')).toBe(true);
  });
});

test('the security template mends nothing where its scan found nothing, and says why', async () => {
  await begun('security');
  project.write(
    'agent.sh',
    [
      'echo "$MURMUR8_STAGE" >> ran',
      'case "$MURMUR8_STAGE" in',
      '  scan) { echo "count=$(cat count)"; echo "findings=none"; } >> "$MURMUR8_OUTPUT" ;;',
      '  report) echo "# Report" > SECURITY-REPORT.md ;;',
      'esac',
    ].join('\n'),
  );
  const runner = ['--runner', 'command:sh agent.sh'];
  project.write('count', '0\n');
  expect((await project.pipeline('run', 'security', ...runner)).code).toBe(0);
  expect(project.lines('ran')).toEqual(['scan', 'report']);
  const [first = ''] = project.runs();
  const fix = (await project.details(first)).stages.at(-1);
  expect(fix).toMatchObject({ status: 'skipped', reason_code: 'WHEN_FALSE' });
  expect(fix?.message).toContain('count');
  project.write('count', '2\n');
  expect((await project.pipeline('run', 'security', ...runner)).code).toBe(0);
  expect(project.lines('ran')).toEqual(['scan', 'report', 'scan', 'report', 'fix']);
});

test('every template is named with what it is for', async () => {
  project = createGatedProject();
  const listed = JSON.parse((await project.pipeline('init', '--list', '--json')).stdout);
  expect(listed.templates.map(({ name }: { name: string }) => name)).toEqual([
    'cd',
    'ci',
    'release',
    'security',
  ]);
  for (const { description } of listed.templates) expect(description).toMatch(/\w/);
});
