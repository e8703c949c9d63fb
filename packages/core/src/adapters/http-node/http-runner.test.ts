import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isOpsException } from '../../kernel/ops-exception.ts';
import { shownUrl } from '../../kernel/shown-url.ts';
import type { HttpWork } from '../../ports/target.ts';
import type { WorkHandle, WorkOutcome, WorkStart } from '../../ports/work-runner.ts';
import { SELF_SIGNED } from './fixtures/self-signed.ts';
import { httpRunner } from './http-runner.ts';

const executionId = '018f0000-0000-7000-8000-000000000001';
const open: Array<() => void> = [];

afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A server on a free port; its connections are cut with it. */
async function listen<S extends Server>(server: S, place: number | string = 0): Promise<S> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  open.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  if (typeof place === 'number') server.listen(place, '127.0.0.1');
  else server.listen(place);
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // a TCP server that listens
}

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${portOf(await listen(createServer(listener)))}`;
}

function workOf(url: string, options: Partial<HttpWork> = {}): HttpWork {
  return {
    kind: 'http',
    url,
    shownUrl: shownUrl(url),
    method: 'GET',
    headers: {},
    expectStatus: [[200, 299]],
    maxBodyBytes: 1024,
    followRedirects: false,
    ...options,
  };
}

interface Running extends WorkHandle {
  readonly output: string[];
}

function begin(work: HttpWork, connectTimeoutMs?: number): Running {
  const output: string[] = [];
  const start: WorkStart = {
    executionId,
    targetId: 't',
    fence: 7,
    params: {},
    onProgress: () => {},
    onOutput: (text) => void output.push(text),
    onProcessGroup: () => {},
  };
  const handle = httpRunner({ connectTimeoutMs }).start(work, start);
  return {
    settled: handle.settled,
    output,
    requestStop: (reason) => handle.requestStop(reason),
    kill: () => handle.kill(),
  };
}

async function failureOf(running: Pick<WorkHandle, 'settled'>) {
  const outcome: WorkOutcome = await running.settled;
  if (outcome.kind !== 'threw' || !isOpsException(outcome.error)) {
    throw new Error(`no failure: ${JSON.stringify(outcome)}`);
  }
  const { code, message, data } = outcome.error;
  return { code, message, data };
}

const answer =
  (status: number, headers: Record<string, string> = {}, body = '') =>
  (_request: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);

describe('a request', () => {
  it('tells the service which execution asks, and sends method, headers and body', async () => {
    let seen: { head: IncomingMessage; body: string } | undefined;
    const url = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      seen = { head: request, body };
      response.end('done');
    });
    const body = '{"날짜":"2026-11-20"}';
    const headers = { authorization: 'Bearer abc', 'content-type': 'application/json' };
    const running = begin(workOf(`${url}/close?day=today`, { method: 'POST', headers, body }));
    expect(await running.settled).toEqual({
      kind: 'returned',
      value: { statusCode: 200, bytes: 4, truncated: false },
    });
    expect(running.output.join('')).toBe('done');
    expect(seen?.body).toBe(body);
    expect(seen?.head).toMatchObject({ method: 'POST', url: '/close?day=today' });
    expect(seen?.head.headers).toMatchObject({
      ...headers,
      'x-qts-execution-id': executionId,
      'idempotency-key': executionId,
      'x-qts-fence': '7',
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
    });
  });

  it('to a unix socket names the host of its URL', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qts-http-'));
    open.push(() => rmSync(folder, { recursive: true, force: true }));
    const socketPath = join(folder, 's.sock');
    await listen(
      createServer((request, response) => void response.end(request.headers.host)),
      socketPath,
    );
    const running = begin(workOf('http://desk.local/close', { socketPath }));
    expect(await running.settled).toMatchObject({ kind: 'returned' });
    expect(running.output).toEqual(['desk.local']);
  });

  it('returns a JSON body as a value', async () => {
    const url = await serve(answer(200, { 'content-type': 'application/json; charset=utf-8' }, '{"rows":3}'));
    expect(await begin(workOf(url)).settled).toMatchObject({ value: { json: { rows: 3 } } });
  });

  it('accepts an empty answer and writes no output', async () => {
    const running = begin(workOf(await serve(answer(204))));
    expect(await running.settled).toMatchObject({ kind: 'returned', value: { statusCode: 204, bytes: 0 } });
    expect(running.output).toEqual([]);
  });

  it('of another kind is refused', async () => {
    const handle = httpRunner().start({ kind: 'function', run: () => 1 }, {} as WorkStart); // it is not looked at
    expect(await handle.settled).toMatchObject({ kind: 'not-started', code: 'LOG-0401' });
  });
});

describe('a status', () => {
  it.each([
    [301, 'BAT-0406'],
    [400, 'BAT-0406'],
    [404, 'BAT-0406'],
    [401, 'EXT-0104'],
    [403, 'EXT-0104'],
    [408, 'EXT-0101'],
    [429, 'EXT-0102'],
    [500, 'EXT-0103'],
    [503, 'EXT-0103'],
  ])('of %i fails with %s and keeps the answer as output', async (status, code) => {
    const running = begin(workOf(`${await serve(answer(status, {}, 'because'))}/a`));
    const failure = await failureOf(running);
    expect(failure).toMatchObject({ code, data: { status, method: 'GET' } });
    expect(failure.message).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/a: \d{3} [A-Z].*; expected: 200-299$/);
    expect(running.output).toEqual(['because']);
  });

  it('of 429 passes on how long to wait, in seconds or as a date', async () => {
    const running = begin(workOf(await serve(answer(429, { 'retry-after': '30' }))));
    expect(await failureOf(running)).toMatchObject({ code: 'EXT-0102', data: { retryAfterMs: 30_000 } });
    const date = new Date(Date.now() + 90_000).toUTCString();
    const { data } = await failureOf(begin(workOf(await serve(answer(503, { 'retry-after': date })))));
    expect(data['retryAfterMs']).toBeGreaterThan(60_000);
    const nonsense = await failureOf(begin(workOf(await serve(answer(429, { 'retry-after': 'soon' })))));
    expect(nonsense.data).not.toHaveProperty('retryAfterMs');
  });

  it('of a redirect says where it leads and does not go there', async () => {
    let asked = 0;
    const url = await serve((request, response) => {
      asked += 1;
      response.writeHead(302, { location: `${request.url}/new?token=from-the-service` }).end();
    });
    const { code, message, data } = await failureOf(begin(workOf(`${url}/old`)));
    expect({ code, asked }).toEqual({ code: 'BAT-0406', asked: 1 });
    expect(message).toContain(`it leads to ${url}/old/new?token=…, which is not followed`);
    expect(data['location']).toBe(`${url}/old/new?token=…`);
  });

  it('is success exactly when it is expected', async () => {
    const expectStatus: HttpWork['expectStatus'] = [
      [202, 202],
      [404, 409],
    ];
    const outcomes = [202, 404, 409, 200].map(async (status) => {
      return (await begin(workOf(await serve(answer(status)), { expectStatus })).settled).kind;
    });
    expect(await Promise.all(outcomes)).toEqual(['returned', 'returned', 'returned', 'threw']);
  });
});

describe('a body', () => {
  it('longer than the bound is read to its end and kept up to the bound', async () => {
    const size = 3 * 1024 * 1024;
    const url = await serve((_request, response) => void response.end(Buffer.alloc(size, 'x')));
    const running = begin(workOf(url, { maxBodyBytes: 1000 }));
    expect(await running.settled).toEqual({
      kind: 'returned',
      value: { statusCode: 200, bytes: size, truncated: true },
    });
    expect(running.output.join('')).toBe(`${'x'.repeat(1000)}\n[${size - 1000} bytes more, not kept]\n`);
  });

  it('keeps characters whole that arrive in pieces', async () => {
    const bytes = Buffer.from('마감 완료');
    const url = await serve(async (_request, response) => {
      response.write(bytes.subarray(0, 4));
      await new Promise((resolve) => setImmediate(resolve));
      response.end(bytes.subarray(4));
    });
    const running = begin(workOf(url));
    await running.settled;
    expect(running.output.join('')).toBe('마감 완료');
  });

  it('that breaks off fails, with what had arrived as output', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    const running = begin(workOf(url));
    const failure = await failureOf(running);
    expect(failure.code).toBe('EXT-0111');
    expect(failure.message).toMatch(
      /: the service broke off.*; whether the service acted on the request is not known$/,
    );
    expect(running.output).toEqual(['half']);
  });
});

describe('a service', () => {
  it('that is silent before its answer fails in time', async () => {
    const running = begin(workOf(await serve(() => {}), { silenceTimeoutMs: 50 }));
    expect(await failureOf(running)).toMatchObject({
      code: 'EXT-0101',
      message: expect.stringContaining('no byte from the service for 50 ms; whether the service acted'),
    });
  });

  it('that falls silent inside its answer fails in time', async () => {
    const url = await serve((_request, response) => void response.write('begun'));
    // On a machine that is slow just now the first byte, too, may come too late: then more patience, until it is there.
    for (let silenceTimeoutMs = 50; ; silenceTimeoutMs *= 2) {
      const running = begin(workOf(url, { silenceTimeoutMs }));
      expect(await failureOf(running)).toMatchObject({ code: 'EXT-0101' });
      if (running.output.length === 0) continue;
      expect(running.output).toEqual(['begun']);
      break;
    }
  });

  it('that never shakes hands is no connection in time', async () => {
    const silent = await listen(createTcpServer(() => {}));
    const { code, message } = await failureOf(begin(workOf(`https://127.0.0.1:${portOf(silent)}`), 50));
    expect(code).toBe('EXT-0101');
    expect(message).toMatch(/: no connection within 50 ms$/);
  });

  it('that does not listen is named as such', async () => {
    const server = await listen(createTcpServer());
    const port = portOf(server);
    server.close();
    await once(server, 'close');
    expect(await failureOf(begin(workOf(`http://127.0.0.1:${port}/x`)))).toMatchObject({
      code: 'EXT-0109',
      message: `GET http://127.0.0.1:${port}/x: nobody listens there (ECONNREFUSED)`,
    });
  });

  it('that resets the connection or speaks something else broke off', async () => {
    const resets = await listen(
      createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    );
    const speaksSmtp = await listen(createTcpServer((socket) => socket.end('220 mail ready\r\n')));
    const failures = await Promise.all(
      [resets, speaksSmtp].map((server) => failureOf(begin(workOf(`http://127.0.0.1:${portOf(server)}`)))),
    );
    expect(failures.map(({ code }) => code)).toEqual(['EXT-0111', 'EXT-0111']);
    expect(failures[1]?.message).toContain('the answer is not HTTP');
  });

  it('with a certificate nobody vouches for, or none, is explained', async () => {
    const secure = await listen(createSecureServer(SELF_SIGNED, answer(200)));
    const plain = await serve(answer(200));
    const failures = await Promise.all([
      failureOf(begin(workOf(`https://127.0.0.1:${portOf(secure)}`))),
      failureOf(begin(workOf(plain.replace('http:', 'https:')))),
    ]);
    expect(failures).toMatchObject([
      { code: 'EXT-0110', message: expect.stringContaining('its certificate is signed by itself') },
      { code: 'EXT-0110', message: expect.stringContaining('the service speaks no TLS there') },
    ]);
  });
});

