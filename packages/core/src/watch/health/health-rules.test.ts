import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { availabilityOf, daysOf } from './availability-rules.ts';
import { checkPolicy } from './check-policy.ts';
import type { CheckSpan, CheckState } from './check-state.ts';
import { readDependencies } from './dependency-rules.ts';
import { gapBetween } from './gap-rules.ts';
import { compactionOf, SPANS_KEPT_MAX } from './span-compaction.ts';
import { FIRST_LOOKS_WITHIN_MS, firstDelayMs, nextDelayMs, placeOf } from './splay-rules.ts';
import { statusAt } from './staleness-rules.ts';

const START_MS = Date.UTC(2026, 0, 5);
const DAY_MS = 86_400_000;
const STATUSES = ['pass', 'warn', 'fail', 'unknown'] as const;

describe('staleness', () => {
  const state: CheckState = {
    checkId: 'a',
    revision: 1,
    status: 'pass',
    settled: true,
    sinceMs: START_MS,
    last: { status: 'pass', message: 'ok', atMs: START_MS, durationMs: 1, attempt: 1 },
    recent: 'p',
    changes: '',
    flapping: false,
    badSince: {},
    broken: { warn: false, crit: false },
    staleAfterMs: 130_000,
  };

  it.each<[string, Partial<CheckState>, number, object]>([
    ['fresh', {}, 130_000, { status: 'pass', ageMs: 130_000 }],
    ['older than two intervals and a timeout', {}, 130_001, { status: 'unknown', why: 'stale' }],
    ['a little in the future, as clocks are', {}, -5000, { status: 'pass' }],
    ['far in the future', {}, -130_001, { status: 'unknown', why: 'stale' }],
    [
      'old, after a gap of the engine',
      { freshFromMs: START_MS + 500_000 },
      500_001,
      { status: 'pass', ageMs: 500_001 },
    ],
    [
      'old again after the gap',
      { freshFromMs: START_MS + 500_000 },
      630_001,
      { status: 'unknown', why: 'stale' },
    ],
    ['not yet confirmed', { settled: false }, 1, { status: 'unknown', why: 'unconfirmed' }],
  ])('%s', (_, more, ageMs, expected) => {
    expect(statusAt({ ...state, ...more }, START_MS + ageMs)).toMatchObject(expected);
  });

  it('nobody looked yet', () => {
    expect(statusAt(undefined, 0)).toEqual({ status: 'unknown', why: 'never-looked' });
  });

  it('a green check that nobody looks at is never green for longer than its bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 130_001, max: 1e12 }), (ageMs) => {
        expect(statusAt(state, START_MS + ageMs).status).toBe('unknown');
      }),
    );
  });
});

describe('splay', () => {
  it('is the same for an id, within the bound, and even over many', () => {
    const places = Array.from({ length: 1000 }, (_, index) => placeOf(`check-${index}`));
    expect(placeOf('a')).toBe(placeOf('a'));
    for (const tenth of Array.from({ length: 10 }, (_, index) => index / 10)) {
      const count = places.filter((place) => place >= tenth && place < tenth + 0.1).length;
      expect(count).toBeGreaterThan(60);
      expect(count).toBeLessThan(140);
    }
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1000, max: DAY_MS }), (id, intervalMs) => {
        expect(firstDelayMs(id, intervalMs)).toBeLessThan(Math.min(intervalMs, FIRST_LOOKS_WITHIN_MS));
      }),
    );
  });

  it('jitters by five per cent at most', () => {
    expect([0, 0.5, 0.999999].map((random) => nextDelayMs(10_000, random))).toEqual([9500, 10_000, 10_500]);
  });
});

describe('gaps', () => {
  it.each([
    ['no gap', 1000, 1000, undefined],
    ['a slow tick', 3900, 3900, undefined],
    ['a loop that stood still', 9000, 9000, 'stalled'],
    ['a machine that slept', 3_600_000, 1000, 'suspended'],
    ['a wall clock set back', -3_600_000, 1000, 'clock-set'],
    ['a wall clock corrected by a little', 2500, 1000, undefined],
  ])('%s', (_, wallMs, monoMs, reason) => {
    const gap = gapBetween(
      { wallMs: START_MS, monoMs: 5 },
      { wallMs: START_MS + wallMs, monoMs: 5 + monoMs },
    );
    expect(gap?.reason).toBe(reason);
  });
});

describe('dependencies', () => {
  const check = (id: string, ...dependsOn: readonly string[]) => ({ id, dependsOn });

  it('knows everything near and far, both ways', () => {
    const known = readDependencies([check('a', 'b'), check('b', 'c', 'd'), check('c', 'd'), check('d')]);
    expect(known.ancestorsOf('a').toSorted()).toEqual(['b', 'c', 'd']);
    expect(known.descendantsOf('d').toSorted()).toEqual(['a', 'b', 'c']);
    expect(known.ancestorsOf('d')).toEqual([]);
  });

  it('names the circle, and a name that is no check', () => {
    const circle = [check('x', 'a'), check('a', 'b'), check('b', 'c'), check('c', 'a')];
    expect(() => readDependencies(circle)).toThrow('a -> b -> c -> a');
    expect(() => readDependencies([check('a', 'a')])).toThrow('a -> a');
    expect(() => readDependencies([check('a', 'gone')])).toThrow('gone, which is no check');
  });

  it('ends for any graph, and finds a circle exactly when there is one', () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 20 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const checks = Array.from({ length: 8 }, (_, id) =>
          check(String(id), ...pairs.filter(([from]) => from === id).map(([, to]) => String(to))),
        );
        const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
          (checks.find(({ id }) => id === from)?.dependsOn ?? []).some(
            (next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))),
          );
        const circular = checks.some(({ id }) => reaches(id, id));
        if (circular) {
          expect(() => readDependencies(checks)).toThrow('is a circle');
          return;
        }
        const known = readDependencies(checks);
        for (const { id } of checks) {
          for (const other of checks) {
            expect(known.ancestorsOf(id).includes(other.id)).toBe(reaches(id, other.id));
          }
        }
      }),
    );
  });
});

