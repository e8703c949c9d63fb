import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import * as z from 'zod';
import { defineHealthCheck } from '../../ports/define-health-check.ts';
import { fromCallables } from '../../ports/plugin-callables.ts';
import { describeConfig } from './describe-config.ts';
import { loadConfig } from './load-config.ts';
import { readHours } from './read-hours.ts';
import { resolveConfig } from './resolve-config.ts';

const context = { env: {}, nowMs: 0, folder: '/desk' };
const base = {
  instance: 'desk',
  timeZone: 'Asia/Seoul',
  targets: [{ id: 'noop', on: 'demand', run: { exec: ['true'] } }],
};
const mail = () =>
  fromCallables({ sendCritical: () => undefined, sendWarning: () => undefined }, { id: 'mail' });

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-ops-watch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('tells a known channel of everything where the config says nothing about alerts', () => {
  const config = resolved({ ...base, plugins: [mail()] });
  expect(config.watch.alerts.routes).toEqual([{ id: 'default', channels: ['mail'] }]);
  expect(resolved(base).watch.alerts.routes).toEqual([{ id: 'default', channels: ['log'] }]);
  expect(describeConfig(config)).toMatchObject({ channels: [{ id: 'mail' }], checks: [] });
});

it('explains the failed runs of a suspended target by its suspension, unless an own list says otherwise', () => {
  const rules = (alerts: object) => resolved({ ...base, alerts }).watch.alerts.inhibitions;
  expect(rules({}).map(({ id }) => id)).toEqual(['suspended-target']);
  expect(rules({ inhibit: [] })).toEqual([]);
});

it('reads routes, escalations, inhibitions and maintenance windows', () => {
  const { alerts } = resolved({
    ...base,
    plugins: [mail()],
    alerts: {
      language: 'ko',
      keepHistory: '90d',
      routes: [
        {
          level: 'ERROR',
          match: { job: 'prices', level: '!INFO' },
          to: ['mail'],
          escalation: 'desk',
          continue: true,
        },
        { to: ['log'], hours: 'MON-FRI 09:00-18:00', remindEvery: '1h', groupBy: ['job'] },
      ],
      escalations: { desk: { steps: [{ after: '10m', to: ['mail'] }], repeat: 2 } },
      inhibit: [{ source: { check: 'broker' }, target: { check: 'quotes' }, equal: ['desk'] }],
      maintenance: [
        { hours: 'SAT 02:00-06:00' },
        { from: '2026-12-24T18:00:00+09:00', to: '2026-12-26T00:00:00Z', match: { job: 'prices' } },
      ],
    },
  }).watch;
  expect(alerts).toMatchObject({
    language: 'ko',
    keepHistoryMs: 90 * 86_400_000,
    routes: [
      {
        id: 'route-1',
        minLevel: 'ERROR',
        matchers: [
          { label: 'job', value: 'prices' },
          { label: 'level', value: 'INFO', not: true },
        ],
        escalation: 'desk',
      },
      {
        activeHours: { timeZone: 'Asia/Seoul', weekdays: [1, 2, 3, 4, 5], fromMinute: 540 },
        remindEveryMs: 3_600_000,
      },
    ],
    escalations: { desk: { steps: [{ afterMs: 600_000, to: ['mail'] }], repeat: 2 } },
    inhibitions: [{ source: [{ label: 'check', value: 'broker' }], equal: ['desk'] }],
    windows: [
      { hours: { weekdays: [6], timeZone: 'Asia/Seoul' } },
      { fromMs: Date.UTC(2026, 11, 24, 9), matchers: [{}] },
    ],
  });
});

it('names everything that is wrong with alerts at once', () => {
  const problems = problemsOf({
    ...base,
    plugins: [mail(), 5],
    alerts: {
      routes: [{ to: ['mial'], hours: 'FUN 09:00-18:00', escalation: 'nobody', level: 'ERROR' }],
      inhibit: [{ source: {}, target: { a: 'b' } }],
      maintenance: [{ hours: 'SAT 02:00-06:00', from: '2026-12-24T18:00:00Z' }, { from: 'tomorrow' }],
      deadMan: { url: 'ftp://x', every: '1s' },
    },
  });
  expect(problems).toEqual(
    [
      'plugins[1]',
      'alerts.routes[0].to[0]',
      'alerts.routes[0].hours',
      'alerts.routes[0].escalation',
      'alerts.routes[0]',
      'alerts.inhibit[0].source',
      'alerts.maintenance[1].from',
      'alerts.maintenance[1]',
      'alerts.deadMan.every',
      'alerts.deadMan.url',
    ].sort(),
  );
});

