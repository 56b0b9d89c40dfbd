import type { Channel } from '../../core/notify/channel.ts';
import type { Attempt, Delivery } from './attempt.ts';
import { type CommandWorld, runCommandChannel } from './run-command.ts';
import { type HttpWorld, sendSlack, sendWebhook } from './send-http.ts';
import { sendMail } from './send-mail.ts';

export type SendWorld = HttpWorld & CommandWorld;

/** One attempt to tell people through a channel. Never throws for what a receiver does. */
export function send(channel: Channel, delivery: Delivery, world: SendWorld): Promise<Attempt> {
  switch (channel.type) {
    case 'webhook':
      return sendWebhook(channel, delivery, world);
    case 'slack':
      return sendSlack(channel, delivery, world);
    case 'smtp':
      return sendMail(channel, delivery, world);
    case 'command':
      return runCommandChannel(channel, delivery, world);
  }
}
