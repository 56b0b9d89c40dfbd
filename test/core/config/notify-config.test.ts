import { describe, expect, test } from 'vitest';
import { approvalConfigSchema } from '../../../src/core/config/approval-config.ts';
import { mergeWithDefaults } from '../../../src/core/config/merge.ts';
import { notifyConfigSchema } from '../../../src/core/config/notify-config.ts';

function messageFor(channel: object, name = 'ops'): string {
  const result = mergeWithDefaults(notifyConfigSchema, { channels: { [name]: channel } });
  return result.ok ? 'accepted' : result.error.message;
}

const HOOK = { type: 'webhook', url: 'https://example.org/in', secretEnv: 'S' };
const MAIL = { type: 'smtp', host: 'mail.example.org', from: 'ci@example.org', to: ['ann@example.org'] };

describe('channels that are accepted', () => {
  test.each([
    [HOOK],
    [{ type: 'webhook', urlEnv: 'U', unsigned: true }],
    [{ type: 'webhook', url: 'http://127.0.0.1:9/in', secretEnv: 'S' }],
    [{ ...HOOK, url: 'http://example.org/in', allowUnencrypted: true }],
    [{ type: 'slack', urlEnv: 'U' }],
    [MAIL],
    [{ ...MAIL, to: { ann: 'ann@example.org' }, user: 'ci', passwordEnv: 'P', port: 465, secure: true }],
    [{ type: 'command', command: 'notify-send' }],
    [{ type: 'command', command: ['notify-send', ''] }],
  ])('%j', (channel) => {
    expect(messageFor(channel)).toBe('accepted');
  });
});

describe('channels that are refused, with the key that is to blame', () => {
  test.each([
    [{ type: 'webhook', secretEnv: 'S' }, /^channels\.ops\.url: a webhook needs url or urlEnv$/],
    [{ ...HOOK, urlEnv: 'U' }, /channels\.ops\.urlEnv/],
    [{ type: 'webhook', url: 'https://example.org' }, /channels\.ops\.secretEnv: .*signed/],
    [{ ...HOOK, unsigned: true }, /channels\.ops\.unsigned/],
    [{ ...HOOK, url: 'https://user:hunter2@example.org/' }, /channels\.ops\.url: .*variable/],
    [{ ...HOOK, url: 'https://example.org/?token=hunter2' }, /channels\.ops\.url: .*variable/],
    [{ ...HOOK, url: 'http://example.org/' }, /channels\.ops\.url: .*https/],
    [{ ...HOOK, url: 'ftp://example.org/' }, /channels\.ops\.url: must read like/],
    [{ ...HOOK, secret: 'hunter2' }, /Unrecognized key: "secret"/],
    [{ type: 'slack', url: 'https://hooks.example.org/hunter2' }, /channels\.ops\.url: .*variable/],
    [{ ...MAIL, password: 'hunter2' }, /Unrecognized key/],
    [{ ...MAIL, user: 'ci' }, /channels\.ops\.passwordEnv/],
    [{ ...MAIL, host: undefined }, /channels\.ops\.host/],
    [{ ...MAIL, from: 'ci@example.org\r\nBcc: eve@example.org' }, /channels\.ops\.from/],
    [{ ...MAIL, to: ['a@b.c>,<eve@example.org'] }, /channels\.ops\.to/],
    [{ ...MAIL, host: 'mail\r\nx' }, /channels\.ops\.host/],
    [{ ...MAIL, url: 'https://example.org' }, /channels\.ops\.url: is no key of a smtp channel/],
    [{ type: 'command' }, /channels\.ops\.command/],
    [{ type: 'pigeon' }, /channels\.ops\.type/],
    [{ ...HOOK, events: ['aproved'] }, /channels\.ops\.events/],
    [{ ...HOOK, events: [] }, /channels\.ops\.events/],
  ])('%j', (channel, message) => {
    expect(messageFor(channel)).toMatch(message);
    expect(messageFor(channel)).not.toContain('hunter2');
  });

  test.each(['a.b', 'A', '', '../x', 'x'.repeat(41)])('the name %j', (name) => {
    expect(messageFor(HOOK, name)).not.toBe('accepted');
  });
});

describe('who approves', () => {
  test('without a file the user of the system decides, alone, and the run goes on', () => {
    expect(approvalConfigSchema.parse({})).toEqual({
      version: 1,
      user: null,
      admins: [],
      defaultApprovers: [],
      singleUser: true,
      whenDecided: 'continue',
    });
  });

  test.each([
    { user: '' },
    { user: ' ann' },
    { admins: ['ann\u200b'] },
    { defaultApprovers: ['ann\nbob'] },
    { whenDecided: 'maybe' },
    { admin: ['ann'] },
  ])('%j is refused', (config) => {
    expect(mergeWithDefaults(approvalConfigSchema, config).ok).toBe(false);
  });
});
