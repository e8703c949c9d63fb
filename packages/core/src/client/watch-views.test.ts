import { expect, it } from 'vitest';
import { type HealthCheckView, noDataOf } from './watch-views.ts';

const NOW_MS = 1_000_000;

function check(change: Partial<HealthCheckView>): HealthCheckView {
  return {
    id: 'a',
    kind: 'a',
    critical: false,
    status: 'unknown',
    intervalMs: 60_000,
    flapping: false,
    dependsOn: [],
    ...change,
  };
}

it.each<[string, Partial<HealthCheckView>, ReturnType<typeof noDataOf>]>([
  ['that is known has data', { status: 'fail', lookedAtMs: 1, lastKnownAtMs: 1 }, undefined],
  ['that nobody looked at has had none', { why: 'never-looked' }, { isLost: false }],
  ['that never knew anything has had none yet', { lookedAtMs: 9, sinceMs: 4 }, { sinceMs: 4, isLost: false }],
  ['that cannot look lost it', { lookedAtMs: 9, lastKnownAtMs: 5, sinceMs: 7 }, { sinceMs: 5, isLost: true }],
  ['that is confirming has some', { why: 'unconfirmed', lookedAtMs: 9, lastKnownAtMs: 9 }, undefined],
  [
    'that is confirming after it could not look has none',
    { why: 'unconfirmed', lookedAtMs: 9, lastKnownAtMs: 5 },
    { sinceMs: 5, isLost: true },
  ],
  [
    'that became too old meanwhile lost it at its last look',
    { status: 'pass', lookedAtMs: 8, staleAtMs: NOW_MS - 1, sinceMs: 2 },
    { sinceMs: 8, isLost: true },
  ],
])('a check %s', (_, change, expected) => {
  expect(noDataOf(check(change), NOW_MS)).toEqual(expected);
});
