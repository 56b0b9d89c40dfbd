import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { murmur8 } from '../rig/cli.ts';
import { createProject, type TestProject } from '../rig/project.ts';

describe('an agent whose program cannot be started here', () => {
  let project: TestProject;
  let env: Readonly<Record<string, string>>;
  beforeEach(() => {
    project = createProject();
    // An ELF head of a machine that is not this one.
    const head = Buffer.alloc(64);
    head.write('\x7fELF\x02\x01', 'latin1');
    head.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18);
    const program = join(project.root, '..', 'codex');
    writeFileSync(program, head, { mode: 0o755 });
    env = { MURMUR8_CODEX_PROGRAM: program };
  });
  afterEach(() => project.remove());

  const said = /Codex cannot be started: \S+codex is a program for .*, and this is /;

  it('is told by validate, with the file and what to do', async () => {
    const done = await murmur8(['validate', '--runner', 'codex'], { cwd: project.root, env });
    expect(done.code).not.toBe(0);
    expect(done.stdout + done.stderr).toMatch(said);
    expect(done.stdout + done.stderr).toContain('correct MURMUR8_CODEX_PROGRAM');
  });

  it('keeps a run from beginning', async () => {
    const args = ['implement-feature', 'greeting', '--brief', project.brief, '--runner', 'codex', '--yes'];
    const done = await murmur8(args, { cwd: project.root, env });
    expect(done.code).toBe(2);
    expect(done.stderr).toMatch(said);
    expect(done.stderr).toContain('correct MURMUR8_CODEX_PROGRAM');
    expect(project.runs()).toEqual([]);
  });
});
