import { describe, expect, it } from 'vitest';
import type { ListedPipeline } from '../../../../../src/compose/pipelines/list.ts';
import type { Pipeline } from '../../../../../src/core/pipeline/definition.ts';
import type { DefinitionFile } from '../../../../../src/edges/registry/registry.ts';
import { summaryDocument } from '../../../../../src/interfaces/cli/report/pipeline/documents.ts';
import { listAsText } from '../../../../../src/interfaces/cli/report/pipeline/list.ts';
import { PLAIN } from '../../../../../src/interfaces/cli/report/style.ts';
import { pipelineSummaryContract } from '../../../../../src/interfaces/contract/pipeline.ts';

const PIPELINE: Pipeline = {
  name: 'ci',
  description: 'about \u001b[31mred',
  variables: {},
  triggers: [{ event: ['push\u001b]0;x\u0007'] }],
  maxParallel: 4,
  limits: {},
  stages: [],
  closing: 'none',
};

function listed(definition: DefinitionFile, more: Partial<ListedPipeline> = {}): ListedPipeline {
  const record = {
    id: 'id',
    name: 'ci',
    enabled: true,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    revision: 3,
    hash: 'h',
  };
  return { seen: { record, definition, file: '/state/pipelines/ci.yaml' }, ...more };
}

const text = (one: ListedPipeline) => listAsText([one], PLAIN, (path) => path.replace('/state/', ''));

describe('the list of pipelines', () => {
  it.each<[DefinitionFile, string]>([
    [
      { state: 'edited', text: '' },
      'was edited since revision 3; run murmur8 pipeline update ci pipelines/ci.yaml',
    ],
    [{ state: 'missing' }, 'is gone; put it back with murmur8 pipeline update ci <file>'],
    [{ state: 'unreadable', problem: { code: 'x', message: 'is a door' } }, 'cannot be read: is a door'],
    [{ state: 'registered', text: '' }, 'has errors by now; murmur8 pipeline validate pipelines/ci.yaml'],
  ])('says under the table what keeps a pipeline from being run (%j)', (definition, note) => {
    const shown = text(listed(definition));
    expect(shown.replaceAll('npx --no-install ', '')).toContain(`note: pipelines/ci.yaml ${note}`);
    expect(shown).toMatch(/^ci +yes +3(, \w+)? +\? +- +by hand$/m);
  });

  it('says nothing under the table where all is well, and prints no control characters', () => {
    const shown = text(listed({ state: 'registered', text: '' }, { pipeline: PIPELINE }));
    expect(shown).not.toContain('note');
    expect(shown).toContain('on push');
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it.each<DefinitionFile>([
    { state: 'edited', text: '' },
    { state: 'missing' },
    { state: 'unreadable', problem: { code: 'x', message: 'm' } },
    { state: 'registered', text: '' },
  ])('has one form as JSON (%j)', (definition) => {
    for (const more of [{}, { pipeline: PIPELINE }]) {
      const document = summaryDocument(listed(definition, more));
      expect(pipelineSummaryContract.parse(document)).toEqual(document);
      expect(document.definition_state).toBe(definition.state);
    }
  });
});
