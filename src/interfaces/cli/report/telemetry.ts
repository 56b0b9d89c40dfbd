import { formatTelemetryStatus, type TelemetryStatus } from '../../../core/telemetry/telemetry-status.ts';

/** What came back for a synthetic payload. */
export interface TestOutcome {
  readonly ok: boolean;
  readonly status?: number;
  readonly error?: string;
}

export interface TelemetryReport {
  readonly status: TelemetryStatus;
  readonly test?: TestOutcome;
}

export function telemetryAsText(report: TelemetryReport): string {
  const test = report.test === undefined ? '' : `Test:          ${formatTest(report.test)}\n`;
  return `${formatTelemetryStatus(report.status)}\n${test}`;
}

export function telemetryAsJson(report: TelemetryReport): string {
  return `${JSON.stringify({ ...report.status, ...(report.test === undefined ? {} : { test: report.test }) }, null, 2)}\n`;
}

function formatTest(test: TestOutcome): string {
  const code = test.status === undefined ? '' : ` (HTTP ${test.status})`;
  if (test.ok) return `accepted${code}`;
  return `failed${code}${test.error === undefined ? '' : `: ${test.error}`}`;
}
