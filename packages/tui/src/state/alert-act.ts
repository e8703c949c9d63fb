import type { AlertView } from '@qts-ops/core/client';
import type { Act, AlertSubject } from './act.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** For how long an act holds, where one must be chosen; Tab goes on to the next. */
const CHOICES_MS: Readonly<Partial<Record<Act, readonly number[]>>> = {
  acknowledge: [HOUR_MS, 4 * HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS],
  silence: [30 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS, 24 * HOUR_MS],
};

/** Why an act makes no sense for this alert now; absent when it does. */
export function alertProblem({ act, alert }: AlertSubject): string | undefined {
  if (alert.event) return 'it only told what happened';
  if (alert.state === 'resolved') return 'this alert is over';
  const taken = alert.acknowledgedBy;
  switch (act) {
    case 'acknowledge':
      return taken === undefined ? undefined : `already acknowledged by ${taken}`;
    case 'unacknowledge':
      return taken === undefined ? 'nobody has acknowledged it' : undefined;
    case 'silence':
      return alert.suppressedBy === undefined ? undefined : quietText(alert.suppressedBy);
    default:
      return act satisfies never;
  }
}

function quietText(suppressedBy: string): string {
  const where = suppressedBy.startsWith('silence') ? '; 6 shows and ends silences' : '';
  return `already quiet: ${suppressedBy}${where}`;
}

/** What the decision about an alert rests on. */
export function alertFacts({ alert }: AlertSubject): readonly string[] {
  const taken =
    alert.acknowledgedBy === undefined ? 'not acknowledged' : `acknowledged by ${alert.acknowledgedBy}`;
  return [alert.level, alert.state === 'resolved' ? 'over' : 'open', taken];
}

/** How long an act holds before anybody chose; absent where nothing is chosen. */
export function usualForMs(act: Act, alert: AlertView | undefined): number | undefined {
  if (act === 'acknowledge') return alert?.level === 'CRITICAL' ? 4 * HOUR_MS : 24 * HOUR_MS;
  return act === 'silence' ? HOUR_MS : undefined;
}

/** The next of the times to choose from. */
export function nextForMs(act: Act, forMs: number, direction: 1 | -1): number {
  const choices = CHOICES_MS[act] ?? [forMs];
  const index = choices.indexOf(forMs) + direction + choices.length;
  return choices[index % choices.length] ?? forMs;
}
