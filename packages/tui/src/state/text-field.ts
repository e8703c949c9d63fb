/** One line of text being typed: what a person sees as letters, and where the next one goes. */
export interface TextField {
  readonly letters: readonly string[];
  /** 0 … letters.length */
  readonly cursor: number;
}

/** An empty field. */
export const EMPTY_FIELD: TextField = { letters: [], cursor: 0 };

/** Letters a field holds at most; more are dropped. */
export const FIELD_MAX_LETTERS = 500;

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Splits a text into what a person sees as letters. */
export function lettersOf(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** A field that holds this text, the cursor after it. */
export function fieldOf(text: string): TextField {
  const letters = lettersOf(text).slice(0, FIELD_MAX_LETTERS);
  return { letters, cursor: letters.length };
}

/** The text of a field. */
export function textOf(field: TextField): string {
  return field.letters.join('');
}

/** Puts a text at the cursor; line ends and tabs become spaces, other control characters go. */
export function insertText(field: TextField, text: string): TextField {
  const plain = text.replace(/[\r\n\t]+/gu, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '');
  const room = FIELD_MAX_LETTERS - field.letters.length;
  const added = lettersOf(plain).slice(0, Math.max(0, room));
  const before = field.letters.slice(0, field.cursor);
  // Typed parts of one letter (a combining mark) join the letter before them.
  const joined = lettersOf([...before, ...added].join(''));
  return { letters: [...joined, ...field.letters.slice(field.cursor)], cursor: joined.length };
}

/** The field after an editing key; the same field when the key does not edit. */
export function editField(field: TextField, key: string): TextField {
  const { letters, cursor } = field;
  if (key === 'backspace' && cursor > 0) return cut(field, cursor - 1, cursor);
  if (key === 'delete' && cursor < letters.length) return cut(field, cursor, cursor + 1);
  if (key === 'left') return { letters, cursor: Math.max(0, cursor - 1) };
  if (key === 'right') return { letters, cursor: Math.min(letters.length, cursor + 1) };
  if (key === 'home' || key === 'ctrl-a') return { letters, cursor: 0 };
  if (key === 'end' || key === 'ctrl-e') return { letters, cursor: letters.length };
  if (key === 'ctrl-u') return cut(field, 0, cursor);
  if (key === 'ctrl-w') return cut(field, wordStart(letters, cursor), cursor);
  return field;
}

function cut(field: TextField, from: number, to: number): TextField {
  return { letters: [...field.letters.slice(0, from), ...field.letters.slice(to)], cursor: from };
}

function wordStart(letters: readonly string[], cursor: number): number {
  let start = cursor;
  while (start > 0 && letters[start - 1] === ' ') start -= 1;
  while (start > 0 && letters[start - 1] !== ' ') start -= 1;
  return start;
}
