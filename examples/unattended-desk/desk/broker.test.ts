import { writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBroker } from './broker.ts';
import { pingBroker } from './broker-heartbeat.ts';
import { linesSeen, startProgram, temporaryFolder } from './desk-testing.ts';

it('answers a heartbeat with its latency and how often the session was re-connected', async () => {
  using folder = temporaryFolder();
  const socketPath = join(folder.path, 'broker.sock');
  await using _broker = await startBroker({ socketPath });
  expect(await pingBroker({ socketPath, timeoutMs: 2_000 })).toMatchObject({ ok: true, reconnects: 0 });
  await post(socketPath, '/drop');
  const ping = await pingBroker({ socketPath, timeoutMs: 2_000 });
  expect(ping.reconnects).toBe(1);
  expect(ping.latencyMs).toBeGreaterThanOrEqual(0);
});

it('answers on a loopback port as well', async () => {
  await using broker = await startBroker({ port: 0 });
  expect(await pingBroker(broker.address)).toMatchObject({ ok: true });
});

it('says that the broker is down when nothing listens', async () => {
  using folder = temporaryFolder();
  const socketPath = join(folder.path, 'broker.sock');
  await expect(pingBroker({ socketPath, timeoutMs: 500 })).rejects.toThrow(
    `broker at ${socketPath} is down (ENOENT)`,
  );
});

it('says that the broker is slow when the answer comes too late', async () => {
  using folder = temporaryFolder();
  const socketPath = join(folder.path, 'broker.sock');
  await using _broker = await startBroker({ socketPath });
  await post(socketPath, '/delay?ms=60000');
  await expect(pingBroker({ socketPath, timeoutMs: 50 })).rejects.toThrow('did not answer within 50 ms');
});

it('does not take the answer of another server for a heartbeat', async () => {
  const server = createServer((_request, response) => response.end('{"status":"ok"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has a TCP address
  await expect(pingBroker({ port })).rejects.toThrow('answered without status ok and a reconnect count');
  server.close();
});

it('takes the place of a killed broker but not of a living one', async () => {
  using folder = temporaryFolder();
  const socketPath = join(folder.path, 'broker.sock');
  writeFileSync(socketPath, '');
  const program = startProgram('broker.ts', ['--socket', socketPath]);
  await linesSeen(program.stdout, 1);
  await expect(startBroker({ socketPath })).rejects.toThrow('already answers');
  const ping = await startProgram('broker-heartbeat.ts', ['--socket', socketPath]).ended;
  expect(ping).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^broker ok, .* ms, 0 reconnects\n$/),
  });
  program.child.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0, signal: null });
});

it('refuses a socket path that is too long to bind', async () => {
  await expect(startBroker({ socketPath: `/tmp/${'x'.repeat(120)}` })).rejects.toThrow(
    'longer than 100 bytes',
  );
});

function post(socketPath: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path, method: 'POST', agent: false }, (response) => {
      response.resume().on('end', resolve);
    });
    asking.on('error', reject).end();
  });
}
