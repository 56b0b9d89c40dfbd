import { expect, test } from 'vitest';
import { nextPipelineStep } from '../../../src/core/status/pipeline-next.ts';
import { REASONS } from '../../../src/core/status/reason.ts';

test.each([
  ['QUEUED', 'murmur8 pipeline status r1'],
  ['ALL_STAGES_SUCCEEDED', 'murmur8 pipeline status r1'],
  ['SUPERSEDED', 'murmur8 pipeline status r1'],
  ['USER_INTERRUPT', 'murmur8 pipeline run --resume r1'],
  ['OUTPUT_INVALID', 'murmur8 pipeline logs r1 shows why; murmur8 pipeline retry r1 does it again'],
  ['CONSECUTIVE_FAILS', 'murmur8 pipeline logs r1 shows why; then murmur8 pipeline run --resume r1'],
  ['CIRCUIT_BREAKER', 'murmur8 pipeline run --resume r1 --max-attempts <more> raises it'],
  ['PARTIAL_SUCCESS', 'murmur8 pipeline logs r1 shows why'],
  [
    'DEP_TEXTUREPACKER_FAIL',
    'murmur8 pipeline logs r1 shows why; once that is put right, murmur8 pipeline run --resume r1',
  ],
])('after %s comes: %s', (code, next) => {
  expect(nextPipelineStep(code, 'r1')).toBe(next);
});

test('no reason sends whoever runs a pipeline to commands of features', () => {
  for (const code of Object.keys(REASONS))
    expect(nextPipelineStep(code, 'r1')).not.toMatch(/\{|murmur8 (resume|status|trace|history) /);
});