describe('an end by force', () => {
  it('is asked for by closing our side, which the service can notice and answer', async () => {
    const stopped = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const patient = await listen(
      createTcpServer({ allowHalfOpen: true }, (socket) => {
        socket.once('data', () => asked.resolve());
        socket.once('end', () => {
          stopped.resolve();
          socket.end('HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nstopped');
        });
      }),
    );
    const running = begin(workOf(`http://127.0.0.1:${portOf(patient)}`));
    await asked.promise;
    running.requestStop(new Error('stopped by kim'));
    await stopped.promise;
    expect(await running.settled).toMatchObject({ kind: 'returned' });
    expect(running.output).toEqual(['stopped']);
  });

  it('before a connection settles at once', async () => {
    const silent = await listen(createTcpServer(() => {}));
    const running = begin(workOf(`https://127.0.0.1:${portOf(silent)}`));
    const reason = new Error('stopped by kim');
    running.requestStop(reason);
    expect(await running.settled).toEqual({ kind: 'threw', error: reason });
  });

  it('cuts a request whose service ignores the request to stop', async () => {
    const asked = Promise.withResolvers<Socket>();
    const deaf = await listen(
      createTcpServer({ allowHalfOpen: true }, (socket) => socket.once('data', () => asked.resolve(socket))),
    );
    const running = begin(workOf(`http://127.0.0.1:${portOf(deaf)}`));
    const socket = await asked.promise;
    running.requestStop(new Error('stopped by kim'));
    expect(running.kill()).toBe(true);
    expect((await running.settled).kind).toBe('threw');
    socket.on('error', () => {});
    await vi.waitFor(() => {
      socket.write('too late');
      expect(socket.destroyed).toBe(true);
    }, 90_000);
    expect(running.kill()).toBe(true);
  });
});

