import type { Message } from './message.ts';

const LONGEST_HEADER = 150;
const LONGEST_SECTION = 2_900;
const LONGEST_TEXT = 3_500;

/**
 * Body of a post to Slack, or to what understands the same. `&`, `<` and `>` are escaped, so that no text from a
 * pipeline becomes a link or a mention; words that other chats read as a mention of everybody are broken up.
 */
export function slackBody(message: Message, text: string): string {
  const sections = [
    ...(message.work === undefined ? [] : [`*What would run*\n${code(message.work, LONGEST_SECTION - 100)}`]),
    escaped(message.facts.map(([label, value]) => `${label}: ${value}`).join('\n'), LONGEST_SECTION),
    ...message.commands.map(([label, command]) => `*${label}*\n${code(command, LONGEST_SECTION - 100)}`),
  ];
  return JSON.stringify({
    text: escaped(text, LONGEST_TEXT),
    blocks: [
      {
        type: 'header',
        text: { type: 'plain_text', text: escaped(message.headline, LONGEST_HEADER), emoji: false },
      },
      ...sections.map((section) => ({
        type: 'section',
        text: { type: 'mrkdwn', text: section, verbatim: true },
      })),
    ],
  });
}

function code(text: string, limit: number): string {
  return `\`\`\`${escaped(text.replaceAll('`', "'") || '(nothing is said)', limit)}\`\`\``;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const EVERYBODY = /@(?=(?:channel|here|everyone|all|group)\b)/gi;

/** Cut so that no escape is broken. */
function escaped(text: string, limit: number): string {
  let result = '';
  for (const character of text.replace(EVERYBODY, '@\u200b')) {
    const next = ENTITIES[character] ?? character;
    if (result.length + next.length >= limit) return `${result}…`;
    result += next;
  }
  return result;
}
