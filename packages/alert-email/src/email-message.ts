/** Longest subject; mail programs show about half of it. */
export const SUBJECT_MAX_CHARACTERS = 150;

/** Longest body, so that one runaway message cannot fill a mailbox. */
export const BODY_MAX_CHARACTERS = 100_000;

/** The two verbs of an alert channel, as the word a reader sees. */
export type AlertLevel = 'CRITICAL' | 'WARNING';

/** The parts of a mail that depend on the alert. */
export interface EmailMessage {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Writes an alert as a mail: the first line becomes the subject, the whole text the body, as text and as plain HTML. */
export function toEmailMessage(level: AlertLevel, message: string): EmailMessage {
  const body = cut(readable(message), BODY_MAX_CHARACTERS);
  const firstLine = body.split('\n', 1)[0] ?? '';
  return {
    subject: cut(`[${level}] ${firstLine.replaceAll('\t', ' ')}`, SUBJECT_MAX_CHARACTERS),
    text: `${level}\n\n${body}\n`,
    html: toHtml(level, body),
  };
}

/** Replaces the characters that HTML reads as markup, in text and in attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function toHtml(level: AlertLevel, body: string): string {
  const colour = level === 'CRITICAL' ? '#b00020' : '#8a5a00';
  return [
    '<!doctype html>',
    '<html>',
    `<head><meta charset="utf-8"><title>${level}</title></head>`,
    '<body style="font-family: sans-serif">',
    `<p style="color: ${colour}"><strong>${level}</strong></p>`,
    `<pre style="white-space: pre-wrap">${escapeHtml(body)}</pre>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** Text from elsewhere may hold terminal escapes and other control characters; line breaks and tabs stay. */
function readable(message: string): string {
  const clean = message
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .trim();
  return clean === '' ? '(no message)' : clean;
}

function cut(text: string, maxCharacters: number): string {
  const characters = Array.from(text);
  return characters.length <= maxCharacters ? text : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}
