import { type Secret, secretForms } from '../../kernel/secret.ts';

const REPLACEMENT = '[secret]';

/**
 * Replaces secret values in a text that arrives in pieces, with the same result as in one piece: the end of a piece
 * that may be the beginning of a secret waits for the next one. Nothing else is held back, so that a line
 * without a line end (a question, a progress bar) is seen at once.
 */
export class SecretFilter {
  readonly #values: readonly string[];
  readonly #pattern: RegExp | undefined;
  #held = '';

  constructor(secrets: readonly Secret[]) {
    const values = secrets.flatMap(secretForms);
    // Longest first: where one secret begins with another, the whole of it is replaced.
    this.#values = [...new Set(values)].sort((a, b) => b.length - a.length);
    this.#pattern =
      values.length === 0 ? undefined : new RegExp(this.#values.map(escapePattern).join('|'), 'g');
  }

  /** Adds a piece and returns what is certain by now. */
  push(piece: string): string {
    const text = this.#held + piece;
    const certain = text.length - this.#uncertainLength(text);
    const { clean, end } = this.#clean(text, certain);
    this.#held = text.slice(end);
    return clean;
  }

  /** Returns what was held back; the text ends here. */
  flush(): string {
    const { clean } = this.#clean(this.#held, this.#held.length);
    this.#held = '';
    return clean;
  }

  /** Replaces the secrets that start before `certain`; `end` is where the cleaned part of `text` ends. */
  #clean(text: string, certain: number): { clean: string; end: number } {
    if (this.#pattern === undefined) return { clean: text.slice(0, certain), end: certain };
    let clean = '';
    let end = 0;
    for (const match of text.matchAll(this.#pattern)) {
      if (match.index >= certain) break;
      clean += text.slice(end, match.index) + REPLACEMENT;
      end = match.index + match[0].length;
    }
    if (end >= certain) return { clean, end };
    return { clean: clean + text.slice(end, certain), end: certain };
  }

  /** Length of the longest end of `text` that is the beginning of a secret, or one for half a surrogate pair. */
  #uncertainLength(text: string): number {
    let longest = isHighSurrogate(text.charCodeAt(text.length - 1)) ? 1 : 0;
    for (const value of this.#values) {
      for (let length = Math.min(value.length - 1, text.length); length > longest; length -= 1) {
        if (text.endsWith(value.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function escapePattern(value: string): string {
  return value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
