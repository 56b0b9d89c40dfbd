import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensureFeatureId, generateRunId } from '../../../src/edges/telemetry/identifiers.ts';
import { FEATURE_ID, freshDirectory } from '../../rig/receiver-run.ts';

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function specification(content: string | Uint8Array): string {
  const path = join(freshDirectory(), 'FEATURE_SPEC.md');
  writeFileSync(path, content);
  return path;
}

describe('story identifiers', () => {
  test('AC-1: a runId is a UUID v4', () => {
    expect(generateRunId()).toMatch(UUID_V4);
  });

  test('AC-5: every run has another runId, while the featureId stays', () => {
    const path = specification('# Feature\n');
    const first = ensureFeatureId(path);
    expect(generateRunId()).not.toBe(generateRunId());
    expect(ensureFeatureId(path)).toBe(first);
  });

  test('AC-3: a featureId is added where there is no frontmatter', () => {
    const path = specification('# Feature\n\n---\nfeatureId: not-this\n---\n');
    const id = ensureFeatureId(path);
    expect(id).toMatch(UUID_V4);
    expect(readFileSync(path, 'utf8')).toBe(
      `---\nfeatureId: ${id}\n---\n# Feature\n\n---\nfeatureId: not-this\n---\n`,
    );
  });

  test('AC-3: a featureId is added to frontmatter that has none, in the line ends of the file', () => {
    const path = specification('\uFEFF---\r\ntitle: x\r\n---\r\n# Feature\r\n');
    const id = ensureFeatureId(path);
    const text = readFileSync(path, 'utf8');
    expect(text.replace(`featureId: ${id}\r\n`, '')).toBe('\uFEFF---\r\ntitle: x\r\n---\r\n# Feature\r\n');
    expect(text).toContain(`featureId: ${id}\r\n`);
  });

  test('AC-4: a featureId that is there is kept, and the file is not touched', () => {
    const text = `---\nfeatureId: ${FEATURE_ID}\n---\n# Feature\n`;
    const path = specification(text);
    const before = statSync(path, { bigint: true }).mtimeNs;
    expect(ensureFeatureId(path)).toBe(FEATURE_ID);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(statSync(path, { bigint: true }).mtimeNs).toBe(before);
  });

  test('bytes that are not UTF-8 and the permissions of the file survive', () => {
    const path = specification(Buffer.from([0x23, 0x20, 0xe9, 0xff, 0x0a]));
    chmodSync(path, 0o640);
    ensureFeatureId(path);
    expect(readFileSync(path).subarray(-5)).toEqual(Buffer.from([0x23, 0x20, 0xe9, 0xff, 0x0a]));
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  test('a missing specification is an error that names it', () => {
    expect(() => ensureFeatureId('/nonexistent/FEATURE_SPEC.md')).toThrow('/nonexistent/FEATURE_SPEC.md');
  });
});
