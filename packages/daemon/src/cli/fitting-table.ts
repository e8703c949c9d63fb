import { foldLine } from './fold-text.ts';
import { type Column, displayWidth, plainLine, type TableLook, tableText } from './text-table.ts';

/** A column that may give way where a terminal is narrow. */
export interface FittingColumn<T> extends Column<T> {
  /** The column with the lowest number goes first; absent: it stays. */
  readonly leaves?: number | undefined;
  /** What stands below the row instead, in words; absent: nothing does. */
  readonly below?: ((row: T) => string) | undefined;
}

const INDENT = 2;
const UNFOLDED = '\u00a0';

/** A table whose least important columns go where it would not fit; what must not be lost stands below each row. */
export function fittingTable<T>(
  columns: ReadonlyArray<FittingColumn<T>>,
  rows: readonly T[],
  look: TableLook,
): string {
  const order = columns
    .filter(({ leaves }) => leaves !== undefined)
    .toSorted((a, b) => (a.leaves ?? 0) - (b.leaves ?? 0));
  let left: ReadonlySet<FittingColumn<T>> = new Set();
  const shown = () => columns.filter((column) => !left.has(column));
  for (let count = 1; count <= order.length && !isWithin(shown(), rows, look); count++)
    left = new Set(order.slice(0, count));
  const [title = '', ...lines] = tableText(shown(), rows, look).trimEnd().split('\n');
  const below = columns.filter((column) => left.has(column));
  const all = lines.flatMap((line, index) => {
    const row = rows[index];
    return row === undefined ? [line] : [line, ...belowLines(below, row, look)];
  });
  return `${[title, ...all].join('\n')}\n`;
}

function isWithin<T>(
  columns: ReadonlyArray<Column<T>>,
  rows: readonly T[],
  { columns: most = Number.POSITIVE_INFINITY }: TableLook,
): boolean {
  const lines = tableText(columns, rows, { colored: false }).split('\n');
  return lines.every((line) => displayWidth(line) <= most);
}

function belowLines<T>(columns: ReadonlyArray<FittingColumn<T>>, row: T, look: TableLook): readonly string[] {
  const texts = columns.map(({ below }) => below?.(row) ?? '').filter((text) => text !== '');
  if (texts.length === 0) return [];
  const room = (look.columns ?? Number.POSITIVE_INFINITY) - INDENT - 1;
  // What belongs together is folded apart only where it needs more than one line itself.
  const phrases = texts.map(plainLine).map((text) => {
    return displayWidth(text) <= room ? text.replaceAll(' ', UNFOLDED) : text;
  });
  const line = ' '.repeat(INDENT) + phrases.join(', ');
  return foldLine(line, { columns: look.columns, indent: INDENT }).map((one) =>
    one.replaceAll(UNFOLDED, ' '),
  );
}
