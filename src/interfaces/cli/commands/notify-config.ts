import type { Command } from 'commander';
import { type ConfigEditor, openConfig } from '../../../compose/config.ts';
import { testNotifyChannel } from '../../../compose/notify.ts';
import { CHANNEL_NAME } from '../../../core/config/notify-config.ts';
import { nearestTo } from '../../../core/nearest.ts';
import { shownNotifyConfig } from '../../../core/notify/channel.ts';
import { channelFrom, withChannelOptions } from '../channel-options.ts';
import { EXIT } from '../exit-code.ts';
import { printConfig, runConfigCommand } from '../report/config-command.ts';
import { CommandFailure } from '../run-command.ts';

interface Options extends Readonly<Record<string, unknown>> {
  readonly json?: boolean;
  readonly stateDir?: string;
}

/** `.claude/notify-config.json`: the channels through which approvers are told (spec: pipelines 6). */
export async function main(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.done;
  const ended = await runConfigCommand('notify', 'show, change and test how approvers are told', argv, {
    shown: shownNotifyConfig,
    addCommands(program) {
      withPlace(withChannelOptions(program.command('add <name>').description('add a channel'))).action(add);
      withPlace(program.command('remove <name>').description('remove a channel')).action(remove);
      withPlace(
        program.command('test <name>').description('send a test message, and say what came of it'),
      ).action(async (name: string, options: Options) => {
        code = await test(name, options);
      });
    },
  });
  return code === EXIT.done ? ended : code;
}

function withPlace(command: Command): Command {
  return command
    .option('--json', 'print JSON')
    .option('--state-dir <directory>', 'where state is kept (default: .claude, or MURMUR8_STATE_DIR)');
}

function add(name: string, options: Options): void {
  if (!CHANNEL_NAME.test(name)) {
    throw new CommandFailure(
      {
        code: 'bad-value',
        message: `${JSON.stringify(name)} cannot be the name of a channel`,
        hint: 'use lower-case letters, digits, - and _',
      },
      EXIT.usage,
    );
  }
  const editor = open(options);
  if (channelNames(editor).includes(name)) {
    throw new CommandFailure(
      {
        code: 'conflict',
        message: `there is a channel ${name} already`,
        hint: `change it with murmur8 notify-config set channels.${name}.<key> <value>, or remove it first`,
      },
      EXIT.conflict,
    );
  }
  const added = editor.set(`channels.${name}`, JSON.stringify(channelFrom(options)));
  printConfig(editor, added, options.json === true, 'set', shownNotifyConfig);
}

function remove(name: string, options: Options): void {
  const editor = open(options);
  mustKnow(editor, name);
  printConfig(editor, editor.reset(`channels.${name}`), options.json === true, 'reset', shownNotifyConfig);
}

async function test(name: string, options: Options): Promise<number> {
  mustKnow(open(options), name);
  const outcome = await testNotifyChannel({ cwd: process.cwd(), stateDir: options.stateDir, channel: name });
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(outcome, null, 2)}\n`
      : `${outcome.channel}: ${outcome.status}: ${outcome.detail}\n`,
  );
  return outcome.status === 'sent' ? EXIT.done : EXIT.failed;
}

function open(options: Options): ConfigEditor<'notify'> {
  return openConfig('notify', process.cwd(), options.stateDir);
}

/** None where the file cannot be read: whatever is done next then says why. */
function channelNames(editor: ConfigEditor<'notify'>): string[] {
  const config = editor.read();
  return config.ok ? Object.keys(config.value.channels) : [];
}

function mustKnow(editor: ConfigEditor<'notify'>, name: string): void {
  const config = editor.read();
  if (!config.ok) throw new CommandFailure(config.error, EXIT.failed);
  const names = Object.keys(config.value.channels);
  if (names.includes(name)) return;
  const near = nearestTo(name, names);
  throw new CommandFailure(
    {
      code: 'not-found',
      message: `there is no channel ${name}`,
      hint: near === undefined ? 'murmur8 notify-config lists the channels' : `did you mean ${near}?`,
    },
    EXIT.notFound,
  );
}
