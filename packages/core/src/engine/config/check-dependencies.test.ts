import { describe, expect, it } from 'vitest';
import type { TargetInput, TargetOptions } from './config-input.ts';
import { at, cron, every, exec, onDemand, target } from './define-config.ts';
import { requireConfig, resolveConfig } from './resolve-config.ts';

const nowMs = Date.UTC(2026, 10, 20);
const run = () => undefined;
const context = { env: {}, nowMs };

const on = (id: string, schedule: TargetOptions['on']): TargetInput => target(id, { on: schedule, run });
const follows = (id: string, ...parents: readonly string[]): TargetInput =>
  target(id, { after: parents, run });
const first = on('a', every('1m'));

function problemsOf(...targets: readonly object[]) {
  const resolution = resolveConfig({ instance: 'desk', targets }, context);
  return resolution.ok ? [] : resolution.problems;
}

describe('a target that follows others', () => {
  it('has no schedule of its own and says what must have happened', () => {
    const targets = [
      first,
      target('b', { after: 'a', run }),
      target('c', { after: ['a', 'b'], afterOn: 'any-failed', run }),
    ];
    const [, b, c] = requireConfig({ instance: 'desk', targets }, context).targets;
    expect(b).not.toHaveProperty('schedule');
    expect(b?.policies.dependency).toEqual({ after: ['a'], on: 'success' });
    expect(c?.policies.dependency).toEqual({ after: ['a', 'b'], on: 'any-failed' });
  });

  it('may stand before its parents, behind them, and meet itself on two ways', () => {
    expect(problemsOf(follows('d', 'b', 'c'), follows('c', 'a'), follows('b', 'a'), first)).toEqual([]);
    const delayed = on('a', every('1m', { mode: 'delay' }));
    expect(problemsOf(delayed, follows('b', 'a'), follows('c', 'a'), follows('d', 'b', 'c'))).toEqual([]);
  });

  it.each([
    [{ on: every('1s') }, /'after' and 'on' exclude each other/],
    [{ intervalMs: 1_000 }, /'after' and 'intervalMs' exclude each other/],
    [{ calendar: 'XKRX' }, /'calendar' has no effect/],
    [{ missed: 'latest' }, /'missed' has no effect/],
    [{ jitter: '1s' }, /'jitter' has no effect/],
  ])('cannot say when it runs: %j', (options, message) => {
    expect(problemsOf(first, { id: 'b', run, after: 'a', ...options })).toMatchObject([
      { message: expect.stringMatching(message) },
    ]);
  });

  it.each([[[]], [''], [5], [['a', 'a']], [['a', 5]], [{ id: 'a' }]])('names ids: %j', (value) => {
    expect(problemsOf(first, { id: 'b', run, after: value })).toMatchObject([{ path: 'targets[1].after' }]);
  });
});

describe('ids', () => {
  it('that do not exist are named with the one that was probably meant', () => {
    expect(problemsOf(on('prices', every('1m')), follows('b', 'price', 'nowhere'))).toMatchObject([
      { path: 'targets[1].after[0]', remedy: "did you mean 'prices'?" },
      { path: 'targets[1].after[1]', remedy: 'add the target, or correct the id' },
    ]);
  });

  it('of a target with other problems exist all the same', () => {
    const broken = { id: 'a', on: { every: 'often' }, run };
    expect(problemsOf(broken, follows('b', 'a'))).toMatchObject([{ path: 'targets[0].on.every' }]);
  });
});

describe('a circle', () => {
  it('of one target is named', () => {
    expect(problemsOf(first, follows('b', 'b', 'a'))).toMatchObject([
      { path: 'targets[1].after[0]', message: "'b' waits for itself" },
    ]);
  });

  it('of several is named once, with its way', () => {
    const problems = problemsOf(
      first,
      follows('b', 'a', 'd'),
      follows('c', 'b'),
      follows('d', 'c'),
      follows('e', 'd'),
    );
    expect(problems).toMatchObject([
      {
        path: 'targets[1].after',
        message: 'targets wait for each other in a circle: b → d → c → b',
      },
    ]);
  });

  it('beside another one is named too', () => {
    const problems = problemsOf(
      follows('a', 'b'),
      follows('b', 'a'),
      follows('x', 'y'),
      follows('y', 'x', 'b'),
    );
    expect(problems.map(({ message }) => message.split(': ')[1])).toEqual(['a → b → a', 'x → y → x']);
  });

  it('is looked for in a long row without running out of stack', () => {
    const row = Array.from({ length: 9_000 }, (_, index) => follows(`t${index + 1}`, `t${index}`));
    expect(problemsOf(on('t0', every('1m')), ...row)).toEqual([]);
  });
});

