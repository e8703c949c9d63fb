import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { opsException } from '../../kernel/ops-exception.ts';
import type { DoorSign, PingDoor, PingDoorOptions } from '../../ports/ping-door.ts';
import '../../watch/health/ping-errors.ts';
import { openPingServer, type PingServerLimits } from './ping-server.ts';

const SECRET = 'c0ffee-0123456789abcdef';
const PATIENT = { timeout: 20_000 };
const cleanups: Array<() => unknown> = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

interface Taken extends DoorSign {
  readonly key: string;
}

async function openDoor(
  take: (key: string, sign: DoorSign) => Promise<void> = async () => undefined,
  limits: Partial<PingServerLimits> = {},
) {
  const taken: Taken[] = [];
  const options = {
    host: '127.0.0.1',
    port: 0,
    bodyMaxBytes: 1000,
    keyOf: (secret: string) => (secret === SECRET ? 'nightly' : undefined),
    take: async (key: string, sign: DoorSign) => {
      await take(key, sign);
      taken.push({ key, ...sign });
    },
  } satisfies PingDoorOptions;
  const patient = { requestWithinMs: 120_000, headersWithinMs: 120_000, mono: () => 0 };
  const door = await openPingServer(options, { ...patient, ...limits });
  cleanups.push(() => door.close());
  return { door, taken };
}

