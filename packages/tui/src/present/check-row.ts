import { type HealthCheckView, noDataOf } from '@qts-ops/core/client';
import { checkWord, isStale } from '../state/check-words.ts';
import { isFresh } from '../state/link.ts';
import type { Reading } from '../state/target-words.ts';
import { CHECK_TONES, type Theme } from '../theme.ts';
import { nameCells } from './alert-row.ts';
import { cleanText, fitEnd, fitMiddle, fitStart } from './cells.ts';
import { type Line, plain, type Span, toned } from './line.ts';
import { ageText, TIME_CELLS, timeCell } from './time-text.ts';

/** Widths of the columns; 0 leaves a column out. */
export interface CheckColumns {
  readonly id: number;
  readonly kind: number;
  readonly value: number;
  readonly looked: number;
  readonly age: number;
  readonly message: number;
}

/** What all rows of a frame share. */
export interface CheckRowContext {
  readonly columns: CheckColumns;
  readonly reading: Reading;
  readonly zone: string;
  readonly theme: Theme;
}

const STATUS_CELLS = 9;
const CRITICAL_CELLS = 4;
const AGE_CELLS = 4;
const VALUE_CELLS = 11;
const ID_MOST = 32;

/** Shares out the width. */
export function checkColumns(width: number, checks: Iterable<HealthCheckView>): CheckColumns {
  const known = [...checks];
  const longest = Math.max(
    12,
    nameCells(
      known.map(({ id }) => id),
      ID_MOST,
    ),
  );
  const room = width - 2 - STATUS_CELLS - 1;
  if (width < 60)
    return { id: room - AGE_CELLS - 1, kind: 0, value: 0, looked: 0, age: AGE_CELLS, message: 0 };
  const id = Math.min(longest, Math.floor(room / 2));
  const narrow = room - (CRITICAL_CELLS + 1) - (id + 1) - (VALUE_CELLS + 1) - (AGE_CELLS + 1);
  if (width < 110) return { id, kind: 0, value: VALUE_CELLS, looked: 0, age: AGE_CELLS, message: narrow };
  const kind = Math.max(
    4,
    nameCells(
      known.map((check) => check.kind),
      18,
    ),
  );
  const message = narrow - (kind + 1) - (TIME_CELLS + 1);
  return { id, kind, value: VALUE_CELLS, looked: TIME_CELLS, age: AGE_CELLS, message };
}

/** The heading over the rows. */
export function checkHeading(columns: CheckColumns): Line {
  const cells = [
    fitEnd('STATUS', STATUS_CELLS),
    fitEnd('CHECK', columns.id),
    columns.message > 0 ? fitEnd('CRIT', CRITICAL_CELLS) : '',
    fitEnd('KIND', columns.kind),
    fitStart('VALUE', columns.value),
    fitEnd('LOOKED', columns.looked),
    fitStart('AGE', columns.age),
    fitEnd('MESSAGE', columns.message),
  ].filter((cell) => cell !== '');
  return { spans: [plain('  '), toned('dim', cells.join(' '))] };
}

/** One check as a row; its word is worked out for the time it is read. */
export function checkRow(check: HealthCheckView, selected: boolean, context: CheckRowContext): Line {
  const { columns, reading, zone, theme } = context;
  const { nowMs } = reading;
  const word = checkWord(check, reading);
  const spans: Span[] = [
    plain(selected ? '> ' : '  '),
    toned(CHECK_TONES[word], fitEnd(`${theme.signs.checks[word]} ${word}`, STATUS_CELLS)),
    plain(' '),
  ];
  push(spans, columns.id, toned(selected ? 'strong' : 'plain', fitMiddle(cleanText(check.id), columns.id)));
  push(spans, columns.message > 0 ? CRITICAL_CELLS : 0, plain(check.critical ? 'yes ' : '    '));
  push(spans, columns.kind, toned('dim', fitEnd(cleanText(check.kind), columns.kind)));
  push(spans, columns.value, plain(fitStart(cleanText(valueText(check)), columns.value)));
  push(spans, columns.looked, plain(fitEnd(timeCell(check.lookedAtMs, nowMs, zone), columns.looked)));
  // Of a check that knows nothing: how old the last thing is that was known.
  const knownAtMs = noDataOf(check, nowMs)?.sinceMs ?? check.lookedAtMs;
  const age = knownAtMs === undefined ? '-' : ageText(knownAtMs, nowMs);
  push(spans, columns.age, plain(fitStart(age, columns.age)));
  const calm = word === 'PASS' ? 'dim' : 'plain';
  push(spans, columns.message, toned(calm, fitEnd(cleanText(checkMessage(check, reading)), columns.message)));
  return { spans, ...(selected ? { selected } : {}), ...(isFresh(reading.link) ? {} : { old: true }) };
}

/** What a check measured, with its unit. */
export function valueText({ value, unit }: HealthCheckView): string {
  if (value === undefined) return '-';
  const shown = Number.isInteger(value) ? `${value}` : `${Math.round(value * 100) / 100}`;
  return unit === undefined || unit === '' ? shown : `${shown} ${unit}`;
}

/** The one thing an operator wants to know: why it is unknown, what holds its alert back, or what it said. */
export function checkMessage(check: HealthCheckView, reading: Reading): string {
  const said = check.message ?? check.why ?? '';
  if (!isFresh(reading.link)) return `was ${check.status.toUpperCase()} ${said}`;
  if (isStale(check, reading.nowMs)) return `too old a look; was ${check.status.toUpperCase()} ${said}`;
  const why = check.status === 'unknown' && check.why !== undefined ? `${check.why} ` : '';
  const held = check.held === undefined ? '' : `[${check.held}] `;
  const flapping = check.flapping ? 'flapping: ' : '';
  return `${held}${flapping}${check.message === undefined ? '' : why}${said}`;
}

function push(spans: Span[], cells: number, span: Span): void {
  if (cells > 0) spans.push(span, plain(' '));
}
