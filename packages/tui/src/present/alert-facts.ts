import { formatExactDuration } from '@qts-ops/core/client';
import type { AlertSubject } from '../state/act.ts';
import { alertWord, LEVEL_WORDS } from '../state/alert-words.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { liveReading, zoneOf } from '../state/selectors.ts';
import { ALERT_TONES, LEVEL_TONES } from '../theme.ts';
import { type BodyLine, labelled, weighted } from './body-line.ts';
import { plain, toned } from './line.ts';
import { timeText } from './time-text.ts';

/** What an act on an alert is about, and what it will do. */
export function alertLines(
  state: ScreenState,
  subject: AlertSubject,
  forMs: number | undefined,
): { readonly head: readonly BodyLine[]; readonly plan: readonly string[] } {
  const { alert } = subject;
  const reading = liveReading(state);
  const word = alertWord(alert, reading);
  const since = timeText(alert.startedAtMs, reading.nowMs, zoneOf(state));
  const head = [
    weighted(3, labelled('alert', [toned('strong', alert.title)])),
    weighted(1, labelled('key', [plain(alert.dedupKey)])),
    weighted(
      2,
      labelled('state', [
        toned(LEVEL_TONES[alert.level], LEVEL_WORDS[alert.level]),
        plain(' '),
        toned(ALERT_TONES[word], word),
        plain(` since ${since}, seen ${alert.count} x`),
      ]),
    ),
    ...(forMs === undefined
      ? []
      : [weighted(3, labelled('for', [plain(forText(state, forMs)), toned('dim', '  tab: another time')]))]),
  ];
  return { head, plan: planTexts(subject) };
}

function forText(state: ScreenState, forMs: number): string {
  const { nowMs } = state.frame;
  return `${formatExactDuration(forMs)}, until ${timeText(nowMs + forMs, nowMs, zoneOf(state)).slice(0, -3)}`;
}

function planTexts({ act, alert }: AlertSubject): readonly string[] {
  switch (act) {
    case 'acknowledge':
      return [
        'reminders and escalation stop; its end is told all the same',
        'it is told again when the time is over, or when its level rises',
      ];
    case 'unacknowledge':
      return [
        'it is told again after a moment, and escalation begins anew',
        `${alert.acknowledgedBy ?? 'who took it'} no longer has it`,
      ];
    case 'silence':
      return [
        'nobody is told of this key until then, whatever its level becomes',
        'the alert stays open; the silence ends by itself',
      ];
    default:
      return act satisfies never;
  }
}
