import { expect, it } from 'vitest';
import { defineConfig, every, keep, onDemand, target } from './define-config.ts';
import { describeConfig } from './describe-config.ts';
import { resolveConfig } from './resolve-config.ts';

const context = { env: {}, nowMs: 0, folder: '/desk' };
const noop = target('noop', { on: onDemand(), run: () => undefined });

it('fills in what a backup leaves out, and makes every path absolute', () => {
  const config = resolved({
    instance: 'desk',
    targets: [noop],
    backup: {
      to: './backups',
      sources: ['./data', { id: 'books', path: '/srv/ledger', include: ['**/*.jsonl'] }],
    },
  });
  expect(config.keep).toEqual({
    retention: [],
    backup: {
      to: '/desk/backups',
      sources: [
        { id: 'data', path: '/desk/data', realTime: false },
        { id: 'books', path: '/srv/ledger', include: ['**/*.jsonl'], realTime: false },
      ],
      strategy: 'archive',
      codec: 'gzip',
      level: 6,
      keep: { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
      maxAgeMs: 26 * 3_600_000,
      drillMaxAgeMs: 31 * 86_400_000,
      reverifyAfterMs: 7 * 86_400_000,
      database: true,
      reserveBytes: 256 * 1024 * 1024,
    },
  });
  expect(describeConfig(config)).toMatchObject({ backup: { to: '/desk/backups' }, retention: [] });
});

it('reads rules in days, minutes and for ever, and sizes with their units', () => {
  const { keep: kept } = resolved({
    instance: 'desk',
    targets: [target('m', { on: every('1m'), run: keep('maintenance', { sources: ['data'] }) })],
    backup: { to: 'b', sources: ['data'], codec: 'zstd', keep: { last: 3, quota: '50GiB' }, reserve: '1MB' },
    retention: [
      { match: 'raw/**', keepDays: 7, dateInPath: 'raw/{yyyy}{MM}{dd}' },
      { match: 'tmp/**', keep: '10m', quiet: '30s', keepLastN: 2 },
      { match: '**', keep: 'forever' },
    ],
  });
  expect(kept.backup).toMatchObject({
    level: 1,
    keep: { last: 3, quotaBytes: 50 * 2 ** 30 },
    reserveBytes: 1e6,
  });
  expect(kept.retention).toEqual([
    {
      match: 'raw/**',
      keep: 7 * 86_400_000,
      quietMs: 600_000,
      keepLastN: 0,
      dateInPath: 'raw/{yyyy}{MM}{dd}',
    },
    { match: 'tmp/**', keep: 600_000, quietMs: 30_000, keepLastN: 2 },
    { match: '**', keep: 'forever', quietMs: 600_000, keepLastN: 0 },
  ]);
});

it('names everything that is wrong with backup and retention at once', () => {
  const places = problemsOf({
    instance: 'desk',
    targets: [target('d', { on: onDemand(), run: keep('drill', { full: true, sources: ['dat'] }) })],
    backup: { to: 'b', sources: ['data', 'more/data'], level: 12, keep: { quota: 'much', dayly: 3 } },
    retention: [
      { match: '../raw', keepDays: 7 },
      { match: 'a' },
      { match: 'a', keep: '1d', keepDays: 1 },
      { match: 'a', source: 'dat', keepDays: 1 },
    ],
  });
  expect(places).toEqual(
    [
      'backup.level',
      'backup.keep.quota',
      'backup.keep.dayly',
      'backup.sources[1]',
      'retention[0].match',
      'retention[1]',
      'retention[2]',
      'retention[3].source',
      'targets[0].run.full',
      'targets[0].run.sources[0]',
    ].sort(),
  );
});

it('refuses rules and acts where nothing is backed up', () => {
  expect(
    problemsOf({
      instance: 'desk',
      targets: [target('b', { on: onDemand(), run: keep('backup') })],
      retention: [{ match: 'raw/**', keepDays: 7 }],
    }),
  ).toEqual(['retention', 'targets[0].run.keep']);
});

it('lets acts on one backup folder take turns unless they name a pool', () => {
  const config = resolved({
    instance: 'desk',
    targets: [
      target('b', { on: every('1h'), run: keep('backup') }),
      target('m', { on: every('1m'), run: keep('maintenance') }),
      target('d', { on: every('1d'), run: keep('drill'), pool: 'heavy' }),
      target('o', { on: every('1d'), run: keep('optimize-database') }),
    ],
    pools: { heavy: 2 },
    backup: { to: 'b', sources: ['data'] },
  });
  expect(config.pools).toEqual({ keep: 1, heavy: 2 });
  expect(config.targets.map(({ policies }) => policies.pool)).toEqual(['keep', 'keep', 'heavy', 'default']);
  expect(resolved({ instance: 'desk', targets: [noop] }).pools).toEqual({});
});

it('knows no other act', () => {
  const input = { instance: 'desk', targets: [{ id: 'a', on: 'demand', run: { keep: 'bakup' } }] };
  const resolution = resolveConfig(input, context);
  expect(resolution).toMatchObject({
    ok: false,
    problems: [{ path: 'targets[0].run.keep', remedy: "did you mean 'backup'?" }],
  });
});

function resolved(input: Parameters<typeof defineConfig>[0]) {
  const resolution = resolveConfig(defineConfig(input), context);
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.problems));
  return resolution.config;
}

function problemsOf(input: unknown): readonly string[] {
  const resolution = resolveConfig(input, context);
  return resolution.ok ? [] : resolution.problems.map((problem) => problem.path).sort();
}
