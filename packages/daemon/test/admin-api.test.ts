import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConfig, createOps, type JsonObject, type Ops, silentLogger } from '@qts-ops/core';
import { connectSocket } from '@qts-ops/core/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describedRoutes } from '../src/api/open-api.ts';
import { type SocketServer, serveSocket } from '../src/api/serve-socket.ts';
import { ask, type RawRequest } from './socket-request.ts';

const reason = 'because the test says so';
const folder = mkdtempSync(join(tmpdir(), 'qts-ops-api-'));
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

function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  return ask(server.socketPath, { path, headers: { 'x-operator': 'alice', ...headers } });
}

function post(path: string, body: JsonObject | string, headers: Readonly<Record<string, string>> = {}) {
  const request: RawRequest = {
    method: 'POST',
    path,
    headers: {
      'x-operator': 'alice',
      'x-idempotency-key': `key-${Math.random()}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
  return ask(server.socketPath, request);
}

describe('every answer', () => {
  it('stands in one envelope with the request id, given or made', async () => {
    const given = await get('/admin/targets', { 'x-request-id': 'my-id-1' });
    expect(given.body).toMatchObject({ success: true, request_id: 'my-id-1', data: { count: 1, offset: 0 } });
    expect(given.headers['x-request-id']).toBe('my-id-1');
    const made = await get('/admin/targets', { 'x-request-id': 'has spaces and is refused' });
    expect(made.body['request_id']).toBe(made.headers['x-request-id']);
    expect(made.body['request_id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is a problem with code, remedy and request id when it is an error', async () => {
    const { status, headers, body } = await get('/admin/targets/nobody', { 'x-request-id': 'my-id-2' });
    expect(status).toBe(404);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({
      type: 'urn:qts-ops:error:INP-0306',
      status: 404,
      code: 'INP-0306',
      detail: expect.stringContaining('nobody'),
      user_message: 'There is no such target.',
      remedy: [expect.any(String)],
      data: expect.any(Object),
      request_id: 'my-id-2',
    });
  });

  it('names the protocol', async () => {
    expect((await get('/health')).headers['x-qts-protocol']).toBe('2');
    expect((await get('/nothing')).headers['x-qts-protocol']).toBe('2');
  });
});

describe('a writing request', () => {
  it('is refused without an idempotency key', async () => {
    const answer = await post('/admin/targets/quick/pause', { reason }, { 'x-idempotency-key': '' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INP-0307' } });
  });

  it('gives the first result to a repeated key and refuses the key for another body', async () => {
    const headers = { 'x-idempotency-key': 'the-same-key' };
    const path = '/admin/batch/executions/quick/start';
    const first = await post(path, { operator_reason: reason }, headers);
    expect(first).toMatchObject({ status: 200, body: { data: { repeated: false } } });
    const again = await post(path, { operator_reason: reason }, headers);
    expect(again.body['data']).toEqual({ ...Object(first.body['data']), repeated: true });
    const other = await post(path, { operator_reason: reason, params: { a: 1 } }, headers);
    expect(other).toMatchObject({ status: 409, body: { code: 'BAT-0106' } });
  });

  it.each([
    ['an unknown key', { reason, force: true }],
    ['no reason', {}],
    ['a reason that is no text', { reason: 5 }],
    ['a list', '[]'],
    ['a revision that is no number', { reason, expected_revision: '1' }],
  ])('is refused with %s', async (_what, body) => {
    const answer = await post('/admin/targets/quick/pause', body);
    expect(answer).toMatchObject({ status: 422, body: { code: 'INP-0301' } });
    expect(answer.body['detail']).toMatch(/^body/);
  });

  it.each([
    ['is no JSON', '{', 'application/json', 400],
    ['is of another type', 'reason=x', 'application/x-www-form-urlencoded', 415],
    ['is plain text', 'reason', 'text/plain', 415],
    ['is larger than 64 KiB', JSON.stringify({ reason: 'r'.repeat(70_000) }), 'application/json', 413],
  ])('is refused when it %s', async (_what, body, type, status) => {
    const answer = await post('/admin/targets/quick/pause', body, { 'content-type': type });
    expect(answer).toMatchObject({ status, body: { code: 'INP-0312' } });
  });

  it('is refused with a short reason before anything is changed', async () => {
    const answer = await post('/admin/targets/quick/pause', { reason: 'short' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'INP-0302' } });
  });
});

describe('an operator', () => {
  it.each([undefined, '', '%20', '%E0%A4%A', 'a'.repeat(101), 'a%0Ab'])('is refused as %j', async (name) => {
    const headers = name === undefined ? {} : { 'x-operator': name };
    const answer = await ask(server.socketPath, { path: '/admin/targets', headers });
    expect(answer).toMatchObject({ status: 422, body: { code: 'INP-0303' } });
  });

  it('may have a name of any letters and stands with it in the audit log', async () => {
    const name = encodeURIComponent('운영자 kim');
    await post('/admin/targets/quick/reset', { reason }, { 'x-operator': name });
    const audit = await get(`/admin/audit-logs?operator_id=${name}`);
    expect(audit.body['data']).toMatchObject({ count: 1, items: [{ operatorId: '운영자 kim', reason }] });
  });
});

describe('a list', () => {
  it.each([
    'limit=0',
    'limit=1001',
    'limit=many',
    'offset=-1',
    'status=DONE',
    'job=quick',
    'limit=1&limit=2',
    'start_date=yesterday',
    'end_date=2026-02-30',
  ])('is refused with ?%s', async (query) => {
    expect(await get(`/admin/batch/executions?${query}`)).toMatchObject({
      status: 422,
      body: { code: 'INP-0301' },
    });
  });

  it('takes a date as that day in the zone of the engine', async () => {
    const today = () => new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10);
    // One day, but for a start right at midnight.
    const from = today();
    await post('/admin/batch/executions/quick/start', { operator_reason: reason });
    const on = await get(`/admin/batch/executions?start_date=${from}&end_date=${today()}&limit=1`);
    expect(on.body['data']).toMatchObject({ limit: 1, items: [{ jobId: 'quick' }] });
    const before = await get('/admin/batch/executions?end_date=2001-01-01');
    expect(before.body['data']).toMatchObject({ count: 0, items: [] });
  });

  it('of jobs holds the inactive ones only when asked for', async () => {
    const active = await get('/admin/jobs');
    const all = await get('/admin/jobs?all=true');
    expect(active.body['data']).toMatchObject({ count: 1, items: [{ jobId: 'quick', isActive: true }] });
    expect(all.body['data']).toMatchObject({ count: 7 });
  });
});

describe('the description', () => {
  const reading = describedRoutes().filter(
    ({ method, stream, mediaType }) => method === 'GET' && !stream && mediaType === undefined,
  );

  it.each(reading)('of $url names every field of its answer', async ({ url, returns }) => {
    const act = await post('/admin/batch/executions/quick/start', {
      operator_reason: reason,
      params: { a: [1] },
    });
    const { executionId } = Object(act.body['data']);
    const alerts = await get(`/admin/alerts?execution_id=${executionId}`);
    const id = url.includes('executions')
      ? executionId
      : url.includes('alerts')
        ? Object(alerts.body['data']).items[0].id
        : 'quick';
    const { status, body } = await get(url.replace(':id', id));
    expect(status).toBe(200);
    // Fields that the description does not know are dropped by parsing, and would be missed here.
    expect(returns.parse(body['data'])).toEqual(body['data']);
  });

  it('names a permission for every route, and none of the writing ones is VIEW', () => {
    const routes = describedRoutes();
    expect(routes.length).toBeGreaterThan(14);
    for (const { method, permission } of routes) expect(permission === 'VIEW').toBe(method === 'GET');
  });
});

describe('the door', () => {
  it('answers /health without an operator', async () => {
    const { status, headers, body } = await ask(server.socketPath, { path: '/health' });
    expect(headers['content-type']).toContain('application/health+json');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { serviceId: 'api', state: 'running', pid: process.pid, checks: { 'self-store': [{}] } },
    });
  });

  it('says INP-0311 for an unknown route, whatever the method', async () => {
    expect(await get('/admin/nothing')).toMatchObject({ status: 404, body: { code: 'INP-0311' } });
    expect(await post('/admin/targets/quick/destroy', {})).toMatchObject({
      status: 404,
      body: { code: 'INP-0311' },
    });
  });

  it('leaves the log of an execution out on request', async () => {
    const start = await post('/admin/batch/executions/quick/start', { operator_reason: reason });
    const id = Object(start.body['data']).executionId;
    const bare = await get(`/admin/batch/executions/${id}?include_logs=false`);
    expect(bare.body['data']).toMatchObject({ id, log: [] });
  });

  it('sends a beat to a watcher when nothing happens', async () => {
    await using client = connectSocket({ socketPath: server.socketPath, operatorId: 'alice' });
    for await (const message of client.watch(new AbortController().signal)) {
      if (message.kind === 'beat') break;
    }
  });
});
