import { describe, expect, it } from 'vitest';
import { everyMs } from '../../testing/test-targets.ts';
import type { MissedPolicy } from '../targets/target-policies.ts';
import { type LateInput, lateSlots } from './missed-rules.ts';

const START_MS = 1_000_000_000;

/** Slots each second; `3..5x3` is a range. Seconds after the start. */
function told(policy: MissedPolicy, { lateS = 10, nowS = 12, hasNewer = false } = {}): string {
  const input: LateInput = {
    schedule: everyMs(1000),
    span: { afterMs: START_MS, untilMs: START_MS + lateS * 1000 },
    nowMs: START_MS + nowS * 1000,
    policy,
    hasNewer,
  };
  const late = lateSlots(input);
  const seconds = (ms: number) => (ms - START_MS) / 1000;
  const missed = late.missed.map(
    ({ fromMs, toMs, count }) => `${seconds(fromMs)}..${seconds(toMs)}x${count}`,
  );
  const stands =
    late.standsFor === undefined
      ? ''
      : ` for ${late.standsFor.missedCount} since ${seconds(late.standsFor.missedFromMs)}`;
  return `${late.caughtUp.map(seconds).join(' ')} | ${missed.join(' ')}${stands}`;
}

const all = (maxCatchUp: number, windowS = 3600): MissedPolicy => ({
  kind: 'all',
  maxCatchUp,
  windowMs: windowS * 1000,
});

describe('slots that passed beyond their grace', () => {
  it.each<[string, MissedPolicy, Parameters<typeof told>[1], string]>([
    ['are missed', { kind: 'skip' }, {}, ' | 1..10x10'],
    ['stand behind the newest of them', { kind: 'latest' }, {}, '10 | 1..9x9 for 9 since 1'],
    ['stand behind a newer one', { kind: 'latest' }, { hasNewer: true }, ' | 1..10x10 for 10 since 1'],
    ['are only one', { kind: 'latest' }, { lateS: 1 }, '1 | '],
    ['are all run', all(10), {}, '1 2 3 4 5 6 7 8 9 10 | '],
    ['are run as far as allowed, the newest ones', all(3), {}, '8 9 10 | 1..7x7'],
    ['are run inside a window', all(10, 5), {}, '7 8 9 10 | 1..6x6'],
    ['are all older than the window', all(10, 1), {}, ' | 1..10x10'],
    ['are none', all(10), { lateS: 0 }, ' | '],
  ])('%s', (_, policy, situation, expected) => {
    expect(told(policy, situation)).toBe(expected);
  });

  it('a year of seconds is counted in no time', () => {
    const yearS = 365 * 86_400;
    // Work of the processor, which no other program adds to.
    const before = process.cpuUsage();
    expect(told(all(2, yearS), { lateS: yearS, nowS: yearS })).toBe(
      `${yearS - 1} ${yearS} | 1..${yearS - 2}x${yearS - 2}`,
    );
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(500_000);
  });
});
