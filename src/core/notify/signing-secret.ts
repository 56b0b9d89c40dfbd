import { fail, ok, type Result } from '../result.ts';

const FEWEST_BYTES = 24;
const MOST_BYTES = 64;

/**
 * The signing secrets in the value of a variable: one, or several divided by spaces while they are rotated, each
 * `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks). The error says what is wrong without quoting it.
 */
export function signingSecrets(value: string): Result<readonly string[], string> {
  const secrets = value.split(/[\s,]+/).filter((secret) => secret !== '');
  if (secrets.length === 0) return fail('is empty');
  for (const secret of secrets) {
    const encoded = secret.replace(/^whsec_/, '');
    const canonical = encoded.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(encoded);
    if (!canonical) return fail('is no secret in base64 (whsec_…)');
    const bytes = (encoded.length / 4) * 3 - (/=*$/.exec(encoded)?.[0].length ?? 0);
    if (bytes < FEWEST_BYTES || bytes > MOST_BYTES) {
      return fail(`holds a secret of ${bytes} bytes instead of ${FEWEST_BYTES} to ${MOST_BYTES}`);
    }
  }
  return ok(secrets);
}
