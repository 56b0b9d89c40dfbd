import { expect, test } from 'vitest';
import { signingSecrets } from '../../../src/core/notify/signing-secret.ts';

const of = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

test('one secret, or several while they are rotated', () => {
  expect(signingSecrets(of(24))).toEqual({ ok: true, value: [of(24)] });
  expect(signingSecrets(`${of(24)} ${of(64)}\n`)).toEqual({ ok: true, value: [of(24), of(64)] });
  expect(signingSecrets(of(32).slice('whsec_'.length)).ok).toBe(true);
});

test.each([
  ['nothing', ' '],
  ['too short', of(23)],
  ['too long', of(65)],
  ['no base64', 'whsec_this is a password'],
  ['a bad one beside a good one', `${of(24)} hunter2hunter2`],
])('%s is refused without being quoted', (_title, value) => {
  const result = signingSecrets(value);
  expect(result.ok).toBe(false);
  expect(JSON.stringify(result)).not.toMatch(/password|hunter2/);
});
