import { expect, it } from 'vitest';
import { describeConfig } from './describe-config.ts';
import { resolveConfig } from './resolve-config.ts';

const context = { env: {}, nowMs: 0, folder: '/desk' };
const base = { instance: 'desk', targets: [{ id: 'noop', on: 'demand', run: { exec: ['true'] } }] };

it('reads where pings of other hosts are taken', () => {
  const keys = { nightly: { env: 'PING_NIGHTLY' }, prices: { file: '/run/prices' } };
  const read = (listen: string) => resolved({ ...base, pings: { listen, keys } }).watch.pings;
  expect(read('10.0.0.5:8787')).toEqual({ host: '10.0.0.5', port: 8787, keys });
  expect(read('[fd00::5]:8787')).toMatchObject({ host: 'fd00::5', port: 8787 });
  expect(read('desk.internal:65535')).toMatchObject({ host: 'desk.internal', port: 65_535 });
  const shown = describeConfig(resolved({ ...base, pings: { listen: '10.0.0.5:8787', keys } }));
  expect(shown).toMatchObject({ pings: { host: '10.0.0.5', port: 8787, keys: ['nightly', 'prices'] } });
  expect(resolved(base).watch.pings).toBeUndefined();
});

it('refuses a door that cannot be one, and a secret that is written down', () => {
  const keys = { nightly: { env: 'PING_NIGHTLY' } };
  for (const listen of [
    ':8787',
    '8787',
    '0.0.0.0',
    '10.0.0.5:0',
    '10.0.0.5:65536',
    'fd00::5:8787',
    'a b:80',
    5,
  ]) {
    expect(problems({ ...base, pings: { listen, keys } })).toEqual(['pings.listen']);
  }
  const planted = 'c0ffee-0123456789abcdef';
  const wrong = { nightly: planted, 'a b': { env: 'A' }, both: { env: 'A', file: 'b' }, none: {} };
  expect(problems({ ...base, pings: { listen: '10.0.0.5:80', keys: wrong } }).toSorted()).toEqual([
    'pings.keys',
    'pings.keys.both',
    'pings.keys.nightly',
    'pings.keys.none',
  ]);
  const resolution = resolveConfig({ ...base, pings: { listen: '10.0.0.5:80', keys: wrong } }, context);
  expect(JSON.stringify(resolution)).not.toContain(planted);
  expect(problems({ ...base, pings: '10.0.0.5:80' })).toEqual(['pings.keys']);
  expect(problems({ ...base, pings: { listen: '10.0.0.5:80', keys: {} } })).toEqual(['pings.keys']);
});

it("reads what is changed about the engine's own checks", () => {
  const selfChecks = {
    'self-disk': { warn: { above: 90, clear: 88 }, crit: 97 },
    'self-event-loop': { mOfN: [3, 5] },
    'self-outbox': { mOfN: [2, 3], crit: '1800000' },
    'self-clock': false,
  };
  expect(resolved({ ...base, selfChecks }).watch.selfChecks).toEqual(selfChecks);
  expect(describeConfig(resolved({ ...base, selfChecks }))).toMatchObject({ selfChecks });
  expect(resolved(base).watch.selfChecks).toBeUndefined();
});

it("names everything that is wrong about the engine's own checks", () => {
  const wrong = {
    'self-dsik': { warn: 90 },
    'self-disk': { warn: 'much' },
    'self-memory': { wran: 3 },
    'self-store': { intervalMs: 1000, timeoutMs: 2000 },
    'self-clock': true,
  };
  const resolution = resolveConfig({ ...base, selfChecks: wrong }, context);
  const found = resolution.ok ? [] : resolution.problems;
  expect(found.map(({ path }) => path).toSorted()).toEqual([
    "selfChecks['self-clock']",
    "selfChecks['self-disk']",
    "selfChecks['self-dsik']",
    "selfChecks['self-memory']",
    "selfChecks['self-store']",
  ]);
  expect(found.find(({ path }) => path.includes('dsik'))?.remedy).toBe("did you mean 'self-disk'?");
  expect(problems({ ...base, selfChecks: [] })).toEqual(['selfChecks']);
});

function resolved(input: unknown) {
  const resolution = resolveConfig(input, context);
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.problems));
  return resolution.config;
}

function problems(input: unknown): readonly string[] {
  const resolution = resolveConfig(input, context);
  return resolution.ok ? [] : resolution.problems.map(({ path }) => path);
}