describe('accounts', () => {
  const spansOf = (
    pieces: ReadonlyArray<readonly [string, number, boolean, number]>,
  ): readonly CheckSpan[] => {
    let fromMs = START_MS;
    return pieces.map(([status, lengthMs, maintenance, gapMs]) => {
      const span = {
        checkId: 'a',
        status: status as CheckSpan['status'],
        maintenance,
        fromMs,
        toMs: fromMs + lengthMs,
      };
      fromMs = span.toMs + gapMs;
      return span;
    });
  };
  const pieces = fc.array(
    fc.tuple(
      fc.constantFrom(...STATUSES),
      fc.integer({ min: 0, max: 3 * DAY_MS }),
      fc.boolean(),
      fc.integer({ min: 0, max: DAY_MS }),
    ),
    { maxLength: 30 },
  );

  it('give every instant of a range to exactly one account, and shares lie between 0 and 1', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 40 * DAY_MS }), (given, lengthMs) => {
        const range = { fromMs: START_MS, toMs: START_MS + lengthMs };
        const sums = availabilityOf(range, spansOf(given));
        const {
          passMs,
          warnMs,
          failMs,
          unknownMs,
          maintenanceMs,
          known = 0,
          strict = 0,
          coverage = 0,
        } = sums;
        expect(passMs + warnMs + failMs + unknownMs + maintenanceMs).toBe(lengthMs);
        for (const share of [known, strict, coverage]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
        }
        expect(strict).toBeLessThanOrEqual(sums.known === undefined ? 1 : known);
      }),
    );
  });

  it('stay the same when old stretches are summed up, over whole days', () => {
    fc.assert(
      fc.property(pieces, fc.nat(29), (given, cut) => {
        const spans = spansOf(given);
        const range = { fromMs: START_MS, toMs: START_MS + 200 * DAY_MS };
        const days = daysOf('a', spans.slice(0, cut));
        const {
          known: _k,
          strict: _s,
          coverage: _c,
          ...kept
        } = availabilityOf(range, spans.slice(cut), days);
        const { known: _k2, strict: _s2, coverage: _c2, ...exact } = availabilityOf(range, spans);
        expect(kept).toEqual(exact);
      }),
    );
  });

  it('are absent where nothing is known', () => {
    const nothing = availabilityOf({ fromMs: 0, toMs: 100 }, []);
    expect(nothing).toMatchObject({ unknownMs: 100, strict: 0, coverage: 0 });
    expect(nothing.known).toBeUndefined();
    expect(availabilityOf({ fromMs: 0, toMs: 0 }, []).strict).toBeUndefined();
  });

  it('of a restless check stay bounded', () => {
    const many = spansOf(Array.from({ length: SPANS_KEPT_MAX + 1 }, () => ['fail', 1000, false, 0] as const));
    const change = compactionOf('a', many, START_MS - 1);
    expect(change).toMatchObject({ kind: 'health.compact', throughMs: many[SPANS_KEPT_MAX / 2]?.toMs });
    expect(compactionOf('a', many.slice(0, 10), START_MS - 1)).toBeUndefined();
    expect(compactionOf('a', many.slice(0, 10), START_MS + DAY_MS)).toMatchObject({
      throughMs: many[8]?.toMs,
    });
  });
});

describe('policies', () => {
  const defaults = { intervalMs: 60_000, timeoutMs: 10_000 };

  it('have defaults that fit the interval', () => {
    expect(checkPolicy('a', {}, defaults)).toMatchObject({
      retryIntervalMs: 15_000,
      failuresToAlert: 3,
      successesToResolve: 2,
      timeoutMs: 10_000,
      flapping: { high: 30, low: 25 },
    });
    expect(checkPolicy('a', { intervalMs: 2000, critical: true }, defaults)).toMatchObject({
      timeoutMs: 1600,
      retryIntervalMs: 2000,
      failuresToAlert: 1,
    });
  });

  it('name every wrong field at once', () => {
    const wrong = { intervalMs: 10, failuresToAlert: 0, crit: 1, colour: 'red', mOfN: [4, 3] };
    expect(() => checkPolicy('a', wrong, defaults)).toThrow(/intervalMs.*failuresToAlert.*mOfN.*colour/);
    const both = { warn: '9:1', crit: {}, timeoutMs: 100_000 };
    expect(() => checkPolicy('a', both, defaults)).toThrow(/warn: '9:1'.*crit: neither.*timeoutMs: 100000/);
    expect(() => checkPolicy('a', { mOfN: [2, 3], forMs: 5 }, defaults)).toThrow(
      'instead of failuresToAlert',
    );
  });
});