it('refuses routes after which some alerts would reach nobody', () => {
  const alerts = { routes: [{ level: 'ERROR', to: ['log'] }] };
  expect(problemsOf({ ...base, alerts })).toEqual(['alerts.routes[0]']);
});

it('refuses two channels of one id, and one that is called like the log', () => {
  expect(problemsOf({ ...base, plugins: [mail(), mail()] })).toEqual(['plugins']);
  const log = fromCallables({ sendCritical: () => undefined, sendWarning: () => undefined }, { id: 'log' });
  expect(problemsOf({ ...base, plugins: [log] })).toEqual(['plugins']);
});

it('reads when our own connection counts as down, and refuses references that do not look outside', () => {
  const outside = (id: string, network: boolean) =>
    defineHealthCheck({
      name: 'outside',
      apiVersion: 1,
      options: z.strictObject({ url: z.string() }),
      capabilities: { effect: 'read', network },
      defaults: { intervalMs: 60_000, timeoutMs: 1_000 },
      create: async () => ({ check: async () => ({ status: 'pass', message: 'there' }) }),
    })({ id, url: 'https://outside.example' });
  const checks = [outside('dns', true), outside('https', true), outside('disk', false)];
  expect(resolved({ ...base, checks, isolation: ['dns', 'https'] }).watch.isolation).toEqual({
    references: ['dns', 'https'],
    down: 2,
  });
  expect(problemsOf({ ...base, checks, isolation: { references: ['dns', 'disk'], down: 3 } })).toEqual([
    'isolation.down',
    'isolation.references[1]',
  ]);
});

it('loads what a YAML config names, with its options', async () => {
  const definition = new URL('../../ports/define-alert-channel.ts', import.meta.url).href;
  writeFileSync(
    join(folder, 'pager.mjs'),
    `import { defineAlertChannel } from ${JSON.stringify(definition)};
     import * as z from ${JSON.stringify(import.meta.resolve('zod'))};
     export const pager = defineAlertChannel({
       name: 'pager', apiVersion: 1, options: z.strictObject({ room: z.string() }),
       capabilities: { formats: ['text'], titleMax: 100, bodyMax: 100, threads: false, idempotent: false, rate: { perSecond: 1, burst: 1 } },
       create: async () => ({ send: async () => ({ status: 'sent' }) }),
     });`,
  );
  const file = yaml('  - use: ./pager.mjs\n    with: { room: desk }');
  const { watch } = await loadConfig(file, { env: {} });
  expect(watch.channels).toMatchObject([{ id: 'pager', options: { room: 'desk' } }]);
  const wrong = yaml(
    "  - use: ./pager.mjs\n    with: { roam: desk }\n  - use: '@desk/no-such-plugin'\n  - use: ./pager.mjs\n    export: beeper",
  );
  await expect(loadConfig(wrong, { env: {} })).rejects.toMatchObject({
    code: 'INP-0305',
    data: {
      problems: [
        { path: 'plugins[0].with', line: 6 },
        { path: 'plugins[1].use', remedy: expect.stringContaining('npm install @desk/no-such-plugin') },
        { path: 'plugins[2].export', allowed: 'pager' },
      ],
    },
  });
});

it.each([
  ['MON-FRI 09:00-18:00', [1, 2, 3, 4, 5], 540, 1080],
  ['SAT,SUN 22:00-06:00', [0, 6], 1320, 360],
  ['* 00:00-24:00', [0, 1, 2, 3, 4, 5, 6], 0, 1440],
  ['FRI-MON 18:00-00:00', [0, 1, 5, 6], 1080, 1440],
])('reads the hours %s', (text, weekdays, fromMinute, toMinute) => {
  expect(readHours(text, 'UTC')).toEqual({ timeZone: 'UTC', weekdays, fromMinute, toMinute });
});

it.each([
  'FUN 09:00-18:00',
  'MON 25:00-26:00',
  'MON 09:00',
  '',
  'MON-TUE-WED 01:00-02:00',
  'MON 09:00-09:00',
])('finds no hours in «%s»', (text) => expect(readHours(text, 'UTC')).toBeUndefined());

function yaml(plugins: string): string {
  const file = join(folder, 'qts-ops.config.yaml');
  writeFileSync(
    file,
    `instance: desk\ntargets:\n  - { id: noop, on: demand, run: { exec: ['true'] } }\nplugins:\n${plugins}\n`,
  );
  return file;
}

function resolved(input: unknown) {
  const resolution = resolveConfig(input, context);
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.problems));
  return resolution.config;
}

function problemsOf(input: unknown): readonly string[] {
  const resolution = resolveConfig(input, context);
  return resolution.ok ? [] : resolution.problems.map((problem) => problem.path).sort();
}
