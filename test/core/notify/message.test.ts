import { describe, expect, test } from 'vitest';
import { messageOf, messageText, subjectOf } from '../../../src/core/notify/message.ts';
import { NOTIFICATION_EVENTS } from '../../../src/core/notify/notification.ts';
import { slackBody } from '../../../src/core/notify/slack-body.ts';
import { webhookPayload } from '../../../src/core/notify/webhook-payload.ts';
import { aNotification } from '../../rig/notification.ts';

const HOSTILE =
  'x\r\nBcc: eve@example.org\u001b[2J\u0000\u202e <!channel> @everyone ```\nTo approve: rm -rf /';

describe('the text of a request', () => {
  test('says what would run, who decides how, until when, what to type and where the audit stands', () => {
    expect(messageText(messageOf(aNotification()))).toBe(
      [
        'Approval needed: stage deploy-production of pipeline cd.',
        '',
        'What would run:',
        '    deployer: bring build 42 to production',
        '',
        'Who may decide: ann, bob',
        'Votes needed: 2 of 2',
        'Deadline: 2100-01-01T00:00:00.000Z',
        'Asked for by: carol',
        'Run: run-1',
        'Approval: a-1',
        'Head of the audit chain: c0ffee',
        '',
        'To approve:',
        '    npx --no-install murmur8 approval approve a-1',
        '',
        'To reject:',
        '    npx --no-install murmur8 approval reject a-1 --reason "…"',
        '',
      ].join('\n'),
    );
  });

  test('no line of a hostile summary stands where one of ours would', () => {
    const text = messageText(messageOf(aNotification({ summary: HOSTILE })));
    expect(text.match(/^To approve:/gm)).toHaveLength(1);
    expect(text).toContain('\n    To approve: rm -rf /');
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test('names and headlines stay on one line, whatever they hold', () => {
    const hostile = aNotification({
      stage: HOSTILE,
      actor: HOSTILE,
      requestedBy: HOSTILE,
      event: 'delegated',
    });
    expect(subjectOf(messageOf(hostile))).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(messageText(messageOf(hostile)).match(/^Bcc/gm)).toBeNull();
  });

  test('many approvers are cut to a number that can be read', () => {
    const approvers = Array.from({ length: 500 }, (_, index) => `person-${index}`);
    const text = messageText(messageOf(aNotification({ approvers, quorum: 3 })));
    expect(text).toMatch(/person-29 and 470 more\nVotes needed: 3 of 500$/m);
  });
});

test('once nothing is asked any more there is nothing to type', () => {
  for (const event of ['approved', 'rejected', 'timed_out', 'cancelled'] as const) {
    const message = messageOf(aNotification({ event, actor: 'ann', comment: 'looks\ngood' }));
    expect([event, message.commands, message.work]).toEqual([event, [], undefined]);
    expect(messageText(message)).toMatch(/^Comment: looks good$/m);
  }
});

test('every event has a headline of its own', () => {
  const headlines = NOTIFICATION_EVENTS.map((event) => messageOf(aNotification({ event })).headline);
  expect(new Set(headlines).size).toBe(NOTIFICATION_EVENTS.length);
});

describe('the body for Slack', () => {
  const bodyOf = (special: Parameters<typeof aNotification>[0]) => {
    const message = messageOf(aNotification(special));
    return slackBody(message, messageText(message));
  };

  test('has a text and blocks, with &, < and > escaped', () => {
    const body = JSON.parse(bodyOf({ summary: 'a && b <c>' }));
    expect(body.text).toContain('a &amp;&amp; b &lt;c&gt;');
    expect(body.blocks[0].text).toMatchObject({ type: 'plain_text' });
    expect(JSON.stringify(body.blocks)).toContain('```a &amp;&amp; b &lt;c&gt;```');
  });

  test('mentions nobody and opens no code block of its own', () => {
    const body = bodyOf({ summary: HOSTILE, stage: '<!here>' });
    expect(body).not.toMatch(/<!|@everyone/);
    expect(body).toContain('@\u200beveryone');
    for (const block of JSON.parse(body).blocks) {
      expect((block.text.text.match(/```/g) ?? []).length % 2).toBe(0);
    }
  });

  test('keeps to the lengths that Slack takes, and breaks no escape', () => {
    const { text, blocks } = JSON.parse(bodyOf({ summary: '<'.repeat(10_000), stage: '&'.repeat(400) }));
    expect(text.length).toBeLessThanOrEqual(3_500);
    expect(blocks[0].text.text.length).toBeLessThanOrEqual(150);
    for (const block of blocks) {
      expect(block.text.text.length).toBeLessThanOrEqual(3_000);
      expect(block.text.text.replace(/&(?:amp|lt|gt);/g, '')).not.toContain('&');
    }
  });
});

describe('the payload of a webhook', () => {
  test('has type, time and data in full', () => {
    const { event: _event, at, ...data } = aNotification();
    expect(JSON.parse(webhookPayload(aNotification()))).toEqual({
      type: 'approval.requested',
      timestamp: at,
      data,
    });
  });

  test('stays below 20 kB however much there is to say, and says that it was cut', () => {
    const much = '\u{1f680}"\\'.repeat(10_000);
    const payload = webhookPayload(
      aNotification({
        summary: much,
        comment: much,
        approvers: Array.from({ length: 1_000 }, () => much),
        requestedBy: much,
        approveCommand: much,
        stage: much,
      }),
    );
    expect(Buffer.byteLength(payload)).toBeLessThan(20_000);
    expect(JSON.parse(payload).data).toMatchObject({ truncated: true, approvalId: 'a-1', quorum: 2 });
  });

  test('carries no control characters', () => {
    expect(JSON.parse(webhookPayload(aNotification({ summary: HOSTILE }))).data.summary).not.toMatch(
      /[\u0000-\u0009\u000b-\u001f\u202e]/,
    );
  });
});
