import { isValidZone } from '../../kernel/time/zone.ts';
import type { TradingCalendar } from './calendar.ts';
import { type CsvHeader, readCsvHeader, readCsvRows, splitCsv } from './calendar-csv.ts';
import { readDocument } from './calendar-document.ts';
import { unusableCalendar } from './calendar-errors.ts';
import { type CalendarProblem, ProblemList } from './calendar-problems.ts';
import { calendarOfRows } from './calendar-rows.ts';

/** What a configuration knows of a calendar file without reading it. */
export interface CalendarFileOptions {
  /** Name of the calendar in the configuration. */
  readonly id: string;
  /** IANA zone of dates and local hours; required for CSV, in a document it may stand inside. */
  readonly timeZone?: string | undefined;
}

/** A calendar as it was read, or everything that is wrong with its file. */
export type ReadCalendar =
  | { readonly ok: true; readonly calendar: TradingCalendar }
  | { readonly ok: false; readonly problems: readonly CalendarProblem[] };

/**
 * Reads a CSV file: a header `date,open,close` (hours in the zone) or `date,open_utc,close_utc`, with `name` if wanted,
 * then one session a line. A line without hours names a closed day; empty lines and lines that begin with # are skipped.
 * Never throws.
 */
export function parseCalendarCsv(text: string, options: CalendarFileOptions): ReadCalendar {
  const problems = new ProblemList();
  const timeZone = knownZone(options.timeZone, 'timeZone', problems);
  const lines = splitCsv(text, problems);
  const header: CsvHeader | undefined = readCsvHeader(lines, problems);
  if (header === undefined) return { ok: false, problems: problems.list() };
  const rows = readCsvRows(lines, header, problems);
  const { id } = options;
  const head = { id, name: { en: id, ko: id }, timeZone, times: header.times };
  return result(calendarOfRows([rows], head, problems), problems);
}

/** Reads a JSON file, see `readCalendarDocument`. Never throws. */
export function parseCalendarJson(text: string, options: CalendarFileOptions): ReadCalendar {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const problems = new ProblemList();
    problems.add({
      field: 'file',
      value: text.trim(),
      message: `this is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`,
      allowed: 'one JSON object',
      remedy: 'correct the place that the message names',
    });
    return { ok: false, problems: problems.list() };
  }
  return readCalendarDocument(value, options);
}

/**
 * Reads a calendar from a value that was JSON or YAML: `timeZone`, `times` ('local' or 'utc'), `sessions` with `date`,
 * `open` and `close`, `closed` days, and a `week` that repeats from a date to a date; then `sessions` are its exceptions.
 * Never throws.
 */
export function readCalendarDocument(value: unknown, options: CalendarFileOptions): ReadCalendar {
  const problems = new ProblemList();
  const document = readDocument(value, options.id, problems);
  if (document === undefined) return { ok: false, problems: problems.list() };
  const written = document.timeZone;
  if (written !== undefined && options.timeZone !== undefined && written !== options.timeZone) {
    problems.add({
      field: 'timeZone',
      value: written,
      message: `the configuration says '${options.timeZone}'`,
      allowed: 'one zone for both',
      remedy: 'remove one of the two, or make them equal',
    });
  }
  const timeZone = knownZone(written ?? options.timeZone, 'timeZone', problems);
  return result(calendarOfRows(document.lists, { ...document.head, timeZone }, problems), problems);
}

/** The calendar of a file that was read; INP-0701 with every problem otherwise. `source` names the file for a reader. */
export function requireCalendar(read: ReadCalendar, source: string): TradingCalendar {
  if (!read.ok) throw unusableCalendar(source, read.problems);
  return read.calendar;
}

/** The zone, or after a report UTC in its place, so that the rows are checked too. */
function knownZone(zone: string | undefined, field: string, problems: ProblemList): string {
  if (zone !== undefined && isValidZone(zone)) return zone;
  problems.add({
    field,
    value: zone,
    message: zone === undefined ? 'the time zone is missing' : 'this is not a time zone',
    allowed: "an IANA name such as 'Asia/Seoul', 'America/New_York' or 'UTC'",
    remedy: zone === undefined ? 'say in which zone the dates and hours are meant' : 'correct the name',
  });
  return 'UTC';
}

function result(calendar: TradingCalendar | undefined, problems: ProblemList): ReadCalendar {
  return calendar === undefined ? { ok: false, problems: problems.list() } : { ok: true, calendar };
}
