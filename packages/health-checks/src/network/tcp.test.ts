import { expect, it } from 'vitest';
import { lookOnce, problemsOf } from '../../test/check-bench.ts';
import { closedPort, serveTcp } from '../../test/loopback.ts';
import { tcp } from './tcp.ts';

const host = '127.0.0.1';

it('passes when a port accepts connections, and closes its own', async () => {
  await using server = await serveTcp();
  const finding = await lookOnce(tcp({ host, port: server.port }));
  expect(finding).toMatchObject({ status: 'pass', unit: 'ms' });
  expect(finding.message).toMatch(/^127\.0\.0\.1:\d+: answers in \d+ ms$/);
  await expect.poll(() => server.open()).toBe(0);
});

it('fails when nobody listens', async () => {
  const port = await closedPort();
  expect(await lookOnce(tcp({ host, port }))).toEqual({
    status: 'fail',
    message: `${host}:${port}: connection refused (ECONNREFUSED)`,
  });
});

it('compares what the server says with what is expected', async () => {
  await using server = await serveTcp((socket) => {
    socket.on('data', (asked) => socket.write(`+${String(asked).trim()} PONG\r\n`));
  });
  const asks = { host, port: server.port, send: 'PING\r\n' };
  expect((await lookOnce(tcp({ ...asks, expect: 'PONG' }))).status).toBe('pass');
  const wrong = await lookOnce(tcp({ ...asks, expect: 'HELLO', answerWithinMs: 100 }));
  expect(wrong).toEqual({ status: 'fail', message: `${host}:${server.port}: no answer within 100 ms` });
  await using closes = await serveTcp((socket) => socket.end('421 busy\r\n'));
  expect(await lookOnce(tcp({ host, port: closes.port, expect: '220' }))).toMatchObject({
    status: 'fail',
    message: `${host}:${closes.port}: said "421 busy", expected "220"`,
  });
});

it('reads no more than the first 4 KiB', async () => {
  await using server = await serveTcp((socket) => {
    const flood = () => {
      while (socket.writable && socket.write('x'.repeat(65_536)));
    };
    socket.on('drain', flood);
    flood();
  });
  expect(await lookOnce(tcp({ host, port: server.port, expect: 'ready' }))).toMatchObject({ status: 'fail' });
  await expect.poll(() => server.open()).toBe(0);
});

it('warns and fails when it takes too long', async () => {
  await using server = await serveTcp((socket) =>
    socket.on('data', () => setTimeout(() => socket.write('late'), 30)),
  );
  const asks = { host, port: server.port, send: 'x', expect: 'late' };
  expect((await lookOnce(tcp({ ...asks, warnAboveMs: 1 }))).status).toBe('warn');
  expect((await lookOnce(tcp({ ...asks, failAboveMs: 1 }))).status).toBe('fail');
});

it('says unknown for a name that our own name server cannot tell, and when it is stopped', async () => {
  await using server = await serveTcp();
  const stopped = await lookOnce(tcp({ host, port: server.port }), { signal: AbortSignal.abort() });
  expect(stopped.status).toBe('unknown');
});

it('names every wrong option at once', () => {
  const said = problemsOf(() => tcp({ host: '', port: 70_000, answerWithinMs: 0 }));
  for (const name of ['host', 'port', 'answerWithinMs']) expect(said).toContain(name);
});
