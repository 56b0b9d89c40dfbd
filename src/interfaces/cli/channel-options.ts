import { type Command, InvalidArgumentError } from 'commander';
import { CHANNEL_TYPES } from '../../core/config/notify-config.ts';
import { NOTIFICATION_EVENTS } from '../../core/notify/notification.ts';

/** The options of `notify-config add`; each is a key of a channel. */
export function withChannelOptions(command: Command): Command {
  return command
    .requiredOption('--type <type>', CHANNEL_TYPES.join(', '))
    .option('--events <events>', `what is told, divided by commas: ${NOTIFICATION_EVENTS.join(', ')}`, list)
    .option('--url <url>', 'webhook: the address, where nothing in it is secret')
    .option('--url-env <name>', 'webhook, slack: variable that holds the address')
    .option('--secret-env <name>', 'webhook: variable that holds the signing secret (whsec_…)')
    .option('--unsigned', 'webhook: send without a signature')
    .option('--host <host>', 'smtp: the mail server')
    .option('--port <port>', 'smtp: its port (default: 587, with --secure 465)', Number)
    .option('--secure', 'smtp: TLS from the first byte instead of STARTTLS')
    .option('--user <user>', 'smtp: user to log in as')
    .option('--password-env <name>', 'smtp: variable that holds the password')
    .option('--from <address>', 'smtp: sender')
    .option('--to <addresses>', 'smtp: ann@example.org,… or, by approver, ann=ann@example.org,…', recipients)
    .option('--allow-unencrypted', 'webhook, slack, smtp: also to other machines')
    .option(
      '--command <line>',
      'command: line for the shell; gets the notification as JSON on standard input',
    );
}

/** The channel that was asked for, as it is written to the file; checked where it is written. */
export function channelFrom(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { json: _json, stateDir: _stateDir, ...channel } = options;
  return channel;
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function recipients(text: string, before?: unknown): unknown {
  const items = list(text);
  const named = items.filter((item) => item.includes('='));
  if (named.length === 0) return [...(Array.isArray(before) ? before : []), ...items];
  if (named.length < items.length || Array.isArray(before)) {
    throw new InvalidArgumentError('give either addresses, or an approver and = before each of them.');
  }
  const pairs = items.map((item) => [item.slice(0, item.indexOf('=')), item.slice(item.indexOf('=') + 1)]);
  return { ...(typeof before === 'object' ? before : {}), ...Object.fromEntries(pairs) };
}
