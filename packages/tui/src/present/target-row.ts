import { type TargetView, type TargetWord, targetWord } from '@qts-ops/core/client';
import { isFresh } from '../state/link.ts';
import { type Reading, shownWord } from '../state/target-words.ts';
import { type Theme, WORD_TONES } from '../theme.ts';
import { cleanText, fitEnd, fitMiddle, fitStart, widthOf } from './cells.ts';
import { type Line, plain, type Span, toned } from './line.ts';
import { nextStartMs, targetMessage } from './target-message.ts';
import { TIME_CELLS, timeCell } from './time-text.ts';

/** Widths of the columns; 0 leaves a column out. Stable columns stand left of those that change with every run. */
export interface TargetColumns {
  readonly id: number;
  readonly kind: number;
  readonly schedule: number;
  readonly errors: number;
  readonly outcomes: number;
  readonly last: number;
  readonly next: number;
  readonly message: number;
}

/** What all rows of a frame share. */
export interface RowContext {
  readonly columns: TargetColumns;
  readonly reading: Reading;
  readonly zone: string;
  readonly theme: Theme;
}

const MARK_CELLS = 2;
const STATE_CELLS = 8;
const KIND_CELLS = 8;
const ID_LEAST = 16;
const ID_MOST = 32;
const SCHEDULE_LEAST = 8;
const SCHEDULE_MOST = 16;
const MESSAGE_LEAST = 20;

/** Shares out the width among the columns; the longest id and schedule of all targets keep the columns in place. */
export function targetColumns(width: number, targets: Iterable<TargetView>): TargetColumns {
  let longestId = ID_LEAST;
  let longestSchedule = SCHEDULE_LEAST;
  for (const target of targets) {
    longestId = Math.max(longestId, widthOf(target.id));
    longestSchedule = Math.max(longestSchedule, widthOf(target.schedule));
  }
  const id = Math.min(longestId, ID_MOST);
  const none = { kind: 0, schedule: 0, outcomes: 0, last: 0 };
  const room = width - MARK_CELLS - STATE_CELLS - 1;
  if (width < 80) {
    const message = Math.max(0, room - id - 1 - 5 - 1);
    return message < 12
      ? { ...none, id: room - 6, errors: 5, next: 0, message: 0 }
      : { ...none, id, errors: 5, next: 0, message };
  }
  if (width < 110) {
    return { ...none, id, errors: 5, next: TIME_CELLS, message: room - id - 5 - TIME_CELLS - 3 };
  }
  const schedule = Math.min(longestSchedule, SCHEDULE_MOST);
  const fixed = id + KIND_CELLS + schedule + 5 + TIME_CELLS * 2 + 7;
  const outcomes =
    room - fixed - MESSAGE_LEAST >= 24 + 20 ? 24 : Math.min(16, Math.max(8, room - fixed - MESSAGE_LEAST));
  return {
    id,
    kind: KIND_CELLS,
    schedule,
    errors: 5,
    outcomes,
    last: TIME_CELLS,
    next: TIME_CELLS,
    message: Math.max(0, room - fixed - outcomes),
  };
}

/** The heading over the rows. */
export function targetHeading(columns: TargetColumns): Line {
  const cells = [
    fitEnd('STATE', STATE_CELLS),
    fitEnd('TARGET', columns.id),
    fitEnd('KIND', columns.kind),
    fitEnd('SCHEDULE', columns.schedule),
    fitStart('ERR', columns.errors),
    fitEnd(columns.outcomes >= 16 ? 'OLD ... NEW' : 'RUNS>NEW', columns.outcomes),
    fitEnd('LAST', columns.last),
    fitEnd('NEXT', columns.next),
    fitEnd('MESSAGE', columns.message),
  ].filter((cell) => cell !== '');
  return { spans: [plain('  '), toned('dim', cells.join(' '))] };
}

/** One target as a row; pure, so that equal input draws nothing. */
export function targetRow(target: TargetView, selected: boolean, context: RowContext): Line {
  const { columns, reading, zone, theme } = context;
  const word = shownWord(target, reading);
  const { nowMs } = reading;
  const spans: Span[] = [plain(selected ? '> ' : '  '), stateSpan(word, theme), plain(' ')];
  push(spans, columns.id, toned(selected ? 'strong' : 'plain', fitMiddle(cleanText(target.id), columns.id)));
  push(spans, columns.kind, toned('dim', fitEnd(target.kind, columns.kind)));
  push(spans, columns.schedule, toned('dim', fitEnd(cleanText(target.schedule), columns.schedule)));
  push(spans, columns.errors, errorSpan(target, columns.errors));
  push(spans, columns.outcomes, plain(fitStart(target.outcomes.slice(-columns.outcomes), columns.outcomes)));
  push(spans, columns.last, plain(fitEnd(timeCell(target.lastEndedAtMs, nowMs, zone), columns.last)));
  push(spans, columns.next, plain(fitEnd(nextText(target, nowMs, zone), columns.next)));
  const message = cleanText(rowMessage(target, word, context));
  push(spans, columns.message, toned(messageTone(word), fitEnd(message, columns.message)));
  return { spans, ...(selected ? { selected } : {}), ...(isFresh(reading.link) ? {} : { old: true }) };
}

/** Without a connection the last known state is the most useful thing left to say. */
function rowMessage(target: TargetView, word: TargetWord, { reading, zone }: RowContext): string {
  const at = { nowMs: reading.nowMs, zone };
  if (isFresh(reading.link)) return targetMessage(target, word, at);
  const before = targetWord(target, reading.nowMs);
  return before === 'STALE' ? 'was STALE' : `was ${before} ${targetMessage(target, before, at)}`;
}

function stateSpan(word: TargetWord, theme: Theme): Span {
  return toned(WORD_TONES[word], fitEnd(`${theme.glyphs[word]} ${word}`, STATE_CELLS));
}

function push(spans: Span[], cells: number, span: Span): void {
  if (cells > 0) spans.push(span, plain(' '));
}

function errorSpan(target: TargetView, cells: number): Span {
  const { consecutiveErrors: count, maxConsecutiveErrors: most } = target;
  return toned(count === 0 ? 'dim' : 'fail', fitStart(`${count}/${most}`, cells));
}

function nextText(target: TargetView, nowMs: number, zone: string): string {
  const byHand = target.breaker.kind === 'open' && target.breaker.probeAtMs === undefined;
  if (byHand && target.pause === undefined) return 'by hand';
  return timeCell(nextStartMs(target), nowMs, zone);
}

function messageTone(word: TargetWord): 'plain' | 'dim' {
  return word === 'IDLE' || word === 'OK' ? 'dim' : 'plain';
}
