import type { AlertDetail, AlertView } from '@qts-ops/core/client';
import { alertWord, LEVEL_WORDS, openWord } from '../state/alert-words.ts';
import { isFresh } from '../state/link.ts';
import type { Reading } from '../state/target-words.ts';
import { ALERT_TONES, LEVEL_TONES, type Theme } from '../theme.ts';
import { cleanText, fitEnd, fitStart, widthOf } from './cells.ts';
import { deliverySpans } from './delivery-text.ts';
import { cutSpans, type Line, plain, type Span, toned } from './line.ts';
import { ageText, TIME_CELLS, timeCell } from './time-text.ts';

/** Widths of the columns; 0 leaves a column out. */
export interface AlertColumns {
  readonly since: number;
  readonly age: number;
  readonly count: number;
  readonly title: number;
  readonly by: number;
  readonly delivery: number;
}

/** What all rows of a frame share. */
export interface AlertRowContext {
  readonly columns: AlertColumns;
  readonly reading: Reading;
  readonly zone: string;
  readonly theme: Theme;
  readonly details: ReadonlyMap<string, AlertDetail>;
}

const LEVEL_CELLS = 7;
const STATE_CELLS = 6;
const AGE_CELLS = 4;
const COUNT_CELLS = 5;

/** Shares out the width: the title gets what is left, and the delivery only where there is room for both. */
export function alertColumns(width: number): AlertColumns {
  const room = width - 2 - LEVEL_CELLS - 1 - STATE_CELLS - 1;
  if (width < 60)
    return { since: 0, age: AGE_CELLS, count: 0, title: room - AGE_CELLS - 1, by: 0, delivery: 0 };
  const near = AGE_CELLS + 1 + COUNT_CELLS + 1;
  if (width < 110) {
    const delivery = Math.max(14, Math.floor(room / 3));
    return {
      since: 0,
      age: AGE_CELLS,
      count: COUNT_CELLS,
      title: room - near - delivery - 1,
      by: 0,
      delivery,
    };
  }
  const delivery = Math.max(26, Math.floor(room / 4));
  const by = 10;
  const title = room - TIME_CELLS - 1 - near - by - 1 - delivery - 1;
  return { since: TIME_CELLS, age: AGE_CELLS, count: COUNT_CELLS, title, by, delivery };
}

/** The heading over the rows. */
export function alertHeading(columns: AlertColumns): Line {
  const cells = [
    fitEnd('LEVEL', LEVEL_CELLS),
    fitEnd('STATE', STATE_CELLS),
    fitEnd('SINCE', columns.since),
    fitStart('AGE', columns.age),
    fitStart('SEEN', columns.count),
    fitEnd('ALERT', columns.title),
    fitEnd('TAKEN BY', columns.by),
    fitEnd('NOTICES', columns.delivery),
  ].filter((cell) => cell !== '');
  return { spans: [plain('  '), toned('dim', cells.join(' '))] };
}

/** One alert as a row. */
export function alertRow(alert: AlertView, selected: boolean, context: AlertRowContext): Line {
  const { columns, reading, zone, theme, details } = context;
  const word = alertWord(alert, reading);
  const spans: Span[] = [
    plain(selected ? '> ' : '  '),
    levelSpan(alert, theme, LEVEL_CELLS),
    plain(' '),
    toned(ALERT_TONES[word], fitEnd(word, STATE_CELLS)),
    plain(' '),
  ];
  const { nowMs } = reading;
  push(spans, columns.since, [plain(fitEnd(timeCell(alert.startedAtMs, nowMs, zone), columns.since))]);
  push(spans, columns.age, [plain(fitStart(ageText(alert.startedAtMs, nowMs), columns.age))]);
  push(spans, columns.count, [toned('dim', fitStart(`x${alert.count}`, columns.count))]);
  const title = cleanText(titleText(alert, reading));
  const said = cleanText(saidText(alert));
  const named = toned(selected ? 'strong' : 'plain', title);
  push(
    spans,
    columns.title,
    cutSpans(said === '' ? [named] : [named, plain('  '), toned('dim', said)], columns.title),
  );
  push(spans, columns.by, [plain(fitEnd(cleanText(alert.acknowledgedBy ?? '-'), columns.by))]);
  push(spans, columns.delivery, cutSpans(deliverySpans(details.get(alert.id), theme), columns.delivery));
  return { spans, ...(selected ? { selected } : {}), ...(isFresh(reading.link) ? {} : { old: true }) };
}

/** Shape and word of the level; an alert that has ended or only told something is not alarming. */
export function levelSpan(alert: AlertView, theme: Theme, cells: number): Span {
  const calm = alert.state === 'resolved';
  const text = fitEnd(`${theme.signs.levels[alert.level]} ${LEVEL_WORDS[alert.level]}`, cells);
  return toned(calm ? 'dim' : LEVEL_TONES[alert.level], text);
}

/** What an alert says beyond its title, which often only names what it is about. */
export function saidText({ title, message }: Pick<AlertView, 'title' | 'message'>): string {
  return message.startsWith(title) ? message.slice(title.length).replace(/^[\s:;,.]+/u, '') : message;
}

/** Without a connection the last known state is the most useful thing left to say. */
function titleText(alert: AlertView, reading: Reading): string {
  const told = isFresh(reading.link) || alert.state === 'resolved' ? '' : `was ${openWord(alert)} `;
  const flapping = alert.flapping && alert.state !== 'resolved' ? 'flapping: ' : '';
  return `${told}${flapping}${alert.title}`;
}

function push(spans: Span[], cells: number, parts: readonly Span[]): void {
  if (cells > 0) spans.push(...parts, plain(' '));
}

/** How wide a name is on the screen. */
export function nameCells(names: Iterable<string>, most: number): number {
  let longest = 0;
  for (const name of names) longest = Math.max(longest, widthOf(cleanText(name)));
  return Math.min(most, longest);
}
