import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compressArtifact, compressArtifacts } from '../../../src/edges/telemetry/compress.ts';

const text = '\uFEFF# Spezifikation\r\nüñ \u{1F680}\n';
const decoded = (value: string | undefined): string =>
  gunzipSync(Buffer.from(value ?? '', 'base64')).toString('utf8');

test('story payload-send AC-3: an artifact is gzip in base64, byte for byte the same after decoding', () => {
  expect(decoded(compressArtifact(text))).toBe(text);
  expect(decoded(compressArtifact(''))).toBe('');
});

test('story payload-send AC-3: the asynchronous form yields the same content under the same names', async () => {
  const compressed = await compressArtifacts({ 'FEATURE_SPEC.md': text, 'story-a.md': 'a' });
  expect(Object.keys(compressed)).toEqual(['FEATURE_SPEC.md', 'story-a.md']);
  expect(decoded(compressed['FEATURE_SPEC.md'])).toBe(text);
});
