/** Sequences with which a program steers a terminal: colours, cursor, titles of windows. */
const TERMINAL_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;

/** Characters that change the direction of the text after them: with them a line can read as something else. */
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from elsewhere as a message may carry it: lines and tabs stay, terminal sequences, control characters,
 * direction marks and halves of characters go.
 */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replaceAll(TERMINAL_SEQUENCE, '')
    .replaceAll(DIRECTION_MARKS, '')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .trim();
}

/** The same as one line, for titles, labels and headers: a planted line break must not start a new header. */
export function cleanLine(text: string): string {
  return cleanText(text).replaceAll(/\s+/g, ' ');
}

/** Keeps a text within a number of characters (code points, so that no emoji is torn); a cut ends in «…». */
export function cutText(text: string, maxCharacters: number): string {
  // A text of so few units cannot hold more characters, so most texts are never taken apart.
  if (text.length <= maxCharacters) return text;
  const characters = Array.from(text);
  if (characters.length <= maxCharacters) return text;
  return maxCharacters < 1 ? '' : `${characters.slice(0, maxCharacters - 1).join('')}…`;
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

/** Replaces the three characters that Slack reads as markup, so that a planted `<!channel>` notifies nobody. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Escapes for Slack and keeps the result within a number of UTF-16 units, the larger of the ways to count.
 * A cut never falls inside `&amp;` or a character and ends in «…».
 */
export function fitSlack(text: string, maxUnits: number): string {
  const escaped = escapeSlack(text);
  if (escaped.length <= maxUnits) return escaped;
  let kept = '';
  for (const character of text) {
    const next = escapeSlack(character);
    if (kept.length + next.length > maxUnits - 1) break;
    kept += next;
  }
  return `${kept}…`;
}
