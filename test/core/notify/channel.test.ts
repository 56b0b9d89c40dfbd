import { expect, test } from 'vitest';
import { notifyConfigSchema } from '../../../src/core/config/notify-config.ts';
import { channelsFor, shownNotifyConfig, variablesOf } from '../../../src/core/notify/channel.ts';
import { channels } from '../../rig/notification.ts';

const SMTP = { type: 'smtp', host: 'mail', from: 'a@b.c', to: ['d@e.f'] };

test('an event goes to the channels that want it and are switched on', () => {
  const all = channels({
    one: { type: 'command', command: 'true' },
    two: { type: 'command', command: 'true', events: ['requested', 'approved'] },
    off: { type: 'command', command: 'true', enabled: false },
  });
  const names = (event: 'requested' | 'approved' | 'cancelled') =>
    channelsFor(all, { event }).map(({ name }) => name);
  expect([names('requested'), names('approved'), names('cancelled')]).toEqual([['one', 'two'], ['two'], []]);
});

test('mail goes to the submission port with STARTTLS, or to 465 with TLS from the start', () => {
  const of = (special: object) => channels({ mail: { ...SMTP, ...special } })[0];
  expect(of({})).toMatchObject({ port: 587, secure: false });
  expect(of({ secure: true })).toMatchObject({ port: 465, secure: true });
  expect(of({ port: 465 })).toMatchObject({ port: 465, secure: true });
  expect(of({ port: 2525 })).toMatchObject({ port: 2525, secure: false });
});

test('the variables that hold the secrets of a channel are known', () => {
  const all = channels({
    hook: { type: 'webhook', urlEnv: 'A', secretEnv: 'B' },
    chat: { type: 'slack', urlEnv: 'C' },
    mail: { ...SMTP, user: 'u', passwordEnv: 'D' },
    own: { type: 'command', command: ['true'] },
  });
  expect(all.map(variablesOf)).toEqual([['A', 'B'], ['C'], ['D'], []]);
});

test('of an address only the host is shown', () => {
  const shown = (url: string) => {
    const config = notifyConfigSchema.parse({ channels: { hook: { type: 'webhook', unsigned: true, url } } });
    return shownNotifyConfig(config).channels['hook']?.url;
  };
  expect(shown('https://hooks.example.org/services/T0/B0/abcdef')).toBe('https://hooks.example.org/***');
  expect(shown('https://hooks.example.org')).toBe('https://hooks.example.org');
});