it('secrets of the request stand in no message, no data and no stack', async () => {
  const canary = 'canary-7f3a9c-do-not-print-me';
  const echo: RequestListener = (request, response) => {
    const status = Number(request.headers['x-status']);
    response.writeHead(status, `bad ${canary}`, { location: `/${canary}?x=${canary}` }).end();
  };
  const port = new URL(await serve(echo)).port;
  const url = `http://user:${canary}@127.0.0.1:${port}/a?key=${canary}#${canary}`;
  const outcomes = [301, 401, 429, 500].map((status) => {
    const headers = { authorization: canary, 'x-status': String(status) };
    return begin(workOf(url, { method: 'POST', headers, body: canary })).settled;
  });
  const broken = [{ headers: { authorization: `${canary}\n` } }, { url: `http://${canary}:99999/` }].map(
    (options) => begin({ ...workOf(url), ...options }).settled,
  );
  for (const outcome of await Promise.all([...outcomes, ...broken])) {
    if (outcome.kind !== 'threw' || !isOpsException(outcome.error)) throw new Error('no failure');
    const { message, data, stack, cause } = outcome.error;
    expect([message, JSON.stringify(data), stack, String(cause)].join('\n')).not.toContain('canary');
  }
  const codes = await Promise.all(broken.map(async (settled) => (await failureOf({ settled })).code));
  expect(codes).toEqual(['BAT-0407', 'BAT-0407']);
});
