import type { ProblemList } from './calendar-problems.ts';
import { type CalendarRow, maxCalendarRows } from './calendar-rows.ts';

/** A line of a CSV file that is neither empty nor a comment. */
export interface CsvLine {
  /** Counted from 1 in the file. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Which column stands where, and how the hours are meant. */
export interface CsvHeader {
  readonly times: 'local' | 'utc';
  readonly columns: readonly Column[];
}

type Column = 'date' | 'open' | 'close' | 'name';

const known: Readonly<Record<string, Column>> = {
  date: 'date',
  open: 'open',
  close: 'close',
  open_utc: 'open',
  close_utc: 'close',
  name: 'name',
};
const allowedHeaders = "'date,open,close' or 'date,open_utc,close_utc', each with 'name' if wanted";

/** The lines of a CSV file with their cells; a byte order mark, empty lines and lines that begin with # are dropped. */
export function splitCsv(text: string, problems: ProblemList): readonly CsvLine[] {
  const lines: CsvLine[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const line = index + 1;
    if (lines.length > maxCalendarRows) {
      problems.add({
        line,
        field: 'file',
        value: `more than ${maxCalendarRows} rows`,
        message: 'the file is too long for a calendar',
        allowed: `at most ${maxCalendarRows} rows`,
        remedy: 'remove the years that are no longer needed',
      });
      break;
    }
    const cells = splitCells(content);
    if (cells !== undefined) lines.push({ line, cells });
    else {
      problems.add({
        line,
        field: 'file',
        value: content,
        message: 'a quotation mark is not closed',
        allowed: 'cells separated by commas, in quotation marks where a cell holds a comma',
        remedy: 'close the quotation mark; write a quotation mark inside a cell twice',
      });
    }
  }
  return lines;
}

/** What the first line says of the columns; undefined when it was reported. */
export function readCsvHeader(lines: readonly CsvLine[], problems: ProblemList): CsvHeader | undefined {
  const first = lines[0];
  const names = (first?.cells ?? []).map((cell) => cell.toLowerCase());
  const columns = names.map((name) => known[name]);
  const times = names.includes('open_utc') ? 'utc' : 'local';
  const wanted = times === 'utc' ? ['date', 'open_utc', 'close_utc'] : ['date', 'open', 'close'];
  const complete = wanted.every((name) => names.includes(name));
  const surplus = names.filter((name, index) => {
    return !(wanted.includes(name) || name === 'name') || names.indexOf(name) !== index;
  });
  if (complete && surplus.length === 0) {
    return { times, columns: columns.filter((column) => column !== undefined) };
  }
  const missing = wanted.filter((name) => !names.includes(name));
  problems.add({
    ...(first === undefined ? {} : { line: first.line }),
    field: 'header',
    value: first?.cells.join(','),
    message: [
      first === undefined ? 'the file is empty' : '',
      first !== undefined && missing.length > 0 ? `the header has no column ${missing.join(', ')}` : '',
      surplus.length > 0 ? `the header has an unknown or repeated column ${surplus.join(', ')}` : '',
    ]
      .filter((part) => part !== '')
      .join('; '),
    allowed: allowedHeaders,
    remedy: 'write the header as the first line, columns separated by commas',
  });
  return undefined;
}

/** The rows below the header. */
export function readCsvRows(
  lines: readonly CsvLine[],
  { columns }: CsvHeader,
  problems: ProblemList,
): readonly CalendarRow[] {
  return lines.slice(1).map(({ line, cells }) => {
    if (cells.length > columns.length) {
      problems.add({
        line,
        field: 'file',
        value: cells.join(','),
        message: `the line has ${cells.length} cells, the header ${columns.length}`,
        allowed: `at most ${columns.length} cells`,
        remedy: 'remove the surplus, or put a name with a comma in quotation marks',
      });
    }
    const cell = (column: Column) => cells[columns.indexOf(column)] ?? '';
    const [open, close, name] = [cell('open'), cell('close'), cell('name')];
    return {
      line,
      date: cell('date'),
      ...(open === '' && close === '' ? {} : { open, close }),
      ...(name === '' ? {} : { name: { en: name, ko: name } }),
    };
  });
}

/** Cells between commas; a cell in quotation marks may hold commas. Undefined when a quotation mark is not closed. */
function splitCells(content: string): string[] | undefined {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let index = 0; index < content.length; index += 1) {
    const character = content[index] ?? '';
    if (character === '"' && quoted && content[index + 1] === '"') {
      cell += '"';
      index += 1;
    } else if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += character;
  }
  return quoted ? undefined : [...cells, cell.trim()];
}
