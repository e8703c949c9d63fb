import type { Theme, Tone } from '../theme.ts';
import { cleanText, fitEnd, headOf, widthOf } from './cells.ts';

/** A piece of a line; its text is cleaned when the line is painted. */
export interface Span {
  readonly text: string;
  readonly tone: Tone;
  /** The next letter a person types goes here: the terminal's own cursor stands on it, for input methods. */
  readonly cursor?: true;
}

/** One line of the screen before it is painted. */
export interface Line {
  readonly spans: readonly Span[];
  /** Shown where the cursor of the person is: the whole line inverted. */
  readonly selected?: boolean;
  /** The values are old: everything dim. */
  readonly old?: boolean;
}

/** A piece in the terminal's own look. */
export function plain(text: string): Span {
  return { text, tone: 'plain' };
}

/** A piece with a meaning. */
export function toned(tone: Tone, text: string): Span {
  return { text, tone };
}

/** A line of pieces. */
export function line(...spans: readonly Span[]): Line {
  return { spans };
}

/** A heading that fills its line with dashes: `-- name ------- right --`. */
export function ruler(title: string, width: number, right = ''): Line {
  const tail = right === '' ? '' : ` ${right} --`;
  const head = `-- ${fitHead(cleanText(title), width - 6 - widthOf(tail))} `;
  return line(
    toned('dim', `${head}${'-'.repeat(Math.max(0, width - widthOf(head) - widthOf(tail)))}${tail}`),
  );
}

/** The line in exactly `width` cells with the sequences of the theme; no cell is left to chance. */
export function paintLine(of: Line, width: number, theme: Theme): string {
  let left = width;
  let painted = '';
  for (const [index, span] of of.spans.entries()) {
    if (left <= 0) break;
    const text = cleanText(span.text);
    const last = index === of.spans.length - 1;
    const cells = widthOf(text);
    const shown = cells > left || last ? fitEnd(text, left) : text;
    left -= widthOf(shown);
    painted += paint({ text: shown, tone: span.tone }, of, theme);
  }
  return left > 0 ? painted + paint(plain(' '.repeat(left)), of, theme) : painted;
}

/** How many cells the pieces take without cutting. */
export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + widthOf(cleanText(span.text)), 0);
}

/** The cell of a line on which the cursor stands; absent when it holds none. */
export function cursorIn({ spans }: Line): number | undefined {
  const index = spans.findIndex(({ cursor }) => cursor === true);
  return index < 0 ? undefined : spansWidth(spans.slice(0, index));
}

/** A letter under the cursor. */
export function underCursor(text: string): Span {
  return { text, tone: 'inverse', cursor: true };
}

/** Left and right pieces on one line; the left side gives way. */
export function spread(left: readonly Span[], right: readonly Span[], width: number): Line {
  const room = Math.max(0, width - spansWidth(right));
  return { spans: [...cutSpans(left, room), ...right] };
}

/** The pieces in exactly so many cells. */
export function cutSpans(spans: readonly Span[], width: number): readonly Span[] {
  const kept: Span[] = [];
  let left = width;
  for (const span of spans) {
    if (left <= 0) break;
    const text = cleanText(span.text);
    const cells = widthOf(text);
    kept.push({ ...span, text: cells > left ? fitEnd(text, left) : text });
    left -= cells;
  }
  return left > 0 ? [...kept, plain(' '.repeat(left))] : kept;
}

/** The line broken between words where it does not fit; what follows is set in under the words of its label. */
export function wrapLine(of: Line, width: number, indent: number): readonly Line[] {
  if (spansWidth(of.spans) <= width) return [of];
  const lines: Span[][] = [[]];
  let left = width;
  for (const { text, tone } of of.spans) {
    for (const word of cleanText(text).split(/(?<= )(?! )/u)) {
      const cells = widthOf(word.trimEnd());
      if (cells > left && left < width) {
        lines.push([plain(' '.repeat(indent))]);
        left = width - indent;
      }
      // A space that has no room at the end of a line would cut the word before it.
      lines.at(-1)?.push(toned(tone, widthOf(word) <= left ? word : word.trimEnd()));
      left -= widthOf(word);
    }
  }
  return lines.map((spans) => ({ ...of, spans }));
}

function fitHead(text: string, width: number): string {
  return widthOf(text) <= width ? text : headOf(text, width);
}

function paint({ text, tone }: Span, of: Line, theme: Theme): string {
  const parameters = [
    of.old === true ? theme.sgr.dim : theme.sgr[tone],
    of.selected === true ? theme.sgr.inverse : '',
  ].filter((part) => part !== '');
  return parameters.length === 0 ? text : `\u001b[${parameters.join(';')}m${text}\u001b[0m`;
}
