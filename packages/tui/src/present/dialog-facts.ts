import { formatDuration, type TargetView } from '@qts-ops/core/client';
import type { TargetSubject } from '../state/act.ts';
import type { Dialog } from '../state/dialog.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { liveReading, zoneOf } from '../state/selectors.ts';
import { shownWord } from '../state/target-words.ts';
import { WORD_TONES } from '../theme.ts';
import { alertLines } from './alert-facts.ts';
import { type BodyLine, LABEL_CELLS, labelled, weighted } from './body-line.ts';
import { cleanText, wrapWords } from './cells.ts';
import { shortId } from './execution-row.ts';
import { plain, type Span, spansWidth, toned } from './line.ts';
import { silenceFactLines } from './silence-page.ts';
import { nextStartMs } from './target-message.ts';
import { timeText } from './time-text.ts';

/** What the act is about: the target or alert as pinned, what will happen and what will not, and who asks. */
export function factLines(state: ScreenState, dialog: Dialog, width: number): readonly BodyLine[] {
  const about = aboutOf(state, dialog, width);
  return [
    ...about.head,
    ...planLines(about.plan, width),
    weighted(
      1,
      labelled('operator', [
        plain(state.operatorId),
        toned('dim', '  (account of this terminal; kept in the audit log)'),
      ]),
    ),
  ];
}

function aboutOf(
  state: ScreenState,
  { pinned, forMs }: Dialog,
  width: number,
): { readonly head: readonly BodyLine[]; readonly plan: readonly string[] } {
  if ('alert' in pinned) return alertLines(state, pinned, forMs);
  if ('silence' in pinned) return silenceFactLines(state, pinned.silence, width);
  return { head: targetLines(state, pinned, width), plan: planTexts(state, pinned) };
}

function targetLines(
  state: ScreenState,
  { target, executionId }: TargetSubject,
  width: number,
): readonly BodyLine[] {
  const revision = `revision ${target.revision}`;
  const id = labelled('target', [toned('strong', target.id), plain(`  (${target.kind})`)]);
  const room = width - spansWidth(id) - revision.length;
  const run = executionId === undefined ? [] : [weighted(3, labelled('run', [plain(executionId)]))];
  return [
    weighted(3, room > 0 ? [...id, plain(' '.repeat(room)), toned('dim', revision)] : id),
    ...run,
    weighted(2, labelled('state', stateSpans(state, target))),
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

/** What will happen and what will not, from what is known. */
function planLines([first = '', ...rest]: readonly string[], width: number): readonly BodyLine[] {
  const lines = (label: string, text: string) => {
    const parts = width < 50 ? [text] : wrapWords(cleanText(text), width - LABEL_CELLS);
    return parts.map((part, index) => {
      const first = index === 0 && label !== '';
      return weighted(first ? 2 : 1, labelled(first ? label : '', [plain(part)]));
    });
  };
  return [...lines('plan', first), ...rest.flatMap((text) => lines('', text))];
}

function planTexts(
  state: ScreenState,
  { act, target: pinned, executionId }: TargetSubject,
): readonly string[] {
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
