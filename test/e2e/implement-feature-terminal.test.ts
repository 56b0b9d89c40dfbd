import { afterEach, describe, expect, test } from 'vitest';
import { aliveWith } from '../rig/agents-alive.ts';
import { createProject, type TestProject } from '../rig/project.ts';
import { type Scenario, type ScriptedAgent, scriptedAgent } from '../rig/scripted-agent.ts';
import { hasTerminals, openTerminal, type Terminal } from '../rig/terminal.ts';

const projects: TestProject[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

function aProject(): TestProject {
  const project = createProject();
  projects.push(project);
  return project;
}

function onTerminal(
  project: TestProject,
  args: readonly string[] = [],
  runner: ScriptedAgent | string = 'offline',
  env: Readonly<Record<string, string>> = {},
): Terminal {
  const name = typeof runner === 'string' ? runner : runner.runner;
  return openTerminal(
    ['implement-feature', 'greeting', '--brief', project.brief, '--runner', name, ...args],
    {
      cwd: project.root,
      env,
    },
  );
}

const ENTER = '\r';

describe.skipIf(!hasTerminals())('on a terminal', () => {
  test('the stages are drawn over with their states, and the end is told below', async () => {
    const project = aProject();
    const terminal = onTerminal(project, ['--yes']);
    expect(await terminal.ended).toBe(0);
    const shown = terminal.shown();
    expect(shown).toContain('▸ alex');
    expect(shown).toContain('· codey-implement');
    expect(shown).toContain('✓ codey-implement');
    expect(shown).toContain('\u001b[5A');
    expect(shown).toContain('ALL_FRAMES_APPROVED');
  });

  test('what an agent does now is shown beside its stage, without the agent’s own escape codes', async () => {
    const project = aProject();
    const scenario: Scenario = {
      acts: { alex: [[{ print: 'reading \u001b[31mthe brief\u001b]0;title\u0007\n' }, { hang: true }]] },
    };
    const agent = scriptedAgent(scenario);
    const terminal = onTerminal(project, [], agent);
    await terminal.until('reading the brief');
    expect(terminal.shown()).not.toContain('\u001b[31m');
    expect(terminal.shown()).not.toContain('\u001b]0;');
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(130);
    expect(terminal.shown()).toContain('murmur8 resume');
    expect(aliveWith(`MURMUR8_ATTEMPT=${project.runs()[0]}`)).toEqual([]);
  });

  test('the changes are shown before the commit: [d] shows them, [c] commits', async () => {
    const project = aProject();
    const terminal = onTerminal(project);
    await terminal.until('[c]ommit / [d]iff / [a]bort?');
    expect(terminal.shown()).toContain('src/greeting.js');
    terminal.type(`d${ENTER}`);
    await terminal.until('+++ b/src/greeting.js');
    await terminal.until('[c]ommit / [d]iff / [a]bort?');
    terminal.type(`c${ENTER}`);
    expect(await terminal.ended).toBe(0);
    expect(project.committed()).toContain('src/greeting.js');
  });

  test('[a] leaves everything in place: paused, exit 3, and running it again asks again', async () => {
    const project = aProject();
    const head = project.git('rev-parse', 'HEAD');
    const first = onTerminal(project);
    await first.until('[a]bort?');
    first.type(`a${ENTER}`);
    expect(await first.ended).toBe(3);
    expect(project.git('rev-parse', 'HEAD')).toBe(head);
    expect(project.uncommitted()).toContain('?? src/greeting.js');
    expect(project.history()).toMatchObject([{ status: 'paused', reasonCode: 'COMMIT_DECLINED' }]);
    const second = onTerminal(project);
    await second.until('[a]bort?');
    second.type(`c${ENTER}`);
    expect(await second.ended).toBe(0);
    expect(project.history().map((entry) => entry.status)).toEqual(['paused', 'success']);
  });

  test('Ctrl+C at the question interrupts the run: exit 130, everything in place', async () => {
    const project = aProject();
    const terminal = onTerminal(project);
    await terminal.until('[a]bort?');
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(130);
    expect(terminal.shown()).toContain('USER_INTERRUPT');
    expect(project.uncommitted()).toContain('?? src/greeting.js');
    expect(project.history()).toMatchObject([{ status: 'paused', pausedAfter: 'codey-implement' }]);
  });

  test('--no-diff-preview commits without a question, --no-commit asks none either', async () => {
    const committing = aProject();
    expect(await onTerminal(committing, ['--no-diff-preview']).ended).toBe(0);
    expect(committing.committed()).toContain('src/greeting.js');
    const leaving = aProject();
    expect(await onTerminal(leaving, ['--no-commit']).ended).toBe(0);
    expect(leaving.uncommitted()).toContain('?? src/greeting.js');
  });

  const gate: Scenario = {
    acts: {
      'cass:review': [[{ rate: { rating: 1, issues: ['no limits are named'], recommendation: 'pause' } }]],
    },
  };

  test('a bad rating asks: [c] goes on', async () => {
    const project = aProject();
    const agent = scriptedAgent(gate);
    const terminal = onTerminal(project, ['--pause-after', 'cass'], agent);
    await terminal.until('no limits are named');
    await terminal.until('[c]ontinue / [r]eview again / [a]bort?');
    terminal.type(`c${ENTER}`);
    expect(await terminal.ended).toBe(3);
    expect(project.history()).toMatchObject([{ pausedAfter: 'cass' }]);
  });

  test('a bad rating asks: [r] sends it back with what I say', async () => {
    const project = aProject();
    const agent = scriptedAgent(gate);
    const terminal = onTerminal(project, ['--pause-after', 'cass'], agent);
    await terminal.until('[r]eview again');
    terminal.type(`r${ENTER}`);
    await terminal.until('what should be put right');
    terminal.type(`name the limits of a name${ENTER}`);
    expect(await terminal.ended).toBe(3);
    expect(agent.keys()).toEqual(['alex', 'cass:review', 'alex', 'cass:review', 'cass']);
    expect(agent.starts()[2]?.prompt).toContain('name the limits of a name');
  });

  test('a bad rating asks: [a] pauses the run with QUALITY_GATE', async () => {
    const project = aProject();
    const terminal = onTerminal(project, [], scriptedAgent(gate));
    await terminal.until('[a]bort?');
    terminal.type(`a${ENTER}`);
    expect(await terminal.ended).toBe(3);
    expect(project.history()).toMatchObject([{ reasonCode: 'QUALITY_GATE', pausedAfter: 'alex' }]);
  });

  test('a question of an agent is answered at once', async () => {
    const project = aProject();
    const agent = scriptedAgent({ acts: { alex: [[{ ask: 'which greeting, formal or not?' }]] } });
    const terminal = onTerminal(project, ['--pause-after', 'alex'], agent);
    await terminal.until('which greeting, formal or not?');
    await terminal.until('your answer');
    terminal.type(`formal${ENTER}`);
    expect(await terminal.ended).toBe(3);
    expect(agent.starts()[1]?.prompt).toContain('formal');
    expect(project.history()).toMatchObject([{ pausedAfter: 'alex' }]);
  });

  test('--interactive shows the specification and sends back what I want changed', async () => {
    const project = aProject();
    const agent = scriptedAgent();
    const terminal = onTerminal(project, ['--interactive', '--pause-after', 'alex'], agent);
    await terminal.until('empty to approve');
    terminal.type(`say what happens to long names${ENTER}`);
    await terminal.until('empty to approve');
    terminal.type(ENTER);
    expect(await terminal.ended).toBe(3);
    expect(agent.keys()).toEqual(['alex', 'alex']);
    expect(agent.starts()[1]?.prompt).toContain('say what happens to long names');
  });

  test('a finished run asks before it begins anew', async () => {
    const project = aProject();
    expect(await onTerminal(project, ['--yes']).ended).toBe(0);
    const no = onTerminal(project);
    await no.until('Begin anew?');
    no.type(`n${ENTER}`);
    expect(await no.ended).toBe(7);
    expect(project.runs()).toHaveLength(1);
  });

  test('without a brief it asks for one', async () => {
    const project = aProject();
    const terminal = openTerminal(
      ['implement-feature', 'greeting', '--runner', 'offline', '--pause-after', 'alex'],
      { cwd: project.root },
    );
    await terminal.until('what shall the feature do');
    terminal.type(`greet people by name${ENTER}`);
    expect(await terminal.ended).toBe(3);
    expect(project.read('.blueprint/features/feature_greeting/brief.md')).toContain('greet people by name');
  });

  test('with CI set nobody is asked anything', async () => {
    const project = aProject();
    expect(await onTerminal(project, [], 'offline', { CI: 'true' }).ended).toBe(0);
    expect(project.committed()).toContain('src/greeting.js');
  });
});
