import * as z from 'zod';
import { NOTIFICATION_EVENTS } from '../notify/notification.ts';
import { endpointKind } from '../telemetry/endpoint.ts';

export const CHANNEL_TYPES = ['webhook', 'slack', 'smtp', 'command'] as const;

export const CHANNEL_NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;

/** A name of a variable; the secret itself never stands in the file. */
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/, 'must be the name of a variable');
/** Nothing in it may end a header or an SMTP command, or begin another address. */
const mailAddress = z
  .string()
  .max(254)
  .regex(
    /^[^\s@<>()[\],;:\\"\u0000-\u001f\u007f]+@[^\s@<>()[\],;:\\"\u0000-\u001f\u007f]+$/,
    'must be an e-mail address',
  );
const nonEmpty = z.string().min(1).max(8_192);

/** One list of all keys, so that each can be set by itself; which ones a type takes is checked below. */
const channelSchema = z
  .strictObject({
    type: z.enum(CHANNEL_TYPES),
    enabled: z.boolean().default(true),
    /** What is told through this channel. */
    events: z.array(z.enum(NOTIFICATION_EVENTS)).min(1).default(['requested']),
    /** webhook: the address, where nothing in it is secret. */
    url: nonEmpty.optional(),
    /** webhook, slack: the variable that holds the address. */
    urlEnv: variableName.optional(),
    /** webhook: the variable with the signing secret (`whsec_…`; several divided by spaces while they are rotated). */
    secretEnv: variableName.optional(),
    /** webhook: send without a signature. */
    unsigned: z.boolean().optional(),
    /** webhook, slack, smtp: over an unencrypted connection also to other machines. */
    allowUnencrypted: z.boolean().optional(),
    /** smtp, as are all that follow. */
    host: z
      .string()
      .regex(/^[A-Za-z0-9.:_-]{1,253}$/, 'must be the name of a host')
      .optional(),
    port: z.int().min(1).max(65_535).optional(),
    /** TLS from the first byte (port 465); otherwise STARTTLS. */
    secure: z.boolean().optional(),
    user: nonEmpty.optional(),
    passwordEnv: variableName.optional(),
    from: mailAddress.optional(),
    /** Addresses that get every message, or the address of each approver by name. */
    to: z.union([z.array(mailAddress).min(1), z.record(z.string().min(1), mailAddress)]).optional(),
    /** command: a line for the shell, or a program and its arguments. */
    command: z.union([nonEmpty, z.array(z.string().max(8_192)).min(1)]).optional(),
  })
  .superRefine((channel, context) => {
    for (const [key, message] of channelProblems(channel)) {
      context.addIssue({ code: 'custom', path: [key], message });
    }
  });

/** `.claude/notify-config.json`: the channels through which approvers are told (spec: pipelines 6). */
export const notifyConfigSchema = z.strictObject({
  version: z.literal(1).default(1),
  /** By name: lower-case letters, digits, `-` and `_`. */
  channels: z
    .record(
      z.string().regex(CHANNEL_NAME, 'must be a name of lower-case letters, digits, - and _'),
      channelSchema,
    )
    .default({}),
});

export type NotifyConfig = z.infer<typeof notifyConfigSchema>;

export type ChannelConfig = NotifyConfig['channels'][string];

type ChannelKey = keyof ChannelConfig;

const COMMON: readonly ChannelKey[] = ['type', 'enabled', 'events'];
const KEYS: Readonly<Record<ChannelConfig['type'], readonly ChannelKey[]>> = {
  webhook: ['url', 'urlEnv', 'secretEnv', 'unsigned', 'allowUnencrypted'],
  slack: ['urlEnv', 'allowUnencrypted'],
  smtp: ['host', 'port', 'secure', 'user', 'passwordEnv', 'from', 'to', 'allowUnencrypted'],
  command: ['command'],
};

function channelProblems(channel: ChannelConfig): (readonly [ChannelKey, string])[] {
  return [...foreignKeys(channel), ...MISSING[channel.type](channel), ...urlProblems(channel)];
}

function foreignKeys(channel: ChannelConfig): (readonly [ChannelKey, string])[] {
  const taken = [...COMMON, ...KEYS[channel.type]];
  const set = Object.entries(channel).filter(([, value]) => value !== undefined);
  return set
    .map(([key]) => key as ChannelKey)
    .filter((key) => !taken.includes(key))
    .map((key) =>
      key === 'url' && channel.type === 'slack'
        ? (['url', 'such an address is a secret: put it into a variable and name that in urlEnv'] as const)
        : ([key, `is no key of a ${channel.type} channel`] as const),
    );
}

const MISSING: Readonly<
  Record<ChannelConfig['type'], (channel: ChannelConfig) => (readonly [ChannelKey, string])[]>
> = {
  webhook: (channel) => [
    ...(channel.url === undefined && channel.urlEnv === undefined
      ? [['url', 'a webhook needs url or urlEnv'] as const]
      : []),
    ...(channel.url !== undefined && channel.urlEnv !== undefined
      ? [['urlEnv', 'give either url or urlEnv'] as const]
      : []),
    ...(channel.secretEnv === undefined && channel.unsigned !== true
      ? [
          [
            'secretEnv',
            'a webhook is signed: name the variable with its secret, or set unsigned to true',
          ] as const,
        ]
      : []),
    ...(channel.secretEnv !== undefined && channel.unsigned === true
      ? [['unsigned', 'give either secretEnv or unsigned'] as const]
      : []),
  ],
  slack: (channel) => needed(channel, ['urlEnv']),
  smtp: (channel) => [
    ...needed(channel, ['host', 'from', 'to']),
    ...(channel.user !== undefined && channel.passwordEnv === undefined
      ? [['passwordEnv', 'a user needs passwordEnv'] as const]
      : []),
    ...(channel.user === undefined && channel.passwordEnv !== undefined
      ? [['user', 'passwordEnv needs a user'] as const]
      : []),
  ],
  command: (channel) => needed(channel, ['command']),
};

function needed(channel: ChannelConfig, keys: readonly ChannelKey[]): (readonly [ChannelKey, string])[] {
  return keys
    .filter((key) => channel[key] === undefined)
    .map((key) => [key, `a ${channel.type} channel needs ${key}`] as const);
}

/** The file may be shared and is shown: what could be a secret in an address belongs into a variable. */
function urlProblems(channel: ChannelConfig): (readonly [ChannelKey, string])[] {
  if (channel.url === undefined || channel.type !== 'webhook') return [];
  const kind = endpointKind(channel.url);
  if (kind === 'malformed') return [['url', 'must read like https://host/path']];
  if (/^[^/]*\/\/[^/?#]*@|[?#]/.test(channel.url)) {
    return [
      [
        'url',
        'must hold no user, password or query: put such an address into a variable and name that in urlEnv',
      ],
    ];
  }
  if (kind === 'http' && channel.allowUnencrypted !== true) {
    return [['url', 'http:// is for this machine only: use https://, or set allowUnencrypted to true']];
  }
  return [];
}
