/** Slack refuses a section whose text is longer, counted after escaping. */
export const SECTION_MAX_CHARACTERS = 3000;

/** Room kept for the note that says how much was left out. */
const NOTE_CHARACTERS = 60;

/** The two verbs of an alert channel, as the word a reader sees. */
export type AlertLevel = 'CRITICAL' | 'WARNING';

/** What is posted: `text` is what a phone's notification and old clients show, `blocks` what the conversation shows. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: {
    type: 'section';
    text: { type: 'mrkdwn'; text: string; verbatim: true };
  }[];
}

/**
 * Writes an alert as one Slack message. Nothing in `message` is read as markup that notifies people or makes links;
 * what does not fit 3,000 characters is left out, and the note at the end says how much.
 */
export function toSlackMessage(level: AlertLevel, message: string): SlackMessage {
  const heading = `*${level}*\n`;
  const body = fitEscaped(readable(message), SECTION_MAX_CHARACTERS - heading.length);
  return {
    text: `${level}: ${body}`,
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: heading + body, verbatim: true } }],
  };
}

/** Replaces the three characters that Slack reads as control characters. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Text from elsewhere may hold terminal escapes and other control characters; line breaks and tabs stay. */
function readable(message: string): string {
  const clean = message
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .trim();
  return clean === '' ? '(no message)' : clean;
}

/** Escapes character by character, so that a cut never falls inside `&amp;` or between two halves of one character. */
function fitEscaped(text: string, maxCharacters: number): string {
  const escaped = escapeSlack(text);
  if (escaped.length <= maxCharacters) return escaped;
  const characters = Array.from(text);
  let kept = '';
  let count = 0;
  for (const character of characters) {
    const next = escapeSlack(character);
    if (kept.length + next.length > maxCharacters - NOTE_CHARACTERS) break;
    kept += next;
    count += 1;
  }
  return `${kept}\n… ${characters.length - count} more characters were left out`;
}
