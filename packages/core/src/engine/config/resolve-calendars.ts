import path from 'node:path';
import type { TradingCalendar } from '../../run/calendars/calendar.ts';
import {
  parseCalendarCsv,
  type ReadCalendar,
  readCalendarDocument,
} from '../../run/calendars/calendar-file.ts';
import { problemText } from '../../run/calendars/calendar-problems.ts';
import { coverageProblem } from '../../run/calendars/coverage-rules.ts';
import { findShippedCalendar, shippedCalendarIds } from '../../run/calendars/shipped-calendars.ts';
import type { ConfigPlace } from './config-place.ts';
import { calendarFileSchema } from './config-schema.ts';
import { nearestWord } from './nearest-word.ts';
import type { ConfigWarning } from './ops-config.ts';
import { readDocument } from './read-document.ts';
import { isRawObject, readFields } from './read-fields.ts';
import { readTextFile } from './read-text.ts';
import type { ResolveScope } from './resolve-scope.ts';
import { allowedName, namePattern } from './schema-fields.ts';

/** The trading calendars of a config: its own files, and which ones its targets have asked for. */
export interface CalendarShelf {
  /** Own calendars by name; undefined for one that was reported, so that nobody reports its name again. */
  readonly own: ReadonlyMap<string, TradingCalendar | undefined>;
  /** Names whose coverage was looked at. */
  readonly asked: Set<string>;
  /** What a person should know about calendars in use. */
  readonly warnings: ConfigWarning[];
}

/** Where calendar files are and which zone they are in unless they say so themselves. */
export interface CalendarFolder {
  /** Folder where relative paths start; absent: they are kept as written. */
  readonly folder: string | undefined;
  /** The config's own zone; absent when it was not written. */
  readonly timeZone: string | undefined;
}

const allowedFile =
  "a path of a .csv, .json or .yaml file, or { file: './night.csv', timeZone: 'Asia/Seoul' }";

/** Reads every file of `calendars`; everything wrong with the files is reported. */
export function readCalendars(value: unknown, place: ConfigPlace, from: CalendarFolder): CalendarShelf {
  const own = new Map<string, TradingCalendar | undefined>();
  if (isRawObject(value)) {
    for (const [id, entry] of Object.entries(value)) {
      if (entry === undefined) continue;
      const at = place.child(id);
      own.set(id, isOwnName(id, at) ? readEntry(id, entry, { place: at, from }) : undefined);
    }
  } else if (value !== undefined) {
    place.report({
      value,
      message: `${place.show(value)} is not a set of calendars`,
      allowed: `names with ${allowedFile}`,
      remedy: "write for example calendars: { KRX_NIGHT: './night.csv' }",
    });
  }
  return { own, asked: new Set(), warnings: [] };
}

/** The calendar a target names; undefined when it was reported. Its coverage is looked at once. */
export function takeCalendar(
  value: unknown,
  place: ConfigPlace,
  scope: ResolveScope,
): TradingCalendar | undefined {
  const { own, asked, warnings } = scope.calendars;
  const id = typeof value === 'string' ? value : '';
  const calendar = own.get(id) ?? findShippedCalendar(id);
  if (calendar === undefined) {
    if (!own.has(id)) reportUnknown(value, place, [...new Set([...shippedCalendarIds, ...own.keys()])]);
    return undefined;
  }
  if (asked.has(id)) return calendar;
  asked.add(id);
  const problem = coverageProblem(calendar, scope.nowMs);
  // Also data that have ended only warn: one calendar must not keep the targets without it from being run.
  if (problem !== undefined) warnings.push({ code: problem.code, path: place.path, text: problem.text });
  return calendar;
}

function isOwnName(id: string, place: ConfigPlace): boolean {
  const isShipped = shippedCalendarIds.includes(id);
  if (!isShipped && namePattern.test(id)) return true;
  place.report({
    value: id,
    message: isShipped ? `${id} comes with the package` : `${place.show(id)} is not a name of a calendar`,
    allowed: `${allowedName}; not ${shippedCalendarIds.join(' or ')}`,
    remedy: isShipped
      ? `choose another name, such as ${id}_DESK, and name it in the targets`
      : 'choose another name',
  });
  return false;
}

