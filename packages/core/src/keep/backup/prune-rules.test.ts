import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidePrune, type KeepPolicy, type PrunableBackup } from './prune-rules.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 20, 12);

function backup(daysAgo: number, changes: Partial<PrunableBackup> = {}): PrunableBackup {
  return {
    id: `d${daysAgo}`,
    madeAtMs: NOW_MS - daysAgo * DAY_MS,
    state: 'verified',
    bytes: 100,
    holders: [],
    held: false,
    ...changes,
  };
}

function days(count: number): PrunableBackup[] {
  return Array.from({ length: count }, (_, daysAgo) => backup(daysAgo));
}

function keptIds(backups: readonly PrunableBackup[], policy: KeepPolicy): string[] {
  return decidePrune(backups, policy, NOW_MS).flatMap(({ id, keep }) => (keep ? [id] : []));
}

describe('the keep policy of backups', () => {
  it('keeps everything when it limits nothing', () => {
    expect(keptIds(days(10), {})).toHaveLength(10);
    expect(keptIds(days(10), { keepDaily: 0 })).toHaveLength(10);
  });

  it('keeps the newest of each calendar period, and says for which', () => {
    const decisions = decidePrune(
      days(400),
      { keepLast: 1, keepDaily: 3, keepWeekly: 2, keepMonthly: 2, keepYearly: 1 },
      NOW_MS,
    );
    expect(decisions.filter(({ keep }) => keep)).toEqual([
      {
        id: 'd0',
        keep: true,
        reasons: [
          'one of the newest verified',
          'last',
          'daily 2026-11-20',
          'weekly 2026-11-16',
          'monthly 2026-11',
          'yearly 2026',
        ],
      },
      { id: 'd1', keep: true, reasons: ['one of the newest verified', 'daily 2026-11-19'] },
      { id: 'd2', keep: true, reasons: ['daily 2026-11-18'] },
      { id: 'd5', keep: true, reasons: ['weekly 2026-11-09'] },
      { id: 'd20', keep: true, reasons: ['monthly 2026-10'] },
    ]);
    expect(decisions.at(-1)).toEqual({ id: 'd399', keep: false, reasons: ['no rule keeps it'] });
  });

  it('ends a day at midnight of its zone', () => {
    const evening = backup(0, { id: 'evening', madeAtMs: Date.UTC(2026, 10, 19, 14, 59) });
    const night = backup(0, { id: 'night', madeAtMs: Date.UTC(2026, 10, 19, 15, 1) });
    const policy = { keepDaily: 2, minimumCount: 1 };
    expect(keptIds([night, evening, backup(9)], { ...policy, timeZone: 'Asia/Seoul' })).toEqual([
      'night',
      'evening',
    ]);
    expect(keptIds([night, evening, backup(9)], policy)).toEqual(['night', 'd9']);
  });

  it('counts hours of the wall clock, the one that autumn repeats only once', () => {
    const hours = Array.from({ length: 6 }, (_, hoursAgo) =>
      backup(0, { id: `h${hoursAgo}`, madeAtMs: Date.UTC(2026, 9, 25, 3, 30) - hoursAgo * 3_600_000 }),
    );
    const policy = { keepHourly: 3, minimumCount: 1 };
    expect(keptIds(hours, policy)).toEqual(['h0', 'h1', 'h2']);
    // 04:30, 03:30, 02:30, 02:30 again in summer time, 01:30.
    expect(keptIds(hours, { ...policy, timeZone: 'Europe/Berlin' })).toEqual(['h0', 'h1', 'h2']);
    expect(keptIds(hours, { ...policy, keepHourly: 4, timeZone: 'Europe/Berlin' })).toEqual([
      'h0',
      'h1',
      'h2',
      'h4',
    ]);
  });

  it('keeps what was made within a time before the newest, wherever the clock is', () => {
    const policy = { keepWithinMs: 2 * DAY_MS, minimumCount: 1 };
    expect(keptIds(days(10), policy)).toEqual(['d0', 'd1', 'd2']);
    const later = decidePrune(days(10), policy, NOW_MS + 1000 * DAY_MS);
    expect(later.filter(({ keep }) => keep).map(({ id }) => id)).toEqual(['d0', 'd1', 'd2']);
    expect(decidePrune(days(2), policy, NOW_MS)[1]?.reasons).toEqual(['within 2d00h']);
  });

  it('keeps the oldest as long as the history is shorter than the rule', () => {
    expect(keptIds(days(10), { keepWeekly: 5 })).toEqual(['d0', 'd1', 'd5', 'd9']);
  });

  it('counts verified backups only, and never takes the last of them', () => {
    const backups = [
      backup(0, { state: 'unverified' }),
      backup(1, { state: 'broken' }),
      backup(2),
      backup(3, { state: 'unverified' }),
      backup(4),
    ];
    const decisions = decidePrune(backups, { keepLast: 1, minimumCount: 1 }, NOW_MS);
    expect(decisions.map(({ keep }) => keep)).toEqual([true, true, true, false, false]);
    expect(
      keptIds([backup(0, { state: 'broken' }), backup(1, { state: 'broken' })], { keepLast: 1 }),
    ).toEqual(['d0', 'd1']);
  });

  it('never takes what is held, what others build on, or what comes from the future', () => {
    const future = backup(-400);
    const base = backup(9);
    const backups = [
      future,
      backup(0, { holders: ['d9'] }),
      backup(1),
      backup(5, { held: true }),
      backup(6),
      base,
    ];
    expect(keptIds(backups, { keepLast: 1, minimumCount: 1 })).toEqual([future.id, 'd0', 'd5', 'd9']);
  });

  it('gives the oldest to the quota, and stops before what must stay', () => {
    expect(keptIds(days(10), { quotaBytes: 450 })).toEqual(['d0', 'd1', 'd2', 'd3']);
    expect(keptIds(days(10), { quotaBytes: 1 })).toEqual(['d0', 'd1']);
    const chained = [backup(0, { holders: ['d2'] }), backup(1), backup(2)];
    expect(keptIds(chained, { quotaBytes: 1, minimumCount: 1 })).toEqual(['d0', 'd2']);
  });

  it.each([
    { keepLast: -1 },
    { keepDaily: 1.5 },
    { keepLast: Number.NaN },
    { minimumCount: 0 },
    { quotaBytes: 0 },
    { timeZone: 'Mars' },
  ])('refuses %j', (policy) => {
    expect(() => decidePrune([], policy, NOW_MS)).toThrow(expect.objectContaining({ code: 'INP-0803' }));
  });

  it('keeps, whatever it is told: the newest verified, the held, and every base of what stays', () => {
    const one = fc.record({
      state: fc.constantFrom('verified', 'unverified', 'broken') as fc.Arbitrary<PrunableBackup['state']>,
      held: fc.boolean(),
      base: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      gap: fc.integer({ min: 0, max: 40 }),
    });
    const number = fc.integer({ min: 0, max: 4 });
    const policies = fc.record({
      keepLast: number,
      keepDaily: number,
      keepWeekly: number,
      keepMonthly: number,
      quotaBytes: fc.integer({ min: 1, max: 3_000 }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 30 }), policies, (shapes, policy) => {
        let daysAgo = 0;
        const backups = shapes.map(({ state, held, base, gap }, index) => {
          daysAgo += gap;
          const holders = base !== undefined && index + base < shapes.length ? [`b${index + base}`] : [];
          return backup(daysAgo, { id: `b${index}`, state, held, holders });
        });
        const decisions = decidePrune(backups, policy, NOW_MS);
        const kept = new Set(decisions.flatMap(({ id, keep }) => (keep ? [id] : [])));
        expect(decisions.every(({ reasons }) => reasons.length > 0)).toBe(true);
        const verified = backups.filter(({ state }) => state === 'verified');
        expect(verified.slice(0, 2).every(({ id }) => kept.has(id))).toBe(true);
        for (const { id, held, holders } of backups) {
          if (held) expect(kept.has(id)).toBe(true);
          if (kept.has(id))
            for (const holder of holders)
              expect(kept.has(holder), `${holder} holds files of ${id}`).toBe(true);
        }
        if (verified.length === 0) expect(kept.size).toBe(backups.length);
      }),
    );
  });
});
