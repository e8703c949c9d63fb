import { formatDuration, type TargetView } from '@qts-ops/core/client';
import type { Dialog } from '../state/dialog.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { liveReading, zoneOf } from '../state/selectors.ts';
import { shownWord } from '../state/target-words.ts';
import { WORD_TONES } from '../theme.ts';
import { cleanText, wrapWords } from './cells.ts';
import { shortId } from './execution-row.ts';
import { plain, type Span, spansWidth, toned } from './line.ts';
import { nextStartMs } from './target-message.ts';
import { timeText } from './time-text.ts';

/** One line inside the box; where there is little room those of low weight go first. */
export interface BodyLine {
  readonly spans: readonly Span[];
  readonly weight: 1 | 2 | 3;
}

/** Cells of the words at the left side. */
export const LABEL_CELLS = 10;

/** What the act is about: the target as pinned, what will happen and what will not, and who asks. */
export function factLines(state: ScreenState, dialog: Dialog, width: number): readonly BodyLine[] {
  const { pinned } = dialog;
  const revision = `revision ${pinned.revision}`;
  const id = labelled('target', [toned('strong', pinned.id), plain(`  (${pinned.kind})`)]);
  const room = width - spansWidth(id) - revision.length;
  const target = room > 0 ? [...id, plain(' '.repeat(room)), toned('dim', revision)] : id;
  const run =
    dialog.executionId === undefined ? [] : [weighted(3, labelled('run', [plain(dialog.executionId)]))];
  return [
    weighted(3, target),
    ...run,
    weighted(2, labelled('state', stateSpans(state, pinned))),
    ...planLines(state, dialog, width),
    weighted(
      1,
      labelled('operator', [
        plain(state.operatorId),
        toned('dim', '  (account of this terminal; kept in the audit log)'),
      ]),
    ),
  ];
}

function stateSpans(state: ScreenState, target: TargetView): readonly Span[] {
  const reading = liveReading(state);
  const word = shownWord(target, reading);
  const zone = zoneOf(state);
  const next = nextStartMs(target);
  const running =
    target.running === undefined
      ? 'not running'
      : `running since ${timeText(target.running.startedAtMs, reading.nowMs, zone)}`;
  const later = next === undefined ? '' : `, next ${timeText(next, reading.nowMs, zone)}`;
  return [
    toned(WORD_TONES[word], word),
    plain(` ${target.consecutiveErrors}/${target.maxConsecutiveErrors}, ${running}${later}`),
  ];
}

/** What will happen and what will not, from what is known about the target. */
function planLines(state: ScreenState, dialog: Dialog, width: number): readonly BodyLine[] {
  const [first = '', ...rest] = planTexts(state, dialog);
  const lines = (label: string, text: string) => {
    const parts = width < 50 ? [text] : wrapWords(cleanText(text), width - LABEL_CELLS);
    return parts.map((part, index) => {
      const first = index === 0 && label !== '';
      return weighted(first ? 2 : 1, labelled(first ? label : '', [plain(part)]));
    });
  };
  return [...lines('plan', first), ...rest.flatMap((text) => lines('', text))];
}

function planTexts(state: ScreenState, { act, pinned, executionId }: Dialog): readonly string[] {
  const zone = zoneOf(state);
  const at = (ms: number): string => timeText(ms, state.frame.nowMs, zone);
  const next = pinned.nextSlotMs === undefined ? 'no slot is planned' : `next slot ${at(pinned.nextSlotMs)}`;
  switch (act) {
    case 'run': {
      const took =
        pinned.lastDurationMs === undefined
          ? ''
          : `; the last run took ${formatDuration(pinned.lastDurationMs)}`;
      return [
        `starts one MANUAL execution now${took}`,
        `ended by force after ${formatDuration(pinned.timeoutMs)}; schedule and errors stay as they are`,
      ];
    }
    case 'pause':
      return [
        'no new execution starts until somebody resumes it',
        pinned.running === undefined ? 'nothing is running now' : 'the running execution goes on; x stops it',
      ];
    case 'resume':
      return [`starts again with its schedule: ${next}`, 'slots missed while paused are not made up for'];
    case 'stop':
      return [
        `asks execution ${shortId(executionId ?? '')} to end, by force after ${formatDuration(pinned.stopGraceMs)}; it becomes STOPPED`,
        `the schedule goes on: ${next}`,
      ];
    case 'reset':
      return [
        `sets the error counter ${pinned.consecutiveErrors} > 0${pinned.breaker.kind === 'closed' ? '' : ' and ends the suspension'}`,
        `the cause is not repaired; ${next}`,
      ];
    default:
      return act satisfies never;
  }
}

/** A text broken between words; its first line weighs most. */
export function words(width: number, span: Span): readonly BodyLine[] {
  return wrapWords(cleanText(span.text), width).map((text, index) =>
    weighted(index === 0 ? 3 : 2, [toned(span.tone, text)]),
  );
}

/** A word at the left side and what belongs to it. */
export function labelled(label: string, spans: readonly Span[]): readonly Span[] {
  return [toned('dim', label.padEnd(LABEL_CELLS)), ...spans];
}

/** A line with its weight. */
export function weighted(weight: 1 | 2 | 3, spans: readonly Span[]): BodyLine {
  return { spans, weight };
}

/** An empty line. */
export function blank(): BodyLine {
  return weighted(1, []);
}
