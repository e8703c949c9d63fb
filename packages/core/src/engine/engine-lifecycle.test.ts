import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isStateLocked, lockState } from '../adapters/files-node/state-lock.ts';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { FeedMessage } from '../client/ops-views.ts';
import { opsException } from '../kernel/ops-exception.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import { HeldWork, testTarget } from '../testing/test-targets.ts';
import type { OpsStore } from './ops-store.ts';

const owner = { host: 'h', bootId: 'b', pid: 1, startTick: 1, engineBootId: 'e', sinceMs: 0 };
const reason = 'the broker is down';
const beat = testTarget('beat', () => undefined);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-ops-life-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lock(): () => void {
  const held = lockState(folder, owner);
  return () => held.release();
}

describe('starting', () => {
  it('happens once, and not after the end', async () => {
    await using test = await createTestOps({ targets: [beat] });
    await expect(test.ops.start()).rejects.toMatchObject({ code: 'LOG-0101' });
    await using ended = await createTestOps({ targets: [beat], start: false });
    await ended.ops.drain();
    await expect(ended.ops.start()).rejects.toMatchObject({ code: 'LOG-0101' });
    expect(() => ended.ops.client({ operatorId: 'kim', method: 'library' })).toThrow(
      expect.objectContaining({ code: 'LOG-0101' }),
    );
  });

  it('that fails half way gives back the lock and closes the store', async () => {
    const store = await openSqliteStore({ path: join(folder, 'a.db'), now: () => 0 });
    await using test = await createTestOps({
      targets: [beat],
      start: false,
      parts: {
        lock,
        openStore: async () => store,
        watchLoop: () => {
          throw opsException('SYS-9999', 'no thread left');
        },
      },
    });
    await expect(test.ops.start()).rejects.toMatchObject({ code: 'SYS-9999' });
    expect(isStateLocked(folder)).toBe(false);
    await expect(store.readJobs()).rejects.toMatchObject({ code: 'SYS-0101' });
    expect(await test.ops.ended).toMatchObject({ error: { code: 'SYS-9999' } });
    await test.ops.drain();
    await test.ops.abort();
  });

  it('gives back the lock also when the store cannot be closed', async () => {
    await using test = await createTestOps({
      targets: [beat],
      parts: { lock, watchLoop: () => () => Promise.reject(new Error('the thread is stuck')) },
    });
    expect(isStateLocked(folder)).toBe(true);
    await test.ops.drain();
    expect(isStateLocked(folder)).toBe(false);
    expect(test.logged.at(-1)).toContain('the thread is stuck');
    expect(await test.ops.ended).toEqual({});
  });

  it('is finished before a drain that comes meanwhile, and nothing is run', async () => {
    const held = new HeldWork();
    const gate = Promise.withResolvers<void>();
    const atOnce = { kind: 'interval', everyMs: 1000, mode: 'rate', phaseMs: 0, runOnStart: true } as const;
    const store = await openSqliteStore({ path: ':memory:', now: () => 0 });
    await using test = await createTestOps({
      targets: [testTarget('feed', held.run, { schedule: atOnce })],
      start: false,
      store,
      parts: {
        lock,
        openStore: async () => {
          await gate.promise;
          return store;
        },
      },
    });
    const started = test.ops.start();
    const drained = test.ops.drain();
    const aborted = test.ops.abort();
    await test.clock.advance(2000);
    expect(isStateLocked(folder)).toBe(true);
    gate.resolve();
    await Promise.all([started, drained, aborted]);
    expect(held.runs).toHaveLength(0);
    expect(isStateLocked(folder)).toBe(false);
    expect(await store.readActive()).toEqual([]);
    await store.close();
  });
});

describe('a store', () => {
  it('of the engine is closed with it, a given one stays open', async () => {
    const own = await createTestOps({ targets: [beat] });
    await own.ops.abort();
    await expect(own.store.readJobs()).rejects.toMatchObject({ code: 'SYS-0101' });
    const store: OpsStore = await openSqliteStore({ path: ':memory:', now: () => 0 });
    const given = await createTestOps({ targets: [beat], store });
    await given.ops.abort();
    expect(await store.readJobs()).toContainEqual(expect.objectContaining({ jobId: 'beat' }));
    await store.close();
  });
});

describe('a watch', () => {
  it('hears everything up to the end, then fails with EXT-0105; one that begins later fails at once', async () => {
    const held = new HeldWork();
    const test = await createTestOps({ targets: [testTarget('feed', held.run)] });
    const client = test.client;
    const heard: FeedMessage[] = [];
    const watched = (async () => {
      for await (const message of client.watch(new AbortController().signal)) heard.push(message);
    })();
    watched.catch(() => undefined);
    await test.clock.advance(1000);
    const aborted = test.ops.abort();
    await test.clock.advance(60_000);
    await aborted;
    await expect(watched).rejects.toMatchObject({ code: 'EXT-0105' });
    const last = heard.findLast((message) => message.kind === 'delta' && message.delta.kind === 'execution');
    expect(last).toMatchObject({ delta: { execution: { status: 'STOPPED' } } });
    const late = client.watch(new AbortController().signal)[Symbol.asyncIterator]();
    expect(await late.next()).toMatchObject({ value: { kind: 'snapshot' } });
    await expect(late.next()).rejects.toMatchObject({ code: 'EXT-0105' });
  });
});

describe('what listens from outside', () => {
  it('cannot hurt the engine by throwing: listeners, loggers, alert channels', async () => {
    const broken = () => {
      throw new Error('broken');
    };
    let ran = 0;
    const fails = testTarget('fails', broken, { errors: { maxConsecutiveErrors: 1 } });
    const sendCritical = () => Promise.reject(new Error('no network'));
    await using test = await createTestOps({
      targets: [fails, testTarget('beat', () => (ran += 1))],
      parts: {
        logger: { debug: broken, info: broken, warn: broken, error: broken },
        alertChannel: { sendCritical, sendWarning: broken },
      },
    });
    test.ops.subscribe(broken);
    await test.clock.advance(5000);
    expect(ran).toBe(5);
  });

  it('an alert channel that hangs neither holds up the engine nor its end', async () => {
    let ran = 0;
    const hangs = () => new Promise<void>(() => undefined);
    const fails = testTarget('fails', () => Promise.reject(new Error('no')), {
      errors: { maxConsecutiveErrors: 1 },
    });
    const test = await createTestOps({
      targets: [fails, testTarget('beat', () => (ran += 1))],
      parts: { alertChannel: { sendCritical: hangs, sendWarning: hangs } },
    });
    await test.clock.advance(5000);
    expect(ran).toBe(5);
    const drained = test.ops.drain();
    await test.clock.advance(5000);
    await drained;
  });

  it('an audit row that is shown after the end is not looked for in a closed store', async () => {
    const test = await createTestOps({ targets: [beat] });
    await test.client.pause('beat', { reason });
    await test.ops.abort();
    await test.clock.advance(5000);
    expect(test.logged.filter((line) => line.startsWith('error'))).toEqual([]);
  });
});
