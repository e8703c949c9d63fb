import type { LocalText } from '../../kernel/define-errors.ts';
import { weekdayOfDays } from '../../kernel/time/civil.ts';
import { dateOfDay, dayOfDate } from './calendar-dates.ts';
import type { ProblemList } from './calendar-problems.ts';
import { type CalendarHead, type CalendarRow, maxCalendarRows } from './calendar-rows.ts';

/** What a document says; the zone is not checked yet. */
export interface CalendarDocument {
  readonly timeZone?: string;
  readonly head: Omit<CalendarHead, 'timeZone'>;
  readonly lists: ReadonlyArray<readonly CalendarRow[]>;
}

type Fields = Readonly<Record<string, unknown>>;

const weekdayWords = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Reads a value that was JSON or YAML; undefined when it is not even an object. Everything wrong is reported. */
export function readDocument(
  value: unknown,
  id: string,
  problems: ProblemList,
): CalendarDocument | undefined {
  const fields = fieldsOf(value, { path: 'file', keys: documentKeys, problems });
  if (fields === undefined) return undefined;
  const place = { path: '', problems };
  const closed = readList(fields['closed'], 'closed', problems).map((item, index) => {
    return readClosedDay(item, `closed[${index}]`, problems);
  });
  const sessions = readList(fields['sessions'], 'sessions', problems).map((item, index) => {
    return readSessionRow(item, `sessions[${index}]`, problems);
  });
  const written = [...closed, ...sessions].flatMap((row) => (row === undefined ? [] : [row.date]));
  const week = fields['week'] === undefined ? undefined : readWeek(fields['week'], written, problems);
  const times = readChoice(fields['times'], ['local', 'utc'] as const, { path: 'times', problems });
  const zone = readText(fields, 'timeZone', { ...place, optional: true });
  return {
    ...(zone === undefined ? {} : { timeZone: zone }),
    head: {
      id,
      name: readName(fields['name'], 'name', problems) ?? { en: id, ko: id },
      times: times ?? 'local',
      ...(week === undefined ? {} : { weekdays: weekdaysWith(week.weekdays, sessions) }),
    },
    lists: [week?.rows ?? [], closed.filter(isPresent), sessions.filter(isPresent)],
  };
}

const documentKeys = ['name', 'timeZone', 'times', 'week', 'closed', 'sessions'];

function readClosedDay(item: unknown, path: string, problems: ProblemList): CalendarRow | undefined {
  if (typeof item === 'string') return { prefix: `${path}.`, date: item };
  const fields = fieldsOf(item, { path, keys: ['date', 'name'], problems });
  const date = fields === undefined ? undefined : readText(fields, 'date', { path, problems });
  if (fields === undefined || date === undefined) return undefined;
  const name = readName(fields['name'], `${path}.name`, problems);
  return { prefix: `${path}.`, date, ...(name === undefined ? {} : { name }) };
}

function readSessionRow(item: unknown, path: string, problems: ProblemList): CalendarRow | undefined {
  const fields = fieldsOf(item, { path, keys: ['date', 'open', 'close', 'name'], problems });
  if (fields === undefined) return undefined;
  const [date, open, close] = ['date', 'open', 'close'].map((key) =>
    readText(fields, key, { path, problems }),
  );
  const name = readName(fields['name'], `${path}.name`, problems);
  if (date === undefined || open === undefined || close === undefined) return undefined;
  return { prefix: `${path}.`, date, open, close, ...(name === undefined ? {} : { name }) };
}

interface Week {
  readonly weekdays: readonly number[];
  readonly rows: readonly CalendarRow[];
}

/** A session on every named weekday from a date to a date, but for the dates that the document names itself. */
function readWeek(value: unknown, written: readonly string[], problems: ProblemList): Week | undefined {
  const fields = fieldsOf(value, { path: 'week', keys: ['days', 'open', 'close', 'from', 'to'], problems });
  if (fields === undefined) return undefined;
  const [open, close, from, to] = ['open', 'close', 'from', 'to'].map((key) => {
    return readText(fields, key, { path: 'week', problems });
  });
  const days = readList(fields['days'], 'week.days', problems).map((word, index) => {
    return readChoice(word, weekdayWords, { path: `week.days[${index}]`, problems, required: true });
  });
  const weekdays = days.filter(isPresent).map((word) => weekdayWords.indexOf(word));
  const span = readSpan(from, to, problems);
  if (open === undefined || close === undefined || span === undefined) return undefined;
  const named = new Set(written);
  const rows: CalendarRow[] = [];
  for (let day = span.firstDay; day <= span.lastDay; day += 1) {
    const date = dateOfDay(day);
    if (weekdays.includes(weekdayOfDays(day)) && !named.has(date))
      rows.push({ prefix: 'week.', date, open, close });
  }
  return { weekdays, rows };
}

