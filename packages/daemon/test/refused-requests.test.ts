import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { createConfig, createOps, type Ops, silentLogger } from '@qts-ops/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SocketServer, serveSocket } from '../src/api/serve-socket.ts';
import { ask } from './socket-request.ts';

const folder = mkdtempSync(join(tmpdir(), 'qts-ops-refused-'));
let ops: Ops;
let server: SocketServer;

beforeAll(async () => {
  const config = createConfig({
    instance: 'api',
    timeZone: 'Asia/Seoul',
    targets: [{ id: 'quick', on: 'demand', run: () => undefined }],
  });
  ops = createOps({ config, stateFolder: join(folder, 'state'), logger: silentLogger });
  await ops.start();
  server = await serveSocket(ops, join(folder, 's'), { onFault: (error) => void Promise.reject(error) });
});

afterAll(async () => {
  await ops.abort();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function get(path: string) {
  return ask(server.socketPath, { path, headers: { 'x-operator': 'alice' } });
}

function post(path: string, body: string) {
  const headers = {
    'x-operator': 'alice',
    'x-idempotency-key': `key-${Math.random()}`,
    'content-type': 'application/json',
  };
  return ask(server.socketPath, { method: 'POST', path, headers, body });
}

describe('what cannot be used', () => {
  const act = '{"reason":"because the test says so"}';
  const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  const start = (params: string) => `{"operator_reason":"because the test says so","params":${params}}`;

  it.each([
    ['/admin/targets/%ZZ', 400, 'INP-0312', "'/admin/targets/%ZZ' is not a valid url component"],
    [`/admin/targets/${'a'.repeat(5000)}`, 414, 'INP-0312', undefined],
    [`/admin/targets/${'a'.repeat(20_000)}`, 431, 'INP-0312', 'the headers are larger than 16 KiB'],
    [
      '/admin/jobs?all=perhaps',
      422,
      'INP-0301',
      'query.all: \'perhaps\'; Invalid option: expected one of "true"|"false"',
    ],
    [
      '/admin/audit-logs?limit=abc',
      422,
      'INP-0301',
      "query.limit: 'abc'; allowed: a whole number from 1 to 1000",
    ],
    [
      '/admin/audit-logs?limit=1001',
      422,
      'INP-0301',
      "query.limit: '1001'; allowed: a whole number from 1 to 1000",
    ],
    [
      '/admin/audit-logs?limit=1&limit=2',
      422,
      'INP-0301',
      'query.limit: allowed: a whole number from 1 to 1000',
    ],
    ['/admin/audit-logs?offset=-1', 422, 'INP-0301', "query.offset: '-1'; allowed: a whole number from 0"],
    ['/admin/targets?x=1', 422, 'INP-0301', 'query: Unrecognized key: "x"'],
  ])('is a problem at %.40s with status %i', async (path, status, code, detail) => {
    const answer = await get(path);
    expect(answer).toMatchObject({ status, body: { code, status } });
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers).toMatchObject({
      'x-request-id': answer.body['request_id'],
      'x-qts-protocol': '2',
    });
    if (detail !== undefined) expect(answer.body['detail']).toBe(detail);
    expect(answer.body['detail']).toSatisfy((text) => typeof text === 'string' && text.length < 300);
  });

  it.each([
    [
      '/admin/targets/quick/pause',
      '{"reason":5}',
      'body.reason: 5; Invalid input: expected string, received number',
    ],
    [
      '/admin/targets/quick/pause',
      '{"reason":"because the test \\u0000 says so"}',
      'body.reason: holds a NUL character; allowed: text without it',
    ],
    ['/admin/batch/executions/quick/start', start(deep(100)), /nested too deep; allowed: 64 levels$/],
    ['/admin/batch/executions/quick/start', start(deep(20_000)), /nested too deep; allowed: 64 levels$/],
  ])('is refused in the body of %s before anything is done', async (path, body, detail) => {
    const answer = await post(path, body);
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'INP-0301', detail: expect.stringMatching(detail) },
    });
  });

  it('takes parameters of a depth that anybody needs', async () => {
    expect(await post('/admin/batch/executions/quick/start', start(deep(60)))).toMatchObject({ status: 200 });
  });

  it('is a problem when it is no HTTP at all, and ends the connection', async () => {
    const socket = connect(server.socketPath);
    socket.end('\u0001garbage\r\n\r\n');
    const text = await readText(socket);
    expect(text).toMatch(/^HTTP\/1.1 400 Bad Request\r\ncontent-type: application\/problem\+json/);
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ code: 'INP-0312', status: 400 });
  });

  it('gives its place back when a request never arrives whole', async () => {
    const socket = connect(server.socketPath);
    const head = [
      'POST /admin/targets/quick/pause HTTP/1.1',
      'host: x',
      'x-operator: slow',
      'x-idempotency-key: slow-slow-1',
    ];
    socket.write(
      [...head, 'content-type: application/json', `content-length: ${act.length}`, '', '{'].join('\r\n'),
    );
    const text = await readText(socket);
    expect(text).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(text).toContain('the request did not arrive within 15000 ms');
  });
});
