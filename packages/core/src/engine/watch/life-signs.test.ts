import { expect, it } from 'vitest';
import { createTestOps } from '../../testing/create-test-ops.ts';
import { testTarget } from '../../testing/test-targets.ts';
import { defaultAlertSettings } from '../../watch/alerts/alert-settings.ts';
import { type DeadManConfig, noWatch } from '../config/watch-config.ts';

const ADDRESS = 'https://signs.example.com/planted-secret';

async function engine(
  answer: () => Promise<void> = async () => undefined,
  more: Partial<DeadManConfig> = {},
) {
  const calls: string[] = [];
  const told: string[] = [];
  const test = await createTestOps({
    targets: [testTarget('feed', () => undefined)],
    config: {
      watch: {
        ...noWatch(defaultAlertSettings([])),
        deadMan: { url: { env: 'SIGNS' }, everyMs: 60_000, ...more },
      },
    },
    parts: {
      env: { SIGNS: ADDRESS },
      lifeSigns: {
        call: async (url, _signal, text) => {
          calls.push(text === undefined ? url : `${url} ${text}`);
          await answer();
        },
        manager: { tell: async (state) => void told.push(state), everyMs: 10_000 },
      },
    },
  });
  return { ...test, calls, told, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

it('tells the outside every minute and the service manager when it is ready, lives and ends', async () => {
  const test = await engine();
  await test.clock.advance(130_000);
  expect(test.calls).toEqual([ADDRESS, ADDRESS]);
  expect(test.told[0]).toBe('READY=1');
  expect(test.told.filter((state) => state === 'WATCHDOG=1')).toHaveLength(13);
  await test[Symbol.asyncDispose]();
  expect(test.told.at(-1)).toBe('STOPPING=1');
});

it('tries five times, says once that nobody hears it, without the address, and once that it is heard again', async () => {
  let fails = true;
  await using test = await engine(async () => {
    if (fails) throw new Error('answered 503');
  });
  await test.clock.advance(60_000 + 15_000);
  expect(test.calls).toHaveLength(5);
  await test.clock.advance(150_000);
  const lines = () => test.logged.filter((line) => line.includes('a life sign'));
  expect(lines()).toEqual(['warn a life sign is not heard {"to":"dead-man","why":"answered 503"}']);
  fails = false;
  await test.clock.advance(120_000);
  expect(lines().at(-1)).toBe('info a life sign is heard again {"to":"dead-man"}');
  expect(test.logged.join()).not.toContain('planted-secret');
});

it('is silent while the store cannot be written, and tells again when it can', async () => {
  await using test = await engine();
  await test.clock.advance(61_000);
  const commit = test.store.commit.bind(test.store);
  const broken = async () => {
    throw new Error('disk full');
  };
  Object.assign(test.store, { commit: broken });
  await test.clock.advance(120_000);
  expect(test.calls).toHaveLength(1);
  expect(test.logged).toContainEqual(expect.stringContaining('is told nothing: the store cannot be written'));
  Object.assign(test.store, { commit });
  await test.clock.advance(60_000);
  expect(test.calls).toHaveLength(2);
});

it('tells a service that takes paths of the start, of going on and at once of a standstill', async () => {
  await using test = await engine(undefined, { hasPaths: true });
  await test.clock.advance(61_000);
  expect(test.calls).toEqual([`${ADDRESS}/start test: started`, `${ADDRESS} test: gets on`]);
  const commit = test.store.commit.bind(test.store);
  Object.assign(test.store, { commit: () => Promise.reject(new Error('disk full')) });
  await test.clock.advance(60_000);
  expect(test.calls.at(-1)).toBe(`${ADDRESS}/fail test: the store cannot be written`);
  Object.assign(test.store, { commit });
  await test.clock.advance(60_000);
  expect(test.calls.at(-1)).toBe(`${ADDRESS} test: gets on`);
});

it('asks no more than five times in any minute, however often it is refused', async () => {
  const atMs: number[] = [];
  let now = () => 0;
  await using test = await engine(
    async () => {
      atMs.push(now());
      throw new Error('answered 429');
    },
    { everyMs: 30_000, hasPaths: true },
  );
  now = () => test.clock.now();
  atMs.length = 0;
  await test.clock.advance(20 * 60_000);
  expect(atMs.length).toBeGreaterThan(50);
  const within = atMs.map((at) => atMs.filter((other) => other >= at && other < at + 60_000).length);
  expect(Math.max(...within)).toBeLessThanOrEqual(5);
});
