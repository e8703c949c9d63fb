import { describe, expect, it } from 'vitest';
import { boundMass, clockDoubt, DEFAULT_MASS_BOUND, mustShowFirst, remember } from './retention-guards.ts';
import type { ExpiredFile } from './retention-policy.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;

describe('the guard of mass', () => {
  it('leaves small data sets and usual amounts alone', () => {
    expect(boundMass(candidates(99), { files: 99, bytes: 99 }, DEFAULT_MASS_BOUND).deferred).toEqual([]);
    expect(boundMass(candidates(300), { files: 1000, bytes: 1000 }, DEFAULT_MASS_BOUND).deferred).toEqual([]);
  });

  it('lets the oldest go first and the others wait', () => {
    const { allowed, deferred } = boundMass(candidates(50), { files: 100, bytes: 100 }, DEFAULT_MASS_BOUND);
    expect(allowed).toHaveLength(30);
    expect(Math.min(...allowed.map((file) => file.ageMs))).toBeGreaterThan(
      Math.max(...deferred.map((file) => file.ageMs)),
    );
  });

  it('bounds bytes too, and always lets one file go', () => {
    const two = candidates(2).map((file) => ({ ...file, size: 400 }));
    const { allowed } = boundMass(two, { files: 100, bytes: 1000 }, DEFAULT_MASS_BOUND);
    expect(allowed).toHaveLength(1);
  });

  it('comes to an end run after run without anybody', () => {
    let left = candidates(500);
    let runs = 0;
    for (; left.length > 0; runs += 1) {
      const seen = { files: left.length + 10, bytes: left.length + 10 };
      left = [...boundMass(left, seen, DEFAULT_MASS_BOUND).deferred];
    }
    expect(runs).toBeLessThan(10);
  });
});

describe('the guard of the clock', () => {
  const memory = { lastRunAtMs: NOW_MS, appliedHash: 'a' };

  it('trusts the first run and runs at their usual distance', () => {
    expect(clockDoubt({ nowMs: NOW_MS }, undefined)).toBeUndefined();
    expect(clockDoubt({ nowMs: NOW_MS + 3 * DAY_MS }, memory)).toBeUndefined();
  });

  it('P9: doubts a clock that went back or jumped ahead, for one run', () => {
    expect(clockDoubt({ nowMs: NOW_MS - 1000 }, memory)).toBe('it is 1 s before the last run');
    const jumped = NOW_MS + 3 * DAY_MS + 1;
    expect(clockDoubt({ nowMs: jumped }, memory)).toBe('it jumped 3d00h since the last run');
    const next = remember(memory, { nowMs: jumped, hash: 'a', outcome: 'held' });
    expect(clockDoubt({ nowMs: jumped + DAY_MS }, next)).toBeUndefined();
  });

  it('knows that time really passed when the engine lived through it', () => {
    const evidence = { nowMs: NOW_MS + 30 * DAY_MS, sinceLastRunMs: 30 * DAY_MS };
    expect(clockDoubt(evidence, memory)).toBeUndefined();
    expect(clockDoubt({ nowMs: NOW_MS + 2 * DAY_MS, periodMs: 60_000 }, memory)).toContain('jumped');
  });

  it('knows by the age of the boot how much time really passed', () => {
    const seen = { nowMs: NOW_MS, hash: 'a', bootId: 'b1', sinceBootMs: 1_000_000 };
    const before = remember(undefined, { ...seen, outcome: 'applied' });
    const later = { bootId: 'b1', sinceBootMs: 1_000_000 + 30 * DAY_MS, nowMs: NOW_MS + 30 * DAY_MS };
    expect(clockDoubt(later, before)).toBeUndefined();
    expect(clockDoubt({ ...later, bootId: 'b2' }, before)).toContain('jumped 30d');
    expect(clockDoubt({ ...later, nowMs: NOW_MS + 34 * DAY_MS }, before)).toContain('jumped 4d');
  });

  it('believes the first run of all, and in a new boot no clock until it was set, run after run', () => {
    const young = { nowMs: NOW_MS, bootId: 'b1', sinceBootMs: 1000 };
    expect(clockDoubt(young, undefined)).toBeUndefined();
    let known = remember(undefined, { ...young, hash: 'a', outcome: 'applied' });
    expect(clockDoubt({ ...young, nowMs: NOW_MS + 1000, sinceBootMs: 2000 }, known)).toBeUndefined();
    const next = { nowMs: NOW_MS + 60_000, bootId: 'b2', sinceBootMs: 1000 };
    for (const sinceBootMs of [1000, 60_000]) {
      expect(clockDoubt({ ...next, sinceBootMs }, known)).toContain('not set yet');
      known = remember(known, { ...next, sinceBootMs, hash: 'a', outcome: 'held' });
    }
    expect(clockDoubt({ ...next, timeSynced: true }, known)).toBeUndefined();
    expect(clockDoubt({ ...next, sinceBootMs: 5 * 60_000 }, known)).toBeUndefined();
  });

  it('waits after a start of the machine until its clock was set', () => {
    expect(clockDoubt({ nowMs: NOW_MS, sinceBootMs: 1000 }, memory)).toContain('not set yet');
    expect(clockDoubt({ nowMs: NOW_MS, sinceBootMs: 1000, timeSynced: true }, memory)).toBeUndefined();
    expect(clockDoubt({ nowMs: NOW_MS, sinceBootMs: 5 * 60_000 }, memory)).toBeUndefined();
  });
});

describe('changed rules', () => {
  it('are shown once before they are applied; the first ones are applied at once', () => {
    expect(mustShowFirst('a', undefined)).toBe(false);
    let memory = remember(undefined, { nowMs: 1, hash: 'a', outcome: 'applied' });
    expect(mustShowFirst('a', memory)).toBe(false);
    expect(mustShowFirst('b', memory)).toBe(true);
    memory = remember(memory, { nowMs: 2, hash: 'b', outcome: 'shown' });
    expect(mustShowFirst('b', memory)).toBe(false);
    expect(mustShowFirst('a', memory)).toBe(false);
    expect(mustShowFirst('c', memory)).toBe(true);
    memory = remember(memory, { nowMs: 3, hash: 'b', outcome: 'applied' });
    expect(mustShowFirst('a', memory)).toBe(true);
  });

  it('stay shown over a run that was held for another reason', () => {
    let memory = remember(undefined, { nowMs: 1, hash: 'a', outcome: 'applied' });
    memory = remember(memory, { nowMs: 2, hash: 'b', outcome: 'shown' });
    memory = remember(memory, { nowMs: 3, hash: 'b', outcome: 'held' });
    expect(mustShowFirst('b', memory)).toBe(false);
  });
});

function candidates(count: number): ExpiredFile[] {
  return Array.from({ length: count }, (_, index) => ({
    path: `raw/${index}`,
    kind: 'file' as const,
    ...{ size: 1, mtimeMs: 0, ctimeMs: 0, rule: 'raw', keepMs: DAY_MS, quietMs: 0 },
    agedFromMs: NOW_MS - (index + 2) * DAY_MS,
    ageMs: (index + 2) * DAY_MS,
  }));
}
