import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { remedyOf } from '../../client/client-errors.ts';
import type { FeedMessage } from '../../client/ops-views.ts';
import { isOpsException, type OpsException } from '../../kernel/ops-exception.ts';
import { connectSocket } from './socket-client.ts';

const cleanups: Array<() => void | Promise<void>> = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

describe('a client over the socket', () => {
  it('says EXT-0105 with a remedy when nobody listens', async () => {
    const error = await failureOf(
      connectSocket({ socketPath: join(folder(), 's'), operatorId: 'a' }).snapshot(),
    );
    expect(error.code).toBe('EXT-0105');
    expect(remedyOf(error)[0]).toContain('qts-ops run');
  });

  it('says EXT-0105 when a file without a listener is in the way', async () => {
    const socketPath = join(folder(), 's');
    writeFileSync(socketPath, '');
    expect((await failureOf(connectSocket({ socketPath, operatorId: 'a' }).snapshot())).code).toBe(
      'EXT-0105',
    );
  });

  it('says EXT-0107 when the engine does not answer in time', async () => {
    const socketPath = await serve(() => undefined);
    const client = connectSocket({ socketPath, operatorId: 'a', timeoutMs: 30 });
    expect((await failureOf(client.snapshot())).code).toBe('EXT-0107');
    expect((await failureOf(first(client.watch(new AbortController().signal)))).code).toBe('EXT-0107');
  });

  it('names both versions when the engine speaks another protocol', async () => {
    const socketPath = await serve((_request, response) =>
      response.setHeader('x-qts-protocol', '7').end('{}'),
    );
    const error = await failureOf(connectSocket({ socketPath, operatorId: 'a' }).snapshot());
    expect(error.code).toBe('EXT-0106');
    expect(error.message).toContain('speaks protocol 7; this client speaks 2');
  });

  it('does not take another server for an engine', async () => {
    const socketPath = await serve((_request, response) => response.end('<html>'));
    const error = await failureOf(connectSocket({ socketPath, operatorId: 'a' }).snapshot());
    expect(error).toMatchObject({
      code: 'EXT-0106',
      message: expect.stringContaining('no qts-ops protocol'),
    });
  });

  it.each(['', 'null', '[]', '{"success":true}', '{"data":1}', '{"success"'])(
    'refuses the answer %j',
    async (body) => {
      const socketPath = await serve(answering(200, body));
      expect((await failureOf(connectSocket({ socketPath, operatorId: 'a' }).snapshot())).code).toBe(
        'EXT-0106',
      );
    },
  );

  it('turns a problem into the exception it stands for, with data and, for an unknown code, its texts', async () => {
    const problem = {
      code: 'BAT-0999',
      detail: 'no',
      data: { a: 1 },
      remedy: ['wait'],
      user_message: 'Later.',
    };
    const socketPath = await serve(answering(409, JSON.stringify(problem)));
    const error = await failureOf(connectSocket({ socketPath, operatorId: 'a' }).snapshot());
    expect(error).toMatchObject({ code: 'BAT-0999', category: 'BAT', message: 'no', data: { a: 1 } });
    expect(remedyOf(error)).toEqual(['wait']);
  });

  it('sends operator, path, key and body as the API expects them', async () => {
    const seen: Array<{ url: string; operator: unknown; key: unknown; body: string }> = [];
    const record = async (request: IncomingMessage): Promise<void> => {
      const { url = '', headers } = request;
      seen.push({
        url,
        operator: headers['x-operator'],
        key: headers['x-idempotency-key'],
        body: await textOf(request),
      });
    };
    const socketPath = await serve((request, response) => {
      void record(request).then(() => answering(200, '{"success":true,"data":{}}')(request, response));
    });
    const client = connectSocket({ socketPath, operatorId: '김 a', newRequestId: () => 'id-1' });
    await client.pause('a/b', { reason: 'why', expectedRevision: 3 });
    await client.executions({ jobId: 'x', fromMs: 0, limit: 5 });
    const operator = encodeURIComponent('김 a');
    expect(seen).toEqual([
      {
        url: '/admin/targets/a%2Fb/pause',
        operator,
        key: 'id-1',
        body: '{"reason":"why","expected_revision":3}',
      },
      {
        url: '/admin/batch/executions?job_id=x&start_date=1970-01-01T00%3A00%3A00.000Z&limit=5',
        operator,
        key: undefined,
        body: '',
      },
    ]);
  });
});

