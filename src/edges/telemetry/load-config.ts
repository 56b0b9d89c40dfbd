import { parseDotenv } from '../../core/telemetry/dotenv.ts';
import type { TelemetryConfig } from '../../core/telemetry/endpoint.ts';
import { readTextBounded } from '../files/bounded-read.ts';

const LARGEST_DOTENV = 4 * 1024 * 1024;

/**
 * Address and key of the telemetry endpoint, each from the real environment first, then from the `.env` file
 * (seed 004, rule "environment variable precedence"). Empty counts as not set; a file that is missing or cannot be
 * read sets nothing.
 */
export function loadConfig(
  dotenvPath: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): TelemetryConfig {
  const real = {
    url: nonEmpty(environment['MURMUR8_TELEMETRY_URL']),
    key: nonEmpty(environment['MURMUR8_TELEMETRY_KEY']),
  };
  if (real.url !== null && real.key !== null) return real;
  const values = readDotenv(dotenvPath);
  return {
    url: real.url ?? nonEmpty(values.get('MURMUR8_TELEMETRY_URL')),
    key: real.key ?? nonEmpty(values.get('MURMUR8_TELEMETRY_KEY')),
  };
}

/** Names and values of a `.env` file; none when it is missing or cannot be read. */
export function readDotenv(dotenvPath: string): ReadonlyMap<string, string> {
  const file = readTextBounded(dotenvPath, LARGEST_DOTENV);
  return parseDotenv(file.ok ? (file.value ?? '') : '');
}

function nonEmpty(value: string | undefined): string | null {
  const trimmed = value?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}
