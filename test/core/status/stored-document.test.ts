import { expect, test } from 'vitest';
import { statusDocument } from '../../../src/core/status/document.ts';
import { isStatusDocument } from '../../../src/core/status/stored-document.ts';
import { aChain, aPipeline, created, stateAfter } from '../../rig/run-builder.ts';

const document = statusDocument(stateAfter(created(aPipeline(aChain('one', 'two')))), []);

test('what is written is what is read', () => {
  expect(isStatusDocument(JSON.parse(JSON.stringify(document)))).toBe(true);
});

test('a newer form that has all that readers need is read', () => {
  expect(isStatusDocument({ ...document, v: 99, more: {} })).toBe(true);
});

test.each([
  ['nothing', null],
  ['a list', []],
  ['a text', 'x'],
  ['another document', { version: 1 }],
  ['an older form', { ...document, v: 0 }],
  ['one without a form', { ...document, v: undefined }],
  ['one without stages', { ...document, stages: undefined }],
  ['one without ids', { ...document, runIds: 'x' }],
  ['one without a status', { ...document, status: 'completed' }],
  ['one without figures', { ...document, status: { ...document.status, metrics: null } }],
  [
    'one with a figure that is none',
    {
      ...document,
      status: { ...document.status, metrics: { ...document.status.metrics, total_frames: 'many' } },
    },
  ],
  ['one without details', { ...document, status: { ...document.status, details: null } }],
])('%s is no status document', (_, value) => {
  expect(isStatusDocument(value)).toBe(false);
});