describe('parents', () => {
  it.each([
    [on('a', every('1m')), on('b', every('1m'))],
    [on('a', cron('0 17 * * 1-5')), on('b', cron('0 17 * * MON-FRI'))],
    [on('a', at('close', { calendar: 'XKRX' })), on('b', at('close', { calendar: 'XKRX' }))],
  ])('with equal schedules share their slots (%#)', (a, b) => {
    expect(problemsOf(a, b, follows('c', 'a', 'b'))).toEqual([]);
  });

  it.each([
    [on('a', every('1m')), on('b', every('2m')), "'a' (every 1 m) and 'b' (every 2 m)"],
    [on('a', every('1m', { mode: 'delay' })), on('b', every('1m', { mode: 'delay' })), 'after end'],
    [on('a', every('1m', { spread: true })), on('b', every('1m', { spread: true })), 'every 1 m'],
    [target('a', { on: every('1m'), calendar: 'XKRX', run }), on('b', every('1m')), 'on XKRX days'],
  ])('with others do not (%#)', (a, b, text) => {
    const [problem, ...more] = problemsOf(a, b, follows('c', 'a', 'b'), follows('d', 'c'));
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ path: 'targets[2].after' });
    expect(problem?.message).toContain(text);
    expect(problem?.message).toContain('do not share their slots');
  });

  it('with others are matched by their day, where that is asked for', () => {
    const close = on('close', at('close+5m', { calendar: 'XKRX' }));
    const rates = on('rates', cron('0 20 * * *', { timeZone: 'Asia/Seoul' }));
    const both = { after: ['close', 'rates'], run };
    const targets = [
      close,
      rates,
      target('c', { ...both, afterBy: 'date' }),
      target('d', { ...both, afterBy: { date: 'Asia/Seoul' } }),
      target('e', { after: ['c', 'd'], afterBy: 'date', run }),
      follows('f', 'd'),
    ];
    const resolved = requireConfig({ instance: 'desk', timeZone: 'America/New_York', targets }, context);
    const zones = resolved.targets.map(({ policies }) => policies.dependency?.sameDayIn);
    expect(zones.slice(2)).toEqual(['America/New_York', 'Asia/Seoul', 'America/New_York', undefined]);
    expect(problemsOf(...targets, follows('g', 'c', 'd'))).toMatchObject([
      { path: 'targets[6].after', message: expect.stringContaining('do not share their slots') },
    ]);
    const slotwise = target('c', { ...both, afterBy: 'slot' });
    expect(problemsOf(close, rates, slotwise)).toMatchObject([
      { path: 'targets[2].after', remedy: expect.stringContaining("afterBy: 'date'") },
    ]);
  });

  it.each([
    [on('a', every('12h')), 'has two slots on one day: 2026-11-21T00:00:00+00:00'],
    [on('a', cron('0 9,17 * * 1')), 'has two slots on one day: 2026-11-23T09:00:00+00:00'],
    [on('a', every('1d', { mode: 'delay' })), 'has no fixed slots'],
  ])('with two slots on a day are not matched by it (%#)', (a, text) => {
    const problems = problemsOf(
      a,
      on('b', cron('0 20 * * *')),
      target('c', { after: ['a', 'b'], afterBy: 'date', run }),
    );
    expect(problems).toMatchObject([{ path: 'targets[2].after', message: expect.stringContaining(text) }]);
  });

  it.each(['day', { date: 'Seoul' }, { date: 'Asia/Seoul', other: 1 }, 5])(
    'are matched by nothing else: %j',
    (afterBy) => {
      expect(problemsOf(first, { id: 'b', run, after: 'a', afterBy })).toMatchObject([
        { path: 'targets[1].afterBy' },
      ]);
      expect(problemsOf(first, { id: 'b', run, on: every('1m'), afterBy: 'date' })).toMatchObject([
        { path: 'targets[1].afterBy', message: "'afterBy' has no effect without 'after'" },
      ]);
    },
  );

  it('that run only on demand have no slots to follow', () => {
    expect(problemsOf(on('a', onDemand()), follows('b', 'a'), follows('c', 'b'))).toMatchObject([
      { path: 'targets[1].after', message: expect.stringContaining('runs only on demand') },
    ]);
  });

  it('that run too often are not followed by programs', () => {
    const program = target('b', { after: 'a', run: exec('date') });
    expect(problemsOf(on('a', every('100ms')), program)).toMatchObject([{ path: 'targets[1].after' }]);
    expect(problemsOf(on('a', every('100ms')), follows('b', 'a'))).toEqual([]);
  });
});
