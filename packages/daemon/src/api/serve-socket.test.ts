import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConfig } from '@qts-ops/core';
import {
  type AuditView,
  connectSocket,
  type FeedMessage,
  type OpsClient,
  type OpsSnapshot,
  PROTOCOL_VERSION,
} from '@qts-ops/core/client';
import { afterEach, describe, expect, it } from 'vitest';
import type { ApiEngine } from './api-app.ts';
import { serveSocket } from './serve-socket.ts';

const reports = { onFault: (error: unknown) => void Promise.reject(error) };
const cleanups: Array<() => void | Promise<void>> = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

describe('the socket', () => {
  it('can be used by this account alone and is gone after closing', async () => {
    const socketPath = join(folder(), 'deep', 's');
    const server = await serveSocket(new FeedEngine(0), socketPath, reports);
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(join(socketPath, '..')).mode & 0o777).toBe(0o700);
    await Promise.all([server.close(), server.close()]);
    expect(existsSync(socketPath)).toBe(false);
  });

  it('takes the place of one that a killed engine left', async () => {
    const socketPath = join(folder(), 's');
    const listen = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    expect(spawnSync(process.execPath, ['-e', listen, socketPath]).signal).toBe('SIGKILL');
    expect(existsSync(socketPath)).toBe(true);
    await using server = await serveSocket(new FeedEngine(0), socketPath, reports);
    await using client = connectSocket({ socketPath: server.socketPath, operatorId: 'a' });
    expect((await client.snapshot()).seq).toBe(0);
  });

  it('leaves one alone on which somebody answers', async () => {
    const socketPath = join(folder(), 's');
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(socketPath, resolve));
    cleanups.push(() => new Promise((resolve) => other.close(() => resolve())));
    await expect(serveSocket(new FeedEngine(0), socketPath, reports)).rejects.toMatchObject({
      code: 'SYS-0412',
    });
    expect(existsSync(socketPath)).toBe(true);
  });

  it('never removes a file that is no socket', async () => {
    const socketPath = join(folder(), 's');
    writeFileSync(socketPath, 'precious');
    await expect(serveSocket(new FeedEngine(0), socketPath, reports)).rejects.toMatchObject({
      code: 'SYS-0412',
    });
    expect(statSync(socketPath).size).toBe(8);
  });
});

describe('the stream', () => {
  it('never makes the engine wait for a client that does not read, which then gets one fresh snapshot', async () => {
    const engine = new FeedEngine(30_000);
    await using server = await serveSocket(engine, join(folder(), 's'), reports);
    await using client = connectSocket({ socketPath: server.socketPath, operatorId: 'a' });
    const stop = new AbortController();
    const messages = client.watch(stop.signal)[Symbol.asyncIterator]();
    await messages.next();
    await engine.produced;
    const kinds: string[] = [];
    for (let seq = 0; seq < engine.lastSeq; ) {
      const { value } = await messages.next();
      if (value === undefined) break;
      kinds.push(value.kind);
      seq =
        value.kind === 'snapshot' ? value.snapshot.seq : value.kind === 'delta' ? value.delta.seq : value.seq;
    }
    expect(kinds.filter((kind) => kind === 'snapshot')).toHaveLength(1);
    expect(kinds.length).toBeLessThan(engine.lastSeq / 2);
    stop.abort();
  });

  it('does not hold up closing, even when its client does not read', async () => {
    const engine = new FeedEngine(30_000);
    const server = await serveSocket(engine, join(folder(), 's'), reports);
    await using client = connectSocket({ socketPath: server.socketPath, operatorId: 'a' });
    const messages = client.watch(new AbortController().signal)[Symbol.asyncIterator]();
    await messages.next();
    await engine.produced;
    await server.close();
    expect(existsSync(server.socketPath)).toBe(false);
  });

  it('refuses a client beyond the limit with EXT-0108 and takes it when another has gone', async () => {
    await using server = await serveSocket(new FeedEngine(0), join(folder(), 's'), reports);
    await using client = connectSocket({ socketPath: server.socketPath, operatorId: 'a' });
    const stops = Array.from({ length: 32 }, () => new AbortController());
    const watches = stops.map(({ signal }) => client.watch(signal)[Symbol.asyncIterator]());
    await Promise.all(watches.map((watch) => watch.next()));
    const late = () => client.watch(new AbortController().signal)[Symbol.asyncIterator]().next();
    await expect(late()).rejects.toMatchObject({ code: 'EXT-0108' });
    stops[0]?.abort();
    await watches[0]?.next();
    await expect.poll(late, { timeout: 90_000, interval: 10 }).toMatchObject({ value: { kind: 'snapshot' } });
  });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'qts-ops-serve-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** An engine that says `count` things as fast as it is heard; more than a real one could in the time of a test. */
class FeedEngine implements ApiEngine {
  readonly config = createConfig({
    instance: 'feed',
    targets: [{ id: 'a', on: 'demand', run: () => undefined }],
  });
  readonly lastSeq: number;
  readonly produced: Promise<void>;
  #allProduced: () => void = () => undefined;

  constructor(count: number) {
    this.lastSeq = count;
    this.produced = new Promise((resolve) => {
      this.#allProduced = resolve;
    });
  }

  client(): OpsClient {
    // The routes under test ask for nothing else.
    return {
      snapshot: async () => snapshotAt(this.lastSeq),
      watch: (signal: AbortSignal) => this.#watch(signal),
    } as Partial<OpsClient> as OpsClient;
  }

  async *#watch(signal: AbortSignal): AsyncGenerator<FeedMessage> {
    yield { kind: 'snapshot', snapshot: snapshotAt(0) };
    for (let seq = 1; seq <= this.lastSeq; seq++) {
      // Only the number and the size matter to the stream.
      const entry = { seq, reason: 'r'.repeat(200) } as AuditView;
      yield { kind: 'delta', delta: { seq, atMs: seq, kind: 'audit', entry } };
    }
    this.#allProduced();
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }
}

function snapshotAt(seq: number): OpsSnapshot {
  // Only protocol and number matter to the stream.
  return { protocol: PROTOCOL_VERSION, seq } as OpsSnapshot;
}
