import type { ChannelConfig, NotifyConfig } from '../config/notify-config.ts';
import type { Notification, NotificationEvent } from './notification.ts';

/** A way to tell people, as configured; secrets only by the name of the variable that holds them. */
export type Channel = {
  readonly name: string;
  readonly enabled: boolean;
  readonly events: readonly NotificationEvent[];
} & (WebhookChannel | SlackChannel | MailChannel | CommandChannel);

/** Where an address stands: in the file, or in a variable. */
export type Address = { readonly url: string } | { readonly variable: string };

export interface WebhookChannel {
  readonly type: 'webhook';
  readonly address: Address;
  /** Absent: unsigned, which somebody has asked for in words. */
  readonly secretVariable?: string;
  readonly allowUnencrypted: boolean;
}

export interface SlackChannel {
  readonly type: 'slack';
  readonly address: Address;
  readonly allowUnencrypted: boolean;
}

export interface MailChannel {
  readonly type: 'smtp';
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly secure: boolean;
  readonly login?: { readonly user: string; readonly passwordVariable: string };
  readonly from: string;
  readonly to: readonly string[] | Readonly<Record<string, string>>;
  readonly allowUnencrypted: boolean;
}

export interface CommandChannel {
  readonly type: 'command';
  readonly command: string | readonly string[];
}

/** The channels of a configuration, in its order. */
export function channelsOf(config: NotifyConfig): readonly Channel[] {
  return Object.entries(config.channels).map(([name, channel]) => ({
    name,
    enabled: channel.enabled,
    events: channel.events,
    ...kindOf(channel),
  }));
}

/** Those that are to be told of it. */
export function channelsFor(
  channels: readonly Channel[],
  notification: Pick<Notification, 'event'>,
): readonly Channel[] {
  return channels.filter(
    ({ enabled, events }) => enabled && events.some((event) => event === notification.event),
  );
}

/** The names of the variables that a channel reads its secrets from. */
export function variablesOf(channel: Channel): readonly string[] {
  switch (channel.type) {
    case 'webhook':
      return [
        ...variableOf(channel.address),
        ...(channel.secretVariable === undefined ? [] : [channel.secretVariable]),
      ];
    case 'slack':
      return variableOf(channel.address);
    case 'smtp':
      return channel.login === undefined ? [] : [channel.login.passwordVariable];
    case 'command':
      return [];
  }
}

/** A configuration as it may be shown: of an address no more than its host, since its path may open a door. */
export function shownNotifyConfig(config: NotifyConfig): NotifyConfig {
  const channels = Object.entries(config.channels).map(([name, channel]) => [
    name,
    channel.url === undefined ? channel : { ...channel, url: hostOnly(channel.url) },
  ]);
  return { ...config, channels: Object.fromEntries(channels) };
}

function hostOnly(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^/]*)(\/?).*$/is, (_whole, host: string, slash: string) =>
    slash === '' ? host : `${host}/***`,
  );
}

function variableOf(address: Address): readonly string[] {
  return 'variable' in address ? [address.variable] : [];
}

/** The schema has made sure that nothing is missing. */
function kindOf(channel: ChannelConfig): WebhookChannel | SlackChannel | MailChannel | CommandChannel {
  const allowUnencrypted = channel.allowUnencrypted === true;
  const address: Address =
    channel.urlEnv === undefined ? { url: channel.url ?? '' } : { variable: channel.urlEnv };
  switch (channel.type) {
    case 'webhook':
      return {
        type: 'webhook',
        address,
        allowUnencrypted,
        ...(channel.secretEnv === undefined ? {} : { secretVariable: channel.secretEnv }),
      };
    case 'slack':
      return { type: 'slack', address, allowUnencrypted };
    case 'smtp':
      return mailOf(channel, allowUnencrypted);
    case 'command':
      return { type: 'command', command: channel.command ?? '' };
  }
}

const SUBMISSION_PORT = 587;
const SUBMISSION_TLS_PORT = 465;

function mailOf(channel: ChannelConfig, allowUnencrypted: boolean): MailChannel {
  const secure = channel.secure ?? channel.port === SUBMISSION_TLS_PORT;
  return {
    type: 'smtp',
    host: channel.host ?? '',
    port: channel.port ?? (secure ? SUBMISSION_TLS_PORT : SUBMISSION_PORT),
    secure,
    ...(channel.user === undefined || channel.passwordEnv === undefined
      ? {}
      : { login: { user: channel.user, passwordVariable: channel.passwordEnv } }),
    from: channel.from ?? '',
    to: channel.to ?? [],
    allowUnencrypted,
  };
}