function readSpan(
  from: string | undefined,
  to: string | undefined,
  problems: ProblemList,
): { readonly firstDay: number; readonly lastDay: number } | undefined {
  if (from === undefined || to === undefined) return undefined;
  const firstDay = dayOfDate(from);
  const lastDay = dayOfDate(to);
  if (firstDay !== undefined && lastDay !== undefined) {
    if (lastDay >= firstDay && lastDay - firstDay < maxCalendarRows) return { firstDay, lastDay };
  }
  problems.add({
    field: firstDay === undefined ? 'week.from' : 'week.to',
    value: firstDay === undefined ? from : to,
    message: `the week cannot repeat from ${from} to ${to}`,
    allowed: `two dates such as 2026-11-20, the second not before the first, at most ${maxCalendarRows} days apart`,
    remedy: 'correct the two dates',
  });
  return undefined;
}

interface Place {
  readonly path: string;
  readonly problems: ProblemList;
}

function fieldsOf(value: unknown, place: Place & { readonly keys: readonly string[] }): Fields | undefined {
  const { path, keys, problems } = place;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add({
      field: path,
      value,
      message: value === undefined ? 'this is missing' : 'this is not an object',
      allowed: `an object with ${keys.join(', ')}`,
      remedy: 'write the fields between braces',
    });
    return undefined;
  }
  for (const key of Object.keys(value).filter((name) => !keys.includes(name))) {
    problems.add({
      field: path === 'file' ? key : `${path}.${key}`,
      value: Reflect.get(value, key),
      message: 'this field is not known',
      allowed: keys.join(', '),
      remedy: 'correct the name or remove the field',
    });
  }
  // An object that is not an array has string keys with unknown values.
  return value as Fields;
}

function readText(
  fields: Fields,
  key: string,
  { path, problems, optional = false }: Place & { readonly optional?: boolean },
): string | undefined {
  const value = fields[key];
  if (typeof value === 'string') return value.trim();
  if (value === undefined && optional) return undefined;
  problems.add({
    field: path === '' ? key : `${path}.${key}`,
    value,
    message: value === undefined ? 'this is missing' : 'this is not a text',
    allowed: 'a text in quotation marks',
    remedy: value === undefined ? `add '${key}'` : 'put the value in quotation marks',
  });
  return undefined;
}

function readChoice<const T extends string>(
  value: unknown,
  choices: readonly T[],
  { path, problems, required = false }: Place & { readonly required?: boolean },
): T | undefined {
  const choice = choices.find((word) => word === value);
  if (choice === undefined && (required || value !== undefined)) {
    problems.add({
      field: path,
      value,
      message: 'this word is not known',
      allowed: choices.map((word) => `'${word}'`).join(', '),
      remedy: 'write one of these words',
    });
  }
  return choice;
}

function readList(value: unknown, path: string, problems: ProblemList): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.length <= maxCalendarRows) return value;
  problems.add({
    field: path,
    value,
    message: Array.isArray(value) ? 'the list is too long' : 'this is not a list',
    allowed: `a list of at most ${maxCalendarRows} entries`,
    remedy: Array.isArray(value)
      ? 'remove the years that are no longer needed'
      : 'write the entries between [ and ]',
  });
  return [];
}

function readName(value: unknown, path: string, problems: ProblemList): LocalText | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return { en: value, ko: value };
  const fields = fieldsOf(value, { path, keys: ['en', 'ko'], problems });
  if (fields === undefined) return undefined;
  const [en, ko] = ['en', 'ko'].map((key) => readText(fields, key, { path, problems }));
  return en === undefined || ko === undefined ? undefined : { en, ko };
}

/** Weekdays of the week and of its exceptions: a session on a Saturday makes Saturdays possible. */
function weekdaysWith(weekdays: readonly number[], rows: ReadonlyArray<CalendarRow | undefined>): number[] {
  const days = rows.flatMap((row) => {
    const day = row === undefined ? undefined : dayOfDate(row.date);
    return day === undefined ? [] : [weekdayOfDays(day)];
  });
  return [...new Set([...weekdays, ...days])].sort((a, b) => a - b);
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}
