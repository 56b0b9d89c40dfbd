import { describe, expect, it } from 'vitest';
import type { ListedRunner } from '../../../../src/compose/agents/list.ts';
import { agentsAsText } from '../../../../src/interfaces/cli/report/agents.ts';
import { PLAIN } from '../../../../src/interfaces/cli/report/style.ts';
import { displayWidth } from '../../../../src/interfaces/cli/report/table.ts';

const tested = { from: '0.169.0', below: '0.170.0' };
const use = { pipeline: 'implement-feature', part: 'work', agent: 'alex', choice: 0 } as const;
const RUNNERS: readonly ListedRunner[] = [
  {
    runner: 'codex',
    state: 'no-login',
    program: `/home/${'deep/'.repeat(30)}codex`,
    version: '0.169.0-alpha.of.a.long.name',
    tested,
    versionAge: 'older',
    login: 'missing',
    reportsCost: false,
    uses: [
      { ...use, stage: 'alex' },
      { ...use, stage: 'codey-implement', choice: 1 },
      { ...use, stage: 'build', pipeline: 'release', part: 'audit' },
    ],
    message: 'it has no login and no key',
    hint: 'run `codex login`, or set CODEX_API_KEY or OPENAI_API_KEY',
  },
  {
    runner: `acp:/opt/agent --flag ${'word '.repeat(40)}\x1b[31m`,
    state: 'unknown',
    reportsCost: false,
    uses: [],
    message: 'no',
  },
  { runner: '漢字漢字漢字漢字', state: 'missing', reportsCost: false, uses: [] },
];

describe('the list of runners', () => {
  it.each([60, 80, 120])('fits into %i columns, whatever it is about', (width) => {
    const text = agentsAsText({ runners: RUNNERS, problems: [] }, { style: PLAIN, width, now: 0 });
    for (const line of text.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(width);
    expect(text).not.toContain('\x1b');
    expect(text.split('\n')[0]).toMatch(/^RUNNER +STATE +VERSION +LOGIN +COST$/);
  });

  it('says below each one what was tested, and which stages would use it, as which choice', () => {
    const text = agentsAsText(
      { project: '/p', runners: RUNNERS, problems: [] },
      { style: PLAIN, width: 120, now: 0 },
    );
    expect(text).toContain('tested   0.169.0 up to, but not including, 0.170.0; this one is older');
    expect(text).toContain('stages   implement-feature: alex, codey-implement (choice 2)');
    expect(text).toContain('         release: build (audit)');
    expect(text).toContain('0 of 3 runners are ready');
    expect(text).not.toContain('there is no project here');
  });
});
