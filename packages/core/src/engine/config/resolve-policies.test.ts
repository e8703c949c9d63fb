import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICIES } from '../../run/targets/target-policies.ts';
import type { TargetOptions } from './config-input.ts';
import { at, cron, defineConfig, every, exec, target } from './define-config.ts';
import { requireConfig, resolveConfig } from './resolve-config.ts';

const nowMs = Date.UTC(2026, 10, 20);
const run = () => undefined;
const pools = { heavy: 2 };

function policiesOf(options: Partial<TargetOptions>) {
  const input = defineConfig({
    instance: 'desk',
    targets: [target('t', { on: every('1m'), run, ...options })],
  });
  const [only] = requireConfig(options.pool === undefined ? input : { ...input, pools }, {
    env: {},
    nowMs,
  }).targets;
  if (only === undefined) throw new Error('no target');
  return only.policies;
}

function problemsOf(options: object, others: object = {}) {
  const targets = [{ id: 't', on: every('1m'), run, ...options }];
  const resolution = resolveConfig({ instance: 'desk', targets, ...others }, { env: {}, nowMs });
  return resolution.ok ? [] : resolution.problems;
}

describe('the policies of a target', () => {
  it('are the defaults when it says nothing', () => {
    expect(policiesOf({})).toEqual(DEFAULT_POLICIES);
  });

  it.each([
    ['skip', { kind: 'skip' }],
    ['latest', { kind: 'latest' }],
    ['all', { kind: 'all', maxCatchUp: 10, windowMs: 86_400_000 }],
    [{ all: {} }, { kind: 'all', maxCatchUp: 10, windowMs: 86_400_000 }],
    [{ all: { maxCatchUp: 3, window: '2h' } }, { kind: 'all', maxCatchUp: 3, windowMs: 7_200_000 }],
  ] as const)('say what becomes of missed slots: %j', (missed, expected) => {
    expect(policiesOf({ missed }).missed).toEqual(expected);
  });

  it.each([
    ['skip', { kind: 'skip' }],
    ['queue-one', { kind: 'queue-one' }],
    ['cancel-running', { kind: 'cancel-running' }],
    [{ queue: 5 }, { kind: 'queue', max: 5 }],
    [{ allow: 2 }, { kind: 'allow', maxConcurrent: 2 }],
  ] as const)('say what becomes of a slot that is due during a run: %j', (overlap, expected) => {
    expect(policiesOf({ overlap }).overlap).toEqual(expected);
  });

  it('say how often and when a failed run is tried again', () => {
    expect(policiesOf({ retry: 3 }).retry).toEqual({ ...DEFAULT_POLICIES.retry, maxAttempts: 3 });
    const retry = { maxAttempts: 5, backoff: '10m', factor: 1.5, categories: ['EXT', 'DQ'] } as const;
    expect(policiesOf({ retry }).retry).toEqual({
      maxAttempts: 5,
      backoffMs: 600_000,
      factor: 1.5,
      maxBackoffMs: 600_000,
      categories: ['EXT', 'DQ'],
    });
    expect(policiesOf({ retry: { maxAttempts: 2, maxBackoff: '1s' } }).retry).toMatchObject({
      backoffMs: 1_000,
      maxBackoffMs: 1_000,
    });
  });

  it('say which limit is shared, who goes first and how starts are spread', () => {
    expect(policiesOf({ pool: 'heavy', priority: 9, jitter: '5s' })).toMatchObject({
      pool: 'heavy',
      priority: 9,
      jitterMs: 5_000,
    });
    const config = requireConfig(
      { instance: 'desk', pools: { default: 4 }, targets: [target('t', { on: every('1m'), run })] },
      { env: {}, nowMs },
    );
    expect(config.pools).toEqual({ default: 4 });
  });
});

