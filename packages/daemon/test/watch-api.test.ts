import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConfig, createOps, type Ops, silentLogger } from '@qts-ops/core';
import { type CheckFinding, defineHealthCheck } from '@qts-ops/core/plugin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { healthDocument } from '../src/api/health-schemas.ts';
import { type SocketServer, serveSocket } from '../src/api/serve-socket.ts';
import { ask } from './socket-request.ts';

const folder = mkdtempSync(join(tmpdir(), 'qts-ops-watch-api-'));
let ops: Ops;
let server: SocketServer;
let finding: CheckFinding = { status: 'pass', message: 'all is well' };

beforeAll(async () => {
  const lamp = defineHealthCheck({
    name: 'lamp',
    apiVersion: 1,
    options: z.strictObject({ lit: z.boolean().default(true) }),
    capabilities: { effect: 'read', network: false },
    defaults: { intervalMs: 60_000, timeoutMs: 1000 },
    pingKeys: () => ['nightly'],
    create: () => ({ check: async () => finding }),
  });
  const config = createConfig({
    instance: 'watched',
    targets: [{ id: 'quick', on: 'demand', run: () => undefined }],
    checks: [lamp({ id: 'broker', critical: true })],
  });
  ops = createOps({ config, stateFolder: join(folder, 'state'), logger: silentLogger });
  await ops.start();
  await ops.client({ operatorId: 'tester', method: 'library' }).runChecks([]);
  server = await serveSocket(ops, join(folder, 's'), { onFault: (error) => void Promise.reject(error) });
});

afterAll(async () => {
  await ops.abort();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const health = () => ask(server.socketPath, { path: '/health' });

function post(path: string, body: string, type = 'application/json') {
  const headers = {
    'x-operator': 'alice',
    'x-idempotency-key': `key-${Math.random()}`,
    'content-type': type,
  };
  return ask(server.socketPath, { method: 'POST', path, headers, body });
}

describe('/health', () => {
  it('says in the words of health+json what the checks say', async () => {
    const { status, body } = await health();
    expect(status).toBe(200);
    expect(healthDocument.parse(body)).toEqual(body);
    expect(body).toMatchObject({ checks: { broker: [{ componentType: 'lamp', status: 'pass' }] } });
  });

  it('is a warning when nobody could look, and 503 while a critical check fails', async () => {
    finding = { status: 'unknown', message: 'the quota is used up' };
    await post('/admin/checks/run', '{"ids":["broker"]}');
    const { status, body } = await health();
    expect({ status, word: body['status'] }).toEqual({ status: 200, word: 'warn' });
    expect(Object(body['checks']).broker[0].output).toContain('the quota is used up');
    finding = { status: 'fail', message: 'the broker is silent' };
    await post('/admin/checks/run', '{"ids":["broker"]}');
    expect(await health()).toMatchObject({
      status: 503,
      body: { status: 'fail', checks: { broker: [{ status: 'fail', output: 'the broker is silent' }] } },
    });
  });
});

describe('a ping', () => {
  const ping = (path: string, body?: string | Buffer, type = 'text/plain') =>
    ask(server.socketPath, {
      method: 'POST',
      path,
      headers: body === undefined ? {} : { 'content-type': type },
      ...(body === undefined ? {} : { body }),
    });

  it.each<[string, string | Buffer | undefined, string | undefined]>([
    ['/pings/nightly', undefined, undefined],
    ['/pings/nightly/log', Buffer.alloc(100_000, 0xff), 'text/plain'],
    ['/pings/nightly/log', Buffer.from('caf\xe9', 'latin1'), 'application/x-www-form-urlencoded'],
    ['/pings/nightly/log', Buffer.from('\xec\x95', 'latin1'), 'application/json'],
    ['/pings/nightly/start?rid=run-1', undefined, undefined],
    ['/pings/nightly/log', 'half way', 'text/plain'],
    ['/pings/nightly/log', '{"half":"way"}', 'application/json'],
    ['/pings/nightly/log', '{"cut of', 'application/json'],
    ['/pings/nightly/log', '['.repeat(50_000), 'application/json'],
    ['/pings/nightly/log', '\u0000binary', 'application/octet-stream'],
    ['/pings/nightly/3', 'it broke', 'text/plain'],
    ['/pings/nightly/fail', 'x'.repeat(100_000), 'text/plain'],
  ])('is taken at %s without an operator and a request id', async (path, body, type) => {
    expect(await ping(path, body, type)).toMatchObject({ status: 200, body: { data: { taken: true } } });
  });

  it.each([
    ['an address that is merely looked at', 'GET', '/pings/nightly', '', 404, 'INP-0311'],
    ['a word that is none', 'POST', '/pings/nightly/maybe', '', 422, 'INP-0301'],
    ['an exit code that is none', 'POST', '/pings/nightly/999', '', 400, 'INP-0941'],
    ['a key with other letters', 'POST', '/pings/a%20b', '', 400, 'INP-0941'],
    ['a key that no check waits for', 'POST', '/pings/nightli', '', 404, 'INP-0942'],
    ['a text that is too long', 'POST', '/pings/nightly', 'x'.repeat(100_001), 413, 'INP-0312'],
  ])('is refused: %s', async (_what, method, path, body, status, code) => {
    const headers = method === 'POST' ? { 'content-type': 'text/plain' } : {};
    expect(await ask(server.socketPath, { method, path, headers, body })).toMatchObject({
      status,
      body: { code },
    });
  });
});

describe('acts on alerts', () => {
  it.each([
    ['/admin/alerts/nobody/acknowledge', '{"reason":"because the test says so"}', 404, 'INP-0920'],
    ['/admin/alerts/nobody/acknowledge', '{}', 422, 'INP-0301'],
    ['/admin/silences', '{"reason":"because the test says so","matchers":[],"for_ms":1}', 422, 'INP-0301'],
    [
      '/admin/silences',
      '{"reason":"because the test says so","matchers":["broker"],"for_ms":9}',
      422,
      'INP-0921',
    ],
    ['/admin/channels/nobody/test', '{"level":"CRITICAL"}', 404, 'INP-0925'],
    ['/admin/checks/run', '{"ids":["nobody"]}', 422, 'INP-0904'],
  ])('at %s are refused with %s', async (path, body, status, code) => {
    expect(await post(path, body)).toMatchObject({ status, body: { code } });
  });
});
