/**
 * Exact widths of what stands in terminal cells. Remote text is cleaned first, so that only letters remain whose width
 * every terminal agrees on; then each code point is 0, 1 or 2 cells wide.
 */

/** Marks where a text was cut. */
export const CUT_MARK = '~';

const PLAIN = /^[\x20-\x7e]*$/;

// Escape sequences of terminals: strings with their end (titles, links, clipboards), CSI with its parameters, the rest.
const SEQUENCES =
  /(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|(?:\u001b\[|\u009b)[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]?|\u001b[\x20-\x2f]*[\x30-\x7e]?/gu;

// Joiners, variation selectors, skin tones, direction marks and other letters that draw nothing of their own.
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|\p{Cf}|\p{Emoji_Modifier}|\u20E3/gu;

// Letters whose width terminals do not agree on: unassigned and private ones, halves of pairs, flags, spacing marks,
// parts of Hangul syllables that did not combine, signs that became wide lately, and rare scripts.
const UNCERTAIN =
  /[\p{Cn}\p{Co}\p{Cs}\p{Mc}\u{1F1E6}-\u{1F1FF}\u1160-\u11FF\uD7B0-\uD7FF\u2630-\u2637\u268A-\u268F\u3248-\u324F\u4DC0-\u4DFF]|(?![\p{Emoji_Presentation}\u{1D400}-\u{1D7FF}\u{20000}-\u{3FFFD}])[\u{10000}-\u{10FFFF}]/gu;

const ZERO = /[\p{Mn}\p{Me}]/u;

const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

/** A text from outside as it may stand on a screen: one line, no control sequences, only letters of certain width. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replace(SEQUENCES, '')
    .replace(/[\r\n\t]+/gu, ' ')
    .replace(/\p{Cc}/gu, '')
    .normalize('NFC')
    .replace(INVISIBLE, '')
    .replace(UNCERTAIN, '?')
    .replace(/^\p{M}+/u, '');
}

/** Cells that a cleaned text takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const letter of text) width += cellsOf(letter);
  return width;
}

/** The text in exactly `width` cells: cut at its end or filled with spaces. */
export function fitEnd(text: string, width: number): string {
  const taken = widthOf(text);
  if (taken <= width) return text + ' '.repeat(width - taken);
  if (width <= 0) return '';
  return fill(`${headOf(text, width - 1)}${CUT_MARK}`, width);
}

/** The text in exactly `width` cells at the right side: filled with spaces before it, or cut at its end. */
export function fitStart(text: string, width: number): string {
  const taken = widthOf(text);
  return taken <= width ? ' '.repeat(width - taken) + text : fitEnd(text, width);
}

/** The text in exactly `width` cells, cut in its middle: names differ at their ends. */
export function fitMiddle(text: string, width: number): string {
  if (widthOf(text) <= width || width < 5) return fitEnd(text, width);
  const head = headOf(text, Math.ceil((width - 1) / 2));
  return fill(head + CUT_MARK + tailOf(text, width - 1 - widthOf(head)), width);
}

/** The longest beginning of a text that fits in so many cells. */
export function headOf(text: string, width: number): string {
  if (PLAIN.test(text)) return text.slice(0, Math.max(0, width));
  let taken = 0;
  let head = '';
  for (const letter of text) {
    taken += cellsOf(letter);
    if (taken > width) break;
    head += letter;
  }
  return head;
}

/** Breaks a cleaned text into lines of at most `width` cells. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (widthOf(rest) > width && width > 1) {
    const head = headOf(rest, width);
    if (head === '') break;
    lines.push(head);
    rest = rest.slice(head.length);
  }
  lines.push(rest);
  return lines;
}

/** Breaks a cleaned text between words where it can; no line is wider than `width`. */
export function wrapWords(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = wrapText(word, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  return [...lines, line];
}

function tailOf(text: string, width: number): string {
  const letters = [...text];
  let taken = 0;
  let start = letters.length;
  while (start > 0) {
    taken += cellsOf(letters[start - 1] ?? '');
    if (taken > width) break;
    start -= 1;
  }
  return letters
    .slice(start)
    .join('')
    .replace(/^\p{M}+/u, '');
}

function fill(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

function cellsOf(letter: string): 0 | 1 | 2 {
  if (letter.length === 1 && letter < '\u007f') return 1;
  if (ZERO.test(letter)) return 0;
  return WIDE.test(letter) ? 2 : 1;
}
