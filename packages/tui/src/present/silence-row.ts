import type { SilenceView } from '@qts-ops/core/client';
import { isFresh } from '../state/link.ts';
import { silenceWord } from '../state/silence-words.ts';
import type { Reading } from '../state/target-words.ts';
import { SILENCE_TONES } from '../theme.ts';
import { nameCells } from './alert-row.ts';
import { cleanText, fitEnd } from './cells.ts';
import { type Line, plain, type Span, toned } from './line.ts';
import { TIME_CELLS, timeCell } from './time-text.ts';

/** Widths of the columns; 0 leaves a column out. */
export interface SilenceColumns {
  readonly since: number;
  readonly matchers: number;
  readonly by: number;
  readonly reason: number;
}

/** What all rows of a frame share. */
export interface SilenceRowContext {
  readonly columns: SilenceColumns;
  readonly reading: Reading;
  readonly zone: string;
}

const STATE_CELLS = 7;
const BY_MOST = 16;

/** Shares out the width: what it fits matters most, then until when, by whom and why. */
export function silenceColumns(width: number, silences: readonly SilenceView[]): SilenceColumns {
  const room = width - 2 - STATE_CELLS - 1 - TIME_CELLS - 1;
  if (width < 60) return { since: 0, matchers: room, by: 0, reason: 0 };
  const names = nameCells(
    silences.map(({ createdBy }) => createdBy),
    BY_MOST,
  );
  const by = Math.max(2, names);
  const since = width < 110 ? 0 : TIME_CELLS;
  const left = room - (since > 0 ? since + 1 : 0) - by - 1;
  const matchers = Math.floor(left / 2);
  return { since, matchers, by, reason: left - matchers - 1 };
}

/** The heading over the rows. */
export function silenceHeading(columns: SilenceColumns): Line {
  const cells = [
    fitEnd('STATE', STATE_CELLS),
    fitEnd('UNTIL', TIME_CELLS),
    fitEnd('FROM', columns.since),
    fitEnd('NOBODY IS TOLD OF', columns.matchers),
    fitEnd('BY', columns.by),
    fitEnd('REASON', columns.reason),
  ].filter((cell) => cell !== '');
  return { spans: [plain('  '), toned('dim', cells.join(' '))] };
}

/** One silence as a row. */
export function silenceRow(silence: SilenceView, selected: boolean, context: SilenceRowContext): Line {
  const { columns, reading, zone } = context;
  const { nowMs, link } = reading;
  const word = silenceWord(silence, nowMs);
  const spans: Span[] = [
    plain(selected ? '> ' : '  '),
    toned(SILENCE_TONES[word], fitEnd(word, STATE_CELLS)),
    plain(` ${fitEnd(timeCell(silence.endsAtMs, nowMs, zone), TIME_CELLS)} `),
  ];
  push(spans, columns.since, plain(fitEnd(timeCell(silence.startsAtMs, nowMs, zone), columns.since)));
  const fits = cleanText(silence.matchers.join(' '));
  push(
    spans,
    columns.matchers,
    toned(selected ? 'strong' : 'plain', fitEnd(isFresh(link) ? fits : `was: ${fits}`, columns.matchers)),
  );
  push(spans, columns.by, plain(fitEnd(cleanText(silence.createdBy), columns.by)));
  push(spans, columns.reason, toned('dim', fitEnd(cleanText(silence.reason), columns.reason)));
  return { spans, ...(selected ? { selected } : {}), ...(isFresh(link) ? {} : { old: true }) };
}

function push(spans: Span[], cells: number, span: Span): void {
  if (cells > 0) spans.push(span, plain(' '));
}
