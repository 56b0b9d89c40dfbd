import { STATUS_DOCUMENT_VERSION, type StatusDocument } from './document.ts';

/**
 * Whether what was found in `state.json` is a whole document, of this form or a newer one that still has all that
 * readers need. Checked by hand: to load a schema library costs more than to answer `status`.
 */
export function isStatusDocument(value: unknown): value is StatusDocument {
  if (!isObject(value) || !isObject(value['status'])) return false;
  const { status } = value;
  return (
    isNumber(value['v']) &&
    value['v'] >= STATUS_DOCUMENT_VERSION &&
    TEXTS.every((name) => typeof value[name] === 'string') &&
    COUNTS.every((name) => isNumber(value[name])) &&
    LISTS.every((name) => Array.isArray(value[name])) &&
    STATUS_TEXTS.every((name) => typeof status[name] === 'string') &&
    isObject(status['details']) &&
    isObject(status['metrics']) &&
    METRICS.every((name) => isObject(status['metrics']) && isNumber(status['metrics'][name]))
  );
}

const TEXTS = ['executionId', 'runId', 'pipeline', 'workingTree', 'phase', 'startedAt', 'segmentStartedAt'];
const COUNTS = ['tokens', 'costMicroUsd', 'unknownCost'];
const LISTS = ['runIds', 'status_history', 'stages'];
const STATUS_TEXTS = ['status', 'reason_code', 'message', 'timestamp'];
const METRICS = [
  'total_frames',
  'frames_completed',
  'frames_failed',
  'frames_remaining',
  'total_attempts',
  'retry_rate',
  'reject_rate',
];

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