describe('a policy that cannot be read', () => {
  it.each([
    [{ missed: 'lates' }, 'missed', "did you mean 'latest'?"],
    [{ missed: { latest: {} } }, 'missed.latest', /remove|did you mean/],
    [{ missed: {} }, 'missed', /leave it out/],
    [{ missed: { all: null } }, 'missed.all', /leave it out/],
    [{ missed: { all: { maxCatchUp: 0 } } }, 'missed.all.maxCatchUp', 'leave it out for 10'],
    [{ missed: { all: { maxCatchup: 5 } } }, 'missed.all.maxCatchup', "did you mean 'maxCatchUp'?"],
    [{ overlap: 'queue' }, 'overlap', 'write { queue: 10 }'],
    [{ overlap: 'queueone' }, 'overlap', "did you mean 'queue-one'?"],
    [{ overlap: 3 }, 'overlap', /leave it out/],
    [{ overlap: { queue: 1, allow: 2 } }, 'overlap', /leave it out/],
    [{ overlap: { queue: 0 } }, 'overlap.queue', /queue-one/],
    [{ overlap: { allow: 1 } }, 'overlap.allow', /'skip'/],
    [{ overlap: { alow: 2 } }, 'overlap.alow', "did you mean 'allow'?"],
    [{ retry: 0 }, 'retry', /first attempt/],
    [{ retry: 11 }, 'retry', /first attempt/],
    [{ retry: { backoff: '1s' } }, 'retry.maxAttempts', /first attempt/],
    [{ retry: { maxAttempts: 3, backoff: '1h', maxBackoff: '1m' } }, 'retry.maxBackoff', /raise the limit/],
    [{ retry: { maxAttempts: 3, categories: [] } }, 'retry.categories', /EXT, SYS, BAT/],
    [{ retry: { maxAttempts: 3, categories: ['EXT', 'ext'] } }, 'retry.categories[1]', "did you mean 'EXT'?"],
    [{ retry: { maxAttempts: 3, categories: ['LOG'] } }, 'retry.categories[0]', 'remove it'],
    [{ retries: 3 }, 'retries', "did you mean 'retry'?"],
    [{ priority: 10 }, 'priority', /9 goes first/],
    [{ jitter: '2h' }, 'jitter', /whole number/],
    [{ afterOn: 'success' }, 'afterOn', /'after'/],
  ])('names its place and a remedy: %j', (options, path, remedy) => {
    expect(problemsOf(options)).toMatchObject([
      {
        path: `targets[0].${path}`,
        remedy: typeof remedy === 'string' ? remedy : expect.stringMatching(remedy),
      },
    ]);
  });
});

describe('policies that do nothing together', () => {
  const delay = { on: every('1m', { mode: 'delay' }) };
  const moment = { on: at('close+5m', { calendar: 'XKRX' }) };

  it.each([
    [{ ...delay, missed: 'latest' }, 'missed', /only one slot waits/],
    [{ ...delay, overlap: { queue: 2 } }, 'overlap', /at most one during a run by hand/],
    [{ on: 'demand', overlap: 'queue-one' }, 'overlap', /no slots of its own/],
    [{ on: 'demand', retry: 2 }, 'retry', /only runs of slots/],
    [{ on: 'demand', missed: 'all' }, 'missed', /no slots of its own/],
    [{ on: 'demand', calendar: 'XKRX' }, 'calendar', /no slots of its own/],
    [{ on: 'demand', jitter: '1s' }, 'jitter', /no slots of its own/],
    [{ ...moment, calendar: 'XKRX' }, 'calendar', /names its own calendar/],
    [{ missed: { all: { window: '60s' } } }, 'missed', /not longer than the grace of 1 m/],
    [{ jitter: '1m' }, 'jitter', /distance of two slots \(1 m\)/],
    [{ on: cron('0,2 9 * * *'), jitter: '2m' }, 'jitter', /\(2 m\)/],
  ])('are refused with the reason: %j', (options, key, message) => {
    expect(problemsOf(options)).toMatchObject([
      { path: `targets[0].${key}`, message: expect.stringMatching(message) },
    ]);
  });

  it.each([
    { ...delay, missed: 'skip', overlap: 'skip', jitter: '59s' },
    { ...delay, overlap: 'queue-one' },
    { ...moment, jitter: '5m', missed: 'latest', overlap: { allow: 2 } },
    { on: cron('0,2 9 * * *'), jitter: '119s' },
    { on: 'demand', overlap: { allow: 2 }, retry: 1 },
    { missed: { all: { window: '61s' } } },
  ])('and no others: %j', (options) => {
    expect(problemsOf(options)).toEqual([]);
  });
});

describe('a pool', () => {
  it('must be declared, with the name that was probably meant', () => {
    expect(problemsOf({ pool: 'heavi' }, { pools: { heavy: 2 } })).toMatchObject([
      { path: 'targets[0].pool', remedy: "did you mean 'heavy'?" },
    ]);
    expect(problemsOf({}, { pools: { heavy: 2 } })).toMatchObject([
      { path: 'pools.heavy', message: expect.stringContaining('no target is in the pool') },
    ]);
    expect(problemsOf({ pool: 'io' })).toMatchObject([{ remedy: 'add it: pools: { io: 2 }' }]);
    expect(problemsOf({ pool: 'default' })).toEqual([]);
  });

  it('has a name and a limit', () => {
    const named = { pool: 'a' };
    expect(problemsOf(named, { pools: { a: 0 } })).toMatchObject([{ path: 'pools.a' }]);
    expect(problemsOf(named, { pools: { a: 1, '': 1 } }).map(({ path }) => path)).toContain("pools['']");
    expect(problemsOf({}, { pools: [] })).toMatchObject([{ path: 'pools' }]);
  });

  it('may be too small for nobody: work outside the process counts like any other', () => {
    expect(problemsOf({ pool: 'a', run: exec('date') }, { pools: { a: 1 } })).toEqual([]);
  });
});