function readEntry(
  id: string,
  entry: unknown,
  { place, from }: { readonly place: ConfigPlace; readonly from: CalendarFolder },
): TradingCalendar | undefined {
  const fileOf = (file: string) => path.resolve(from.folder ?? '', file);
  if (typeof entry === 'string') return readFile(fileOf(entry), { id, zone: undefined, place, from });
  if (!isRawObject(entry)) {
    place.report({
      value: entry,
      message: `${place.show(entry)} is not a calendar file`,
      allowed: allowedFile,
      remedy: 'write the path of the file',
    });
    return undefined;
  }
  const { file, timeZone: zone } = readFields(calendarFileSchema, entry, place);
  // A zone that was already reported must not be reported again as missing.
  const zoneIsWrong = entry['timeZone'] !== undefined && zone === undefined;
  return file === undefined || zoneIsWrong ? undefined : readFile(fileOf(file), { id, zone, place, from });
}

interface FileQuestion {
  readonly id: string;
  /** Zone of the entry; absent when it was not written. */
  readonly zone: string | undefined;
  readonly place: ConfigPlace;
  readonly from: CalendarFolder;
}

function readFile(file: string, question: FileQuestion): TradingCalendar | undefined {
  const { place } = question;
  const extension = path.extname(file).toLowerCase();
  const read = readTextFile(file);
  if (!['.csv', '.json', '.yaml', '.yml'].includes(extension) || !read.ok) {
    place.report({
      value: file,
      message: read.ok ? `'${extension}' is not the ending of a calendar file` : `${file} ${read.reason}`,
      allowed: 'a readable file with the ending .csv, .json, .yaml or .yml',
      remedy: "correct the path; it is relative to the config's folder",
    });
    return undefined;
  }
  const calendar = extension === '.csv' ? readCsv(read.text, question) : readStructured(read.text, question);
  if (calendar === undefined || calendar.ok) return calendar?.calendar;
  for (const problem of calendar.problems) {
    const { value, allowed, remedy } = problem;
    const message = `${path.basename(file)}, ${problemText(problem)}`;
    place.report({ value: unquoted(value), message, allowed, remedy });
  }
  return undefined;
}

function readCsv(text: string, { id, zone, from }: FileQuestion): ReadCalendar {
  return parseCalendarCsv(text, { id, timeZone: zone ?? from.timeZone });
}

/** A document may say its zone itself; only then the config's zone has no say. */
function readStructured(text: string, { id, zone, place, from }: FileQuestion): ReadCalendar | undefined {
  const document = readDocument(text);
  if (!document.ok) {
    for (const { line, message, allowed, remedy } of document.problems) {
      place.report({ value: undefined, message: `line ${line ?? 1}: ${message}`, allowed, remedy });
    }
    return undefined;
  }
  const { value } = document;
  const speaks = isRawObject(value) && value['timeZone'] !== undefined;
  return readCalendarDocument(value, { id, timeZone: zone ?? (speaks ? undefined : from.timeZone) });
}

function reportUnknown(value: unknown, place: ConfigPlace, known: readonly string[]): void {
  const near = typeof value === 'string' ? nearestWord(value, known) : undefined;
  place.report({
    value,
    message: value === undefined ? 'is missing' : `${place.show(value)} is not a calendar`,
    allowed: `${known.join(', ')}, or a name of an entry of 'calendars'`,
    remedy: remedyFor(value, near),
  });
}

function remedyFor(value: unknown, near: string | undefined): string {
  if (value === undefined) return "name the calendar, such as calendar: 'XKRX'";
  return near === undefined ? "add a file to 'calendars', or correct the name" : `did you mean '${near}'?`;
}

/** Problems of a calendar show their value in quotes already. */
function unquoted(value: string): unknown {
  if (value === 'absent') return undefined;
  return /^'.*'$/.test(value) ? value.slice(1, -1) : value;
}
