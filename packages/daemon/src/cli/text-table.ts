import { styleText } from 'node:util';

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const zero = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;

/** How many columns a terminal needs for a text without control characters. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += zero.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}

/** A text from elsewhere on one line, without anything that could steer a terminal. */
export function plainLine(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- these are what is taken out
      .replaceAll(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/g, '')
      .replaceAll(/[\t\r\n]+/g, ' ')
      .replaceAll(/\p{Cc}|\p{Cf}|\u2028|\u2029|\ufe0f/gu, '')
  );
}

/** Several lines from elsewhere, made harmless line by line. */
export function plainText(text: string): string {
  return text.split(/\r?\n/).map(plainLine).join('\n');
}

/** A text cut to `columns`; the cut is shown by `…`. */
export function cutTo(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let width = 0;
  let cut = '';
  for (const character of text) {
    width += displayWidth(character);
    if (width > columns - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

export type CellStyle = 'red' | 'yellow' | 'green' | 'cyan' | 'gray' | 'bold';

/** One column of a table. */
export interface Column<T> {
  readonly title: string;
  readonly align?: 'right' | undefined;
  readonly cell: (row: T) => string;
  readonly style?: ((row: T) => CellStyle | undefined) | undefined;
}

/** How a table may look. */
export interface TableLook {
  /** Columns of the terminal; absent: lines are not cut. */
  readonly columns?: number | undefined;
  readonly colored: boolean;
}

/** A column with its width. */
type Fitted<T> = Column<T> & { readonly width: number };

/** Aligned lines with a heading; widths follow what a terminal shows, Hangul included. */
export function tableText<T>(columns: ReadonlyArray<Column<T>>, rows: readonly T[], look: TableLook): string {
  const cells = rows.map((row) => columns.map((column) => plainLine(column.cell(row))));
  const fitted = columns.map((column, index): Fitted<T> => {
    const widths = cells.map((line) => displayWidth(line[index] ?? ''));
    return { ...column, width: widths.reduce((a, b) => Math.max(a, b), displayWidth(column.title)) };
  });
  const lineOf = (line: readonly string[]) =>
    cutTo(joined(line, fitted), look.columns ?? Number.POSITIVE_INFINITY);
  const lines = cells.map((line, index) => {
    const row = rows[index];
    return look.colored && row !== undefined ? colored(lineOf(line), fitted[0], row) : lineOf(line);
  });
  return `${[lineOf(columns.map(({ title }) => title)), ...lines].join('\n')}\n`;
}

function joined<T>(line: readonly string[], columns: ReadonlyArray<Fitted<T>>): string {
  const parts = line.map((text, index) => {
    const column = columns[index];
    const gap = ' '.repeat(Math.max(0, (column?.width ?? 0) - displayWidth(text)));
    return column?.align === 'right' ? gap + text : text + gap;
  });
  return parts.join('  ').trimEnd();
}

/** Only the first column is coloured: it holds the state word, and its place in the line is known. */
function colored<T>(line: string, first: Fitted<T> | undefined, row: T): string {
  const style = first?.style?.(row);
  if (first === undefined || style === undefined) return line;
  return styleText(style, line.slice(0, first.width), { validateStream: false }) + line.slice(first.width);
}
