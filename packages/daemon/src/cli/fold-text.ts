import { displayWidth } from './text-table.ts';

/** How a line is folded. */
export interface Folding {
  /** Columns of the terminal; absent: nothing is folded. */
  readonly columns?: number | undefined;
  /** Blanks before every line but the first; default none. */
  readonly indent?: number | undefined;
}

/**
 * A line of text on as many lines as it needs, folded at blanks; only a word that is longer than a line stands out, so
 * that a path can be copied.
 */
export function foldLine(
  text: string,
  { columns = Number.POSITIVE_INFINITY, indent = 0 }: Folding,
): readonly string[] {
  if (displayWidth(text) <= columns) return [text];
  const margin = ' '.repeat(indent);
  const lines: string[] = [];
  // Blanks before a word go with it, so that those at the start and between columns stay where nothing is folded.
  for (const [, blanks = '', word = ''] of text.matchAll(/( *)([^ ]+)/g)) {
    const line = lines.pop();
    const longer = `${line ?? ''}${blanks}${word}`;
    if (line === undefined || displayWidth(longer) <= columns) lines.push(longer);
    else lines.push(line, margin + word);
  }
  return lines;
}