/** Status of one request; the path goes over the wire as it is written. */
async function ask(
  door: PingDoor,
  path: string,
  { method = 'POST', body = '' as string | Buffer, headers = {} } = {},
): Promise<{ readonly status: number; readonly text: string; readonly headers: NodeJS.Dict<unknown> }> {
  const sent = request({ host: '127.0.0.1', port: door.port, method, path, headers, agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, text, headers: response.headers };
}

/** Everything the door sends on a connection until it ends. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (bytes) => {
    text += String(bytes);
  });
  socket.on('error', () => undefined);
  if (!socket.closed) await once(socket, 'close');
  return text;
}

function dial(door: PingDoor): Socket {
  const socket = connect(door.port, '127.0.0.1');
  cleanups.push(() => socket.destroy());
  return socket;
}

describe('a right secret', () => {
  it('is heard with what it says, and answered without a word', async () => {
    const { door, taken } = await openDoor();
    for (const sign of ['', '/start', '/fail', '/log', '/0', '/17']) {
      expect(await ask(door, `/pings/${SECRET}${sign}?rid=run-1`, { body: `said ${sign}` })).toMatchObject({
        status: 204,
        text: '',
      });
    }
    expect(taken).toEqual([
      { key: 'nightly', kind: 'success', body: 'said ', runId: 'run-1' },
      { key: 'nightly', kind: 'start', body: 'said /start', runId: 'run-1' },
      { key: 'nightly', kind: 'fail', body: 'said /fail', runId: 'run-1' },
      { key: 'nightly', kind: 'log', body: 'said /log', runId: 'run-1' },
      { key: 'nightly', kind: 'success', exitCode: 0, body: 'said /0', runId: 'run-1' },
      { key: 'nightly', kind: 'fail', exitCode: 17, body: 'said /17', runId: 'run-1' },
    ]);
  });

  it('is heard whatever the bytes and the media type of the text are', async () => {
    const { door, taken } = await openDoor();
    const headers = { 'Content-Type': 'application/json' };
    expect((await ask(door, `/pings/${SECRET}`, { body: '{ no json', headers })).status).toBe(204);
    expect((await ask(door, `/pings/${SECRET}`, { body: Buffer.alloc(1000, 0xff) })).status).toBe(204);
    expect((await ask(door, `/pings/${SECRET}`, { body: '끝'.repeat(333) })).status).toBe(204);
    expect(taken.map(({ body }) => Buffer.byteLength(body))).toEqual([9, 999, 999]);
    expect(taken[1]?.body).toBe('\ufffd'.repeat(333));
  });

  it('is told when it cannot be used, and to come again when nothing could be written', async () => {
    let error: unknown = opsException('INP-0941', 'run id: too long');
    const { door, taken } = await openDoor(() => Promise.reject(error));
    expect(await ask(door, `/pings/${SECRET}?rid=x`)).toMatchObject({ status: 400, text: '' });
    error = new Error('the disk is full at /secret/place');
    expect(await ask(door, `/pings/${SECRET}`)).toMatchObject({ status: 503, text: '' });
    expect(taken).toEqual([]);
  });
});

describe('anything else', () => {
  it.each([
    ['/'],
    ['/pings'],
    ['/pings/'],
    ['/pings/c0ffee-0123456789abcdee'],
    [`/pings/${SECRET}/`],
    [`/pings/${SECRET}/stop`],
    [`/pings/${SECRET}/1234`],
    [`//pings/${SECRET}`],
    [`/pings/../pings/${SECRET}`],
    [`/PINGS/${SECRET}`],
    [`/pings/%63${SECRET.slice(1)}`],
    [`http://elsewhere/pings/${SECRET}`],
    ['/pings/__proto__'],
    ['/admin/executions'],
    ['/health'],
    ['/openapi.json'],
  ])('%s is not there, without a word more', async (path) => {
    const { door, taken } = await openDoor();
    expect(await ask(door, path)).toMatchObject({ status: 404, text: '' });
    expect(taken).toEqual([]);
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])(
    '%s is no sign of life',
    async (method) => {
      const { door, taken } = await openDoor();
      for (const path of [`/pings/${SECRET}`, '/pings/unknown-0123456789']) {
        expect(await ask(door, path, { method })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
      }
      expect(taken).toEqual([]);
    },
  );

  it('a text that is too long is refused, announced or not', async () => {
    const { door, taken } = await openDoor();
    expect((await ask(door, `/pings/${SECRET}`, { body: 'x'.repeat(1001) })).status).toBe(413);
    const socket = dial(door);
    const answered = untilClosed(socket);
    socket.write(`POST /pings/${SECRET} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (let index = 0; index < 11; index++) socket.write(`64\r\n${'y'.repeat(100)}\r\n`);
    expect(await answered).toMatch(/^HTTP\/1\.1 413 /);
    expect(taken).toEqual([]);
  });

  it('what is no HTTP, or has headers without end, is hung up on', async () => {
    const { door, taken } = await openDoor();
    for (const bytes of [
      '\x16\x03\x01\x02\x00\x01',
      `POST /pings/${SECRET} HTTP/1.1\r\nX: ${'a'.repeat(10_000)}`,
    ]) {
      const socket = dial(door);
      const answered = untilClosed(socket);
      socket.write(bytes);
      expect(await answered).toBe('');
    }
    const smuggled = dial(door);
    const answered = untilClosed(smuggled);
    smuggled.write(
      `POST /pings/${SECRET} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    expect(await answered).toBe('');
    expect(taken).toEqual([]);
  });

  it('whoever repeats without end is told to wait, and nobody else is', async () => {
    const { door, taken } = await openDoor();
    const statuses: number[] = [];
    for (let index = 0; index < 90; index++)
      statuses.push((await ask(door, '/pings/guess-0123456789abc')).status);
    expect(statuses.slice(0, 60)).toEqual(Array(60).fill(404));
    expect(statuses.slice(60)).toEqual(Array(30).fill(429));
    expect((await ask(door, '/pings/x')).headers['retry-after']).toMatch(/^\d+$/);
    expect(taken).toEqual([]);
  });
});

describe('connections', () => {
  it('one request each, so that nothing can be sent behind another', async () => {
    const { door, taken } = await openDoor();
    const socket = dial(door);
    const answered = untilClosed(socket);
    const one = `POST /pings/${SECRET} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`;
    socket.write(one.repeat(50));
    const text = await answered;
    expect(text.match(/HTTP\/1\.1 204/g)).toHaveLength(1);
    expect(taken.length).toBe(1);
  });

  it('of one sender are bounded, and those beyond are hung up on at once', async () => {
    const { door } = await openDoor();
    const sockets = Array.from({ length: 40 }, () => dial(door));
    for (const socket of sockets) socket.on('error', () => undefined);
    await expect.poll(() => sockets.filter((socket) => socket.closed).length, PATIENT).toBe(24);
    sockets.find((socket) => !socket.closed)?.destroy();
    // The place of the one that went is free again.
    await expect
      .poll(async () => (await ask(door, `/pings/${SECRET}`).catch(() => undefined))?.status, PATIENT)
      .toBe(204);
  });

  it('on which a request comes byte by byte end, whatever the sender does', async () => {
    const { door, taken } = await openDoor(undefined, { requestWithinMs: 500, headersWithinMs: 400 });
    const slow = dial(door);
    const ended = untilClosed(slow);
    slow.write(`POST /pings/${SECRET} HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n`);
    const drip = setInterval(() => slow.write('x'), 50);
    cleanups.push(() => clearInterval(drip));
    await ended;
    expect(taken).toEqual([]);
    expect(door.isOpen()).toBe(true);
  });

  it('that are open end with the door', async () => {
    const { door } = await openDoor();
    const idle = dial(door);
    const ended = untilClosed(idle);
    await once(idle, 'connect');
    await Promise.all([door.close(), door.close()]);
    await ended;
    expect(door.isOpen()).toBe(false);
  });
});

it('a port that is taken is an error of the system with its code', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => other.close());
  const address = other.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const opening = openPingServer({
    host: '127.0.0.1',
    port,
    bodyMaxBytes: 10,
    keyOf: () => undefined,
    take: async () => undefined,
  });
  await expect(opening).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
