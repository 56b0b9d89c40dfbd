import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PackageCopy, packageCopy } from '../edges/blueprint/package-copy.ts';

const ALEX = '.blueprint/agents/alex.md';
let copy: PackageCopy;

beforeEach(() => {
  copy = packageCopy(['init', 'update']);
  copy.ship('5.0.0', {
    'agents/alex.md': 'alex 1\n',
    'agents/cass.md': 'cass 1\n',
    'prompts/old.md': 'old\n',
  });
});

afterEach(() => copy.remove());

function update(...args: string[]): Record<string, string> {
  const done = copy.run('update', ['--json', ...args]);
  expect(done).toMatchObject({ code: 0, err: '' });
  const files: { path: string; action: string }[] = JSON.parse(done.out).files;
  return Object.fromEntries(files.map((file) => [file.path, file.action]));
}

describe('murmur8 update', () => {
  it('refreshes what is as it was installed, and brings what is new', () => {
    copy.run('init');
    copy.ship('5.1.0', {
      'agents/alex.md': 'alex 2\n',
      'agents/cass.md': 'cass 1\n',
      'prompts/new.md': 'new\n',
    });
    expect(update()).toMatchObject({
      [ALEX]: 'updated',
      '.blueprint/agents/cass.md': 'unchanged',
      '.blueprint/prompts/new.md': 'created',
      '.blueprint/prompts/old.md': 'obsolete',
      '.claude/skills/implement-feature/SKILL.md': 'updated',
    });
    expect(copy.read(ALEX)).toBe('alex 2\n');
    expect(copy.read('.blueprint/prompts/old.md')).toBe('old\n');
    expect(JSON.parse(copy.read('.blueprint/.installed.json')).version).toBe('5.1.0');
  });

  it('leaves a file that the user edited and puts the new one beside it, once', () => {
    copy.run('init');
    copy.write(ALEX, 'my alex\n');
    copy.ship('5.1.0', { 'agents/alex.md': 'alex 2\n' });
    const done = copy.run('update');
    expect(done.out).toContain(`kept yours  ${ALEX}  (the new one is ${ALEX}.new)`);
    expect(copy.read(ALEX)).toBe('my alex\n');
    expect(copy.read(`${ALEX}.new`)).toBe('alex 2\n');
    rmSync(join(copy.project, `${ALEX}.new`));
    const before = copy.contents();
    expect(update()[ALEX]).toBe('kept');
    expect(copy.contents()).toEqual(before);
  });

  it('offers again when a later version has another one', () => {
    copy.run('init');
    copy.write(ALEX, 'my alex\n');
    copy.ship('5.1.0', { 'agents/alex.md': 'alex 2\n' });
    update();
    copy.ship('5.2.0', { 'agents/alex.md': 'alex 3\n' });
    expect(update()[ALEX]).toBe('offered');
    expect(copy.read(`${ALEX}.new`)).toBe('alex 3\n');
  });

  it('takes files of an installation without a record for edited ones', () => {
    copy.write(ALEX, 'alex of version 4\n');
    expect(update()[ALEX]).toBe('offered');
    expect(copy.read(ALEX)).toBe('alex of version 4\n');
  });

  it('does not bring back what the user deleted', () => {
    copy.run('init');
    rmSync(join(copy.project, ALEX));
    copy.ship('5.1.0', { 'agents/alex.md': 'alex 2\n' });
    expect(update()[ALEX]).toBe('removed');
    expect(copy.contents()[ALEX]).toBeUndefined();
  });

  it('leaves a link and what it points to as they are', () => {
    copy.run('init');
    copy.write('shared/alex.md', 'alex 1\n');
    rmSync(join(copy.project, ALEX));
    symlinkSync('../../shared/alex.md', join(copy.project, ALEX));
    copy.ship('5.1.0', { 'agents/alex.md': 'alex 2\n' });
    expect(update()[ALEX]).toBe('offered');
    expect(copy.read('shared/alex.md')).toBe('alex 1\n');
  });

  it('with --dry-run says the same and writes nothing', () => {
    copy.run('init');
    copy.write(ALEX, 'my alex\n');
    copy.ship('5.1.0', { 'agents/alex.md': 'alex 2\n', 'agents/cass.md': 'cass 2\n' });
    const before = copy.contents();
    expect(update('--dry-run')).toMatchObject({ [ALEX]: 'offered', '.blueprint/agents/cass.md': 'updated' });
    expect(copy.run('update', ['--dry-run']).out).toContain('would update  .blueprint/agents/cass.md');
    expect(copy.contents()).toEqual(before);
  });

  it('finds the project from a directory within it', () => {
    copy.run('init');
    const inside = join(copy.project, 'src/deep');
    mkdirSync(inside, { recursive: true });
    const done = copy.run('update', ['--json'], inside);
    expect(JSON.parse(done.out).directory).toBe(copy.project);
    expect(copy.contents()['src/deep/.blueprint/agents/alex.md']).toBeUndefined();
  });

  it('says so where nothing was set up, with exit code 6', () => {
    const done = copy.run('update');
    expect(done.code).toBe(6);
    expect(done.err).toContain('hint: npx --no-install murmur8 init');
  });

  it.each([
    ['not json', 'damaged'],
    ['{"format":1,"version":"5.0.0","files":{"x":"short"}}', 'damaged'],
    ['{"format":2,"version":"9.0.0","files":{}}', 'newer version'],
  ])('does not touch anything when its record is %s', (text, message) => {
    copy.run('init');
    copy.write('.blueprint/.installed.json', text);
    copy.ship('5.1.0', { 'agents/alex.md': 'alex 2\n' });
    const before = copy.contents();
    const done = copy.run('update');
    expect(done.code).toBe(1);
    expect(done.err).toContain(message);
    expect(done.err).toContain('.installed.json');
    expect(copy.contents()).toEqual(before);
  });
});
