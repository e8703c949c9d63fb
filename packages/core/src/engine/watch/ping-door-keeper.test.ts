import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openPingServer } from '../../adapters/health-node/ping-server.ts';
import { createTestOps } from '../../testing/create-test-ops.ts';
import { testTarget } from '../../testing/test-targets.ts';
import { defaultAlertSettings } from '../../watch/alerts/alert-settings.ts';
import { noWatch, type PingDoorConfig } from '../config/watch-config.ts';

const SECRET = 'planted-0123456789abcdef';
const cleanups: Array<() => unknown> = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const machine = {
  eventLoop: () => ({ maxMs: 1, p99Ms: 1 }),
  memory: async () => ({
    usedBytes: 1,
    limitBytes: 10,
    limitedBy: 'machine' as const,
    residentBytes: 1,
    heapUsedPercent: 1,
  }),
  disks: async () => [{ path: '/', usedPercent: 10, availableBytes: 1e9 }],
  clock: async () => ({ synchronised: true }),
  close: () => undefined,
};

/** A port of this host; taken by the server that comes with it. */
async function takenPort(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  const address = server.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, server };
}

async function engine(pings: PingDoorConfig, env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'qts-ops-door-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const test = await createTestOps({
    targets: [testTarget('feed', () => undefined)],
    storePath: join(folder, 'qts-ops.db'),
    config: { watch: { ...noWatch(defaultAlertSettings([])), pings } },
    parts: { openPingDoor: openPingServer, lookAtMachine: () => machine, env },
  });
  return { ...test, folder, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

const post = (port: number, path: string) =>
  fetch(`http://127.0.0.1:${port}/pings/${path}`, { method: 'POST', body: `log of ${SECRET}` });

it('takes a ping of another host, which no line, row or message shows the secret of', async () => {
  const { port, server } = await takenPort();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await using test = await engine(
    { host: '127.0.0.1', port, keys: { nightly: { env: 'NIGHTLY' } } },
    { NIGHTLY: SECRET },
  );
  const { checks } = await test.client.runChecks(['self-pings']);
  expect(checks.find(({ id }) => id === 'self-pings')).toMatchObject({
    status: 'pass',
    message: `pings of other hosts, 127.0.0.1 port ${port}: taken for 1 keys`,
  });
  expect((await post(port, `${SECRET}/3`)).status).toBe(204);
  expect((await post(port, 'nightly')).status).toBe(404);
  expect(await test.store.readPings()).toMatchObject([
    { key: 'nightly', outcome: 'fail', exitCode: 3, body: 'log of [secret]' },
  ]);
  const files = readdirSync(test.folder).map((name) => readFileSync(join(test.folder, name), 'latin1'));
  expect([...files, ...test.logged, JSON.stringify(await test.client.health())].join()).not.toContain(SECRET);
});

it('a port that is taken is an alert, no dead engine, and is mended by itself', async () => {
  const { port, server } = await takenPort();
  await using test = await engine(
    { host: '127.0.0.1', port, keys: { nightly: { env: 'NIGHTLY' } } },
    { NIGHTLY: SECRET },
  );
  // Given twice: what fails at the start of an engine is told when it is still so afterwards.
  await test.client.runChecks(['self-pings']);
  await test.clock.advance(31_000);
  await test.client.runChecks(['self-pings']);
  expect(test.alerts).toEqual([expect.stringContaining('another program uses the port (EADDRINUSE)')]);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await test.client.runChecks(['self-pings']);
  expect((await post(port, SECRET)).status).toBe(204);
  expect((await test.client.health()).checks.find(({ id }) => id === 'self-pings')).toMatchObject({
    status: 'pass',
  });
});

it('a secret that cannot be used keeps no other key from being heard', async () => {
  const { port, server } = await takenPort();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const keys = {
    absent: { env: 'ABSENT' },
    short: { env: 'SHORT' },
    nightly: { env: 'NIGHTLY' },
    copy: { env: 'NIGHTLY' },
  };
  await using test = await engine({ host: '127.0.0.1', port, keys }, { SHORT: 'tooshort', NIGHTLY: SECRET });
  const { checks } = await test.client.runChecks(['self-pings']);
  expect(checks.find(({ id }) => id === 'self-pings')?.message).toMatch(
    /secret of absent: .*the environment variable ABSENT is not set.*; and 2 more$/,
  );
  expect((await post(port, SECRET)).status).toBe(204);
  expect((await post(port, 'tooshort')).status).toBe(404);
});
