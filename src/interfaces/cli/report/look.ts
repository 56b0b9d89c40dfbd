import type { ReportLook } from './approval.ts';
import { styleFor } from './style.ts';

const USUAL_WIDTH = 100;

/** How a report is laid out on a stream. */
export async function lookAt(stream: NodeJS.WriteStream): Promise<ReportLook> {
  return { style: await styleFor(stream), width: stream.columns ?? USUAL_WIDTH, now: Date.now() };
}
