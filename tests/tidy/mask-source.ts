/**
 * TypeScript 7 has no programming interface, so the checks read sources with this small scanner. It blanks what is
 * not code (comments, texts in quotes, templates and JSX, regular expressions) and keeps every offset and line.
 */
export interface MaskedSource {
  /** Same length as the source: code as it is, everything else as spaces; quotes and line breaks stay. */
  readonly code: string;
  readonly comments: readonly Range[];
}

/** A piece of the source, from `start` up to but not including `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Words after which an expression begins, so that `/` opens a regular expression and `<` an element. */
const BEFORE_EXPRESSION = new Set(
  'return typeof instanceof in of new delete void throw case do else yield await default extends'.split(' '),
);

/** Blanks everything in `source` that is not code; `jsx` for `.tsx` files. */
export function maskSource(source: string, jsx: boolean): MaskedSource {
  const scanner = new Scanner(source, jsx);
  scanner.scanCode(undefined);
  return { code: scanner.out.join(''), comments: scanner.comments };
}

class Scanner {
  readonly out: string[];
  readonly comments: Range[] = [];
  readonly #source: string;
  readonly #jsx: boolean;
  #at = 0;
  /** Last piece of code that counts: a word, a number or one punctuation character. */
  #previous = '';

  constructor(source: string, jsx: boolean) {
    this.#source = source;
    this.#jsx = jsx;
    this.out = source.split('');
  }

  /** Reads code up to the closing brace of an embedded expression, or to the end of the source. */
  scanCode(until: '}' | undefined): void {
    let depth = 0;
    while (this.#at < this.#source.length) {
      const character = this.#source.charAt(this.#at);
      if (this.#skipSpecial(character)) continue;
      if (character === '{') depth += 1;
      if (character === '}') {
        if (until !== undefined && depth === 0) return;
        depth -= 1;
      }
      this.#take(character);
    }
  }

  #take(character: string): void {
    const word = /[\w$#.]/.test(character)
      ? (/^[\w$#.]+/.exec(this.#source.slice(this.#at, this.#at + 80))?.[0] ?? '')
      : '';
    if (word !== '') this.#previous = word;
    else if (!/\s/.test(character)) this.#previous = character;
    this.#at += Math.max(1, word.length);
  }

  #skipSpecial(character: string): boolean {
    const two = this.#source.slice(this.#at, this.#at + 2);
    if (two === '//') return this.#comment(this.#indexOf('\n', this.#at));
    if (two === '/*') return this.#comment(this.#indexOf('*/', this.#at + 2) + 2);
    if (character === "'" || character === '"') return this.#quoted(character);
    if (character === '`') return this.#template();
    if (character === '/' && this.#expressionMayBegin()) return this.#regularExpression();
    if (character === '<' && this.#jsx && this.#elementBegins()) {
      this.#element();
      this.#previous = ')';
      return true;
    }
    return false;
  }

  #comment(end: number): boolean {
    this.comments.push({ start: this.#at, end });
    this.#blank(this.#at, end);
    this.#at = end;
    return true;
  }

  #quoted(quote: string): boolean {
    const start = this.#at;
    this.#at += 1;
    while (
      this.#at < this.#source.length &&
      this.#source[this.#at] !== quote &&
      this.#source[this.#at] !== '\n'
    ) {
      this.#at += this.#source[this.#at] === '\\' ? 2 : 1;
    }
    this.#blank(start + 1, this.#at);
    this.#at += 1;
    this.#previous = quote;
    return true;
  }

  #template(): boolean {
    let textStart = this.#at + 1;
    this.#at += 1;
    while (this.#at < this.#source.length && this.#source[this.#at] !== '`') {
      if (this.#source[this.#at] === '\\') this.#at += 2;
      else if (this.#source.startsWith('${', this.#at)) {
        this.#blank(textStart, this.#at);
        this.#at += 2;
        this.#previous = '{';
        this.scanCode('}');
        this.#at += 1;
        textStart = this.#at;
      } else this.#at += 1;
    }
    this.#blank(textStart, this.#at);
    this.#at += 1;
    this.#previous = '`';
    return true;
  }

  #regularExpression(): boolean {
    const start = this.#at;
    let inClass = false;
    for (this.#at += 1; this.#at < this.#source.length; this.#at += 1) {
      const character = this.#source[this.#at];
      if (character === '\\') this.#at += 1;
      else if (character === '[') inClass = true;
      else if (character === ']') inClass = false;
      else if ((character === '/' && !inClass) || character === '\n') break;
    }
    this.#blank(start + 1, this.#at);
    this.#at += 1;
    this.#previous = ')';
    return true;
  }

  #expressionMayBegin(): boolean {
    if (this.#previous === '' || BEFORE_EXPRESSION.has(this.#previous)) return true;
    return !/[\w$)\]}'"`]$/.test(this.#previous);
  }

  /** `<Name`, `<>`; but `<T,>` and `<T extends` open type parameters. */
  #elementBegins(): boolean {
    if (!this.#expressionMayBegin()) return false;
    return /^<(>|[A-Za-z][\w.]*(?!\s*,|\s+extends\b)[\s/>])/.test(
      this.#source.slice(this.#at, this.#at + 80),
    );
  }

  /** Reads one element with its children; the braces inside it are code again. */
  #element(): void {
    if (!this.#tag()) return;
    while (this.#at < this.#source.length) {
      const textStart = this.#at;
      while (this.#at < this.#source.length && !'<{'.includes(this.#source.charAt(this.#at))) this.#at += 1;
      this.#blank(textStart, this.#at);
      if (this.#source.startsWith('</', this.#at)) {
        this.#at = this.#indexOf('>', this.#at) + 1;
        return;
      }
      if (this.#source[this.#at] === '{') this.#embedded();
      else this.#element();
    }
  }

  /** Reads an opening tag; false when it closes itself. */
  #tag(): boolean {
    for (this.#at += 1; this.#at < this.#source.length; ) {
      const character = this.#source.charAt(this.#at);
      if (character === '{') this.#embedded();
      else if (character === '"' || character === "'") this.#quoted(character);
      else if (this.#source.startsWith('/>', this.#at)) {
        this.#at += 2;
        return false;
      } else {
        this.#at += 1;
        if (character === '>') return true;
      }
    }
    return false;
  }

  #embedded(): void {
    this.#at += 1;
    this.#previous = '{';
    this.scanCode('}');
    this.#at += 1;
  }

  #indexOf(text: string, from: number): number {
    const found = this.#source.indexOf(text, from);
    return found === -1 ? this.#source.length : found;
  }

  #blank(start: number, end: number): void {
    for (let index = start; index < end && index < this.out.length; index += 1) {
      if (this.out[index] !== '\n') this.out[index] = ' ';
    }
  }
}

/** Number of the line, from 1, that holds an offset. */
export function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}
