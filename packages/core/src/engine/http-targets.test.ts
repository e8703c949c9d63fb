import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, vi } from 'vitest';
import { httpRunner } from '../adapters/http-node/http-runner.ts';
import type { ExecutionDetail } from '../client/ops-views.ts';
import { createTestOps, type TestOps } from '../testing/create-test-ops.ts';
import type { HttpRequestInput } from './config/config-input.ts';
import { http, target } from './config/define-config.ts';
import { createConfig } from './config/index.ts';

const reason = 'the broker is down';
const patiently = { timeout: 90_000 };
const canary = 'canary-7f3a9c-do-not-print-me';

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a TCP server that listens
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function engineFor(request: HttpRequestInput): Promise<TestOps> {
  const options = { on: 'demand', run: http(request), timeout: '5s', stopGrace: '1s' } as const;
  const { targets, secrets } = createConfig(
    { instance: 'desk', targets: [target('close', options)] },
    { env: { TOKEN: canary } },
  );
  return createTestOps({ targets, config: { secrets }, runner: httpRunner() });
}

async function start(test: TestOps): Promise<string> {
  const { executionId = '' } = await test.client.trigger('close', { reason });
  return executionId;
}

async function ended(test: TestOps, id: string): Promise<ExecutionDetail> {
  return vi.waitFor(async () => {
    await test.clock.settle();
    const execution = await test.client.execution(id);
    expect(['SUCCESS', 'FAILED', 'STOPPED']).toContain(execution.status);
    return execution;
  }, patiently);
}

it('a request runs as an execution whose id the service learns', async () => {
  let key: unknown;
  using service = await serve((request, response) => {
    key = request.headers['idempotency-key'];
    response.end('books closed');
  });
  await using test = await engineFor({ url: service.url, method: 'POST', body: { day: 'today' } });
  const id = await start(test);
  expect(await ended(test, id)).toMatchObject({ status: 'SUCCESS' });
  expect(key).toBe(id);
  expect((await test.client.output(id, 0)).text).toBe('books closed');
  expect((await test.client.snapshot()).targets[0]?.kind).toBe('http');
});

it('refused credentials fail with their code, and are seen nowhere though the service repeats them', async () => {
  using service = await serve((request, response) => {
    const { authorization = '' } = request.headers;
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: 'error', seen: authorization }));
  });
  const headers = { Authorization: { env: 'TOKEN', prefix: 'Bearer ' } };
  await using test = await engineFor({ url: service.url, headers });
  const id = await start(test);
  const execution = await ended(test, id);
  expect(execution).toMatchObject({
    status: 'FAILED',
    errorCode: 'EXT-0104',
    errorDetail: { data: { status: 401 } },
  });
  const { text } = await test.client.output(id, 0);
  expect(text).toContain('Bearer [secret]');
  const everything = [execution, text, test.logged, test.alerts, await test.client.snapshot()];
  expect(JSON.stringify(everything)).not.toContain('canary');
});

it('a service that asks for time is tried again no earlier', async () => {
  using service = await serve((_request, response) => {
    response.writeHead(429, { 'retry-after': '7' });
    response.end();
  });
  const options = {
    on: { every: '1h' },
    run: http(service.url),
    retry: { maxAttempts: 2, backoff: '100ms' },
  };
  const { targets } = createConfig({ instance: 'desk', targets: [target('quotes', options)] });
  await using test = await createTestOps({ targets, runner: httpRunner() });
  await test.clock.advance(3_600_000);
  const attempts = await vi.waitFor(async () => {
    await test.clock.advance(1000);
    const { items } = await test.store.queryExecutions({ jobId: 'quotes', status: 'FAILED' });
    expect(items).toHaveLength(2);
    return items;
  }, patiently);
  const [first, second] = attempts.toSorted((a, b) => a.attempt - b.attempt);
  expect(first).toMatchObject({ errorCode: 'EXT-0102', attempt: 1 });
  expect((second?.startedAtMs ?? 0) - (first?.endedAtMs ?? 0)).toBeGreaterThanOrEqual(7000);
});

it('a service that hangs is given up at the time-out, and stopped on request', async () => {
  let closed = 0;
  const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  using service = await serve((request, response) => {
    response.once('close', () => {
      closed += 1;
    });
    asked[Number(request.headers['x-run'])]?.resolve();
  });
  await using late = await engineFor({ url: service.url, headers: { 'X-Run': '0' } });
  const lateId = await start(late);
  await asked[0]?.promise;
  await late.clock.advance(5000);
  expect(await ended(late, lateId)).toMatchObject({ status: 'FAILED', errorCode: 'BAT-0303' });
  await using stopped = await engineFor({ url: service.url, headers: { 'X-Run': '1' } });
  const stoppedId = await start(stopped);
  await asked[1]?.promise;
  await stopped.client.stop(stoppedId, { reason });
  expect(await ended(stopped, stoppedId)).toMatchObject({ status: 'STOPPED', detached: false });
  await vi.waitFor(() => expect(closed).toBe(2), patiently);
});