describe('a watch over the socket', () => {
  it('takes a new snapshot when a number is missing', async () => {
    let connections = 0;
    const socketPath = await serve((_request, response) => {
      connections += 1;
      const lines = connections === 1 ? [snapshot(4), beat(4), delta(5), delta(7)] : [snapshot(9), delta(10)];
      stream(response).write(lines.join(''));
    });
    const client = connectSocket({ socketPath, operatorId: 'a' });
    const seen = await take(client.watch(new AbortController().signal), 5);
    expect(seen.map(numberOf)).toEqual(['snapshot 4', 'beat 4', 'delta 5', 'snapshot 9', 'delta 10']);
  });

  it('puts lines together that arrive in pieces, in the middle of a character', async () => {
    const socketPath = await serve((_request, response) => {
      const bytes = Buffer.from(`${snapshot(1)}{"kind":"delta","delta":{"seq":2,"name":"하나"}}\n`);
      const open = stream(response);
      const cut = bytes.indexOf(Buffer.from('하')) + 1;
      open.write(bytes.subarray(0, cut), () => open.write(bytes.subarray(cut)));
    });
    const client = connectSocket({ socketPath, operatorId: 'a' });
    const seen = await take(client.watch(new AbortController().signal), 2);
    expect(seen[1]).toEqual({ kind: 'delta', delta: { seq: 2, name: '하나' } });
  });

  it.each([
    ['ends the stream', (open: NodeJS.WritableStream) => void open.end()],
    ['dies', (open: NodeJS.WritableStream & { destroy?: () => void }) => open.destroy?.()],
  ])('says EXT-0105 when the engine %s', async (_what, end) => {
    const socketPath = await serve((_request, response) => {
      stream(response).write(snapshot(1), () => end(response));
    });
    const client = connectSocket({ socketPath, operatorId: 'a' });
    expect((await failureOf(take(client.watch(new AbortController().signal), 2))).code).toBe('EXT-0105');
  });

  it('refuses a snapshot of another protocol', async () => {
    const socketPath = await serve((_request, response) => {
      stream(response).write('{"kind":"snapshot","snapshot":{"protocol":3,"seq":1}}\n');
    });
    const client = connectSocket({ socketPath, operatorId: 'a' });
    expect((await failureOf(take(client.watch(new AbortController().signal), 1))).code).toBe('EXT-0106');
  });

  it('passes on why the engine refused the stream', async () => {
    const socketPath = await serve(answering(503, '{"code":"EXT-0108","detail":"32 clients"}'));
    const client = connectSocket({ socketPath, operatorId: 'a' });
    expect((await failureOf(take(client.watch(new AbortController().signal), 1))).code).toBe('EXT-0108');
  });

  it('ends when the client is closed', async () => {
    const socketPath = await serve((_request, response) => void stream(response).write(snapshot(1)));
    const client = connectSocket({ socketPath, operatorId: 'a' });
    const seen: string[] = [];
    for await (const message of client.watch(new AbortController().signal)) {
      seen.push(message.kind);
      await client[Symbol.asyncDispose]();
    }
    expect(seen).toEqual(['snapshot']);
  });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'qts-ops-client-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A server that is not ours, to see what the client makes of it. */
async function serve(listener: RequestListener): Promise<string> {
  const socketPath = join(folder(), 's');
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  cleanups.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return socketPath;
}

function answering(status: number, body: string): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'x-qts-protocol': '2' }).end(body);
  };
}

function stream<R extends { setHeader(name: string, value: string): unknown }>(response: R): R {
  response.setHeader('x-qts-protocol', '2');
  return response;
}

const snapshot = (seq: number) => `{"kind":"snapshot","snapshot":{"protocol":2,"seq":${seq}}}\n`;
const delta = (seq: number) => `{"kind":"delta","delta":{"seq":${seq}}}\n`;
const beat = (seq: number) => `{"kind":"beat","atMs":1,"seq":${seq}}\n`;

function numberOf(message: FeedMessage): string {
  const seq =
    message.kind === 'snapshot'
      ? message.snapshot.seq
      : message.kind === 'delta'
        ? message.delta.seq
        : message.seq;
  return `${message.kind} ${seq}`;
}

async function take(messages: AsyncIterable<FeedMessage>, count: number): Promise<FeedMessage[]> {
  const taken: FeedMessage[] = [];
  for await (const message of messages) {
    taken.push(message);
    if (taken.length === count) break;
  }
  return taken;
}

async function first(messages: AsyncIterable<FeedMessage>): Promise<FeedMessage | undefined> {
  return (await take(messages, 1))[0];
}

async function failureOf(promise: Promise<unknown>): Promise<OpsException> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isOpsException(error)) throw new Error(`expected a declared error, got ${String(error)}`);
  return error;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
