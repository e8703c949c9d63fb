import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CheckStatus, Secret } from '@qts-ops/core/plugin';
import { describe, expect, it } from 'vitest';
import { callOf, lookOnce, makeCheck, problemsOf } from '../../test/check-bench.ts';
import { closedPort, serveHttp } from '../../test/loopback.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { type BrokerPing, brokerHeartbeat } from './broker-heartbeat.ts';

const hours = { timeZone: 'Asia/Seoul', from: '09:00', to: '15:30' };

describe('a ping of the user', () => {
  const answers: readonly (readonly [title: string, run: BrokerPing, status: CheckStatus])[] = [
    ['nothing', () => undefined, 'pass'],
    ['true', () => true, 'pass'],
    ['a beat', async () => ({ ok: true, message: 'session 7' }), 'pass'],
    ['false', () => false, 'fail'],
    ['a beat that is not well', () => ({ ok: false, message: 'maintenance' }), 'fail'],
    ['an error', () => Promise.reject(new Error('rate limit')), 'fail'],
    ['something else', () => 'fine', 'unknown'],
  ];
  it.for(answers)('that gives %s', async ([_title, run, status]) => {
    expect((await lookOnce(brokerHeartbeat({ run }))).status).toBe(status);
  });

  it('is told in words, without secrets', async () => {
    const secrets = [new Secret('TOKEN', 'canary-token')];
    const run = () => {
      throw new Error('token canary-token has ended');
    };
    const finding = await lookOnce(brokerHeartbeat({ run }), {}, { secrets });
    expect(finding).toEqual({ status: 'fail', message: 'broker: the ping failed: token [secret] has ended' });
  });

  it('fails at the deadline, and is told that it is over', async () => {
    const aborted = Promise.withResolvers<void>();
    const run = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => aborted.resolve());
      return Promise.withResolvers<undefined>().promise;
    };
    expect(await lookOnce(brokerHeartbeat({ run, answerWithinMs: 60 }))).toEqual({
      status: 'fail',
      message: 'broker: no answer within 60 ms',
    });
    await aborted.promise;
  });

  it('warns and fails when it is slow', async () => {
    const run = async () => new Promise((resolve) => setTimeout(resolve, 30));
    expect((await lookOnce(brokerHeartbeat({ run, warnAboveMs: 5 }))).status).toBe('warn');
    expect((await lookOnce(brokerHeartbeat({ run, failAboveMs: 5 }))).status).toBe('fail');
  });

  it('counts how often the connection was made anew', async () => {
    const counts = [3, 4, 9, 1];
    const run = () => ({ reconnects: counts.shift() });
    const check = await makeCheck(brokerHeartbeat({ run, warnAboveReconnects: 1 }));
    const look = () => check.check(callOf());
    expect(await look()).toMatchObject({
      status: 'pass',
      observations: [{ id: 'reconnects', value: 3 }, { value: 0 }],
    });
    expect(await look()).toMatchObject({ status: 'pass', observations: [{ value: 4 }, { value: 1 }] });
    expect(await look()).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('connected anew 5 times'),
    });
    expect(await look()).toMatchObject({ status: 'pass', observations: [{ value: 1 }, { value: 1 }] });
  });

  it('is not made outside of hours', async () => {
    let pings = 0;
    const run = () => {
      pings += 1;
    };
    const look = (now: string) => lookOnce(brokerHeartbeat({ run, hours }), { nowMs: Date.parse(now) });
    expect((await look('2026-11-21T01:00:00Z')).message).toBe('broker: nothing is asked at this hour');
    expect(pings).toBe(0);
    await look('2026-11-20T01:00:00Z');
    expect(pings).toBe(1);
  });
});

describe('a URL', () => {
  it('is well with a status of 200 to 299, and may tell its reconnects', async () => {
    await using server = await serveHttp((request, response) => {
      response.writeHead(request.url?.startsWith('/down') ? 503 : 200).end('{"link":{"reconnects":12}}');
    });
    const well = await lookOnce(brokerHeartbeat({ url: server.url, reconnectsPath: 'link.reconnects' }));
    expect(well).toMatchObject({ status: 'pass', observations: [{ id: 'reconnects', value: 12 }, {}] });
    const down = await lookOnce(brokerHeartbeat({ url: `${server.url}/down?key=canary` }));
    expect(down).toMatchObject({
      status: 'fail',
      message: `broker: ${server.url}/down answers 503, allowed 200 to 299`,
    });
  });

  it('says unknown while the count of reconnects is not where it should be', async () => {
    await using server = await serveHttp((request, response) => {
      response.end(request.url === '/html' ? '<html>' : '{"link":{"reconnects":"12"}}');
    });
    for (const path of ['/', '/html']) {
      const url = `${server.url}${path}`;
      expect(await lookOnce(brokerHeartbeat({ url, reconnectsPath: 'link.reconnects' }))).toMatchObject({
        status: 'unknown',
        message: expect.stringContaining('there is no number at link.reconnects in its answer'),
      });
    }
  });

  it('fails when nobody listens or nobody answers, and says unknown when it is not set', async () => {
    const port = await closedPort();
    expect((await lookOnce(brokerHeartbeat({ url: `http://127.0.0.1:${port}` }))).status).toBe('fail');
    await using hangs = await serveHttp(() => undefined);
    const hung = await lookOnce(brokerHeartbeat({ url: hangs.url, answerWithinMs: 60 }));
    expect(hung.message).toBe('broker: no answer within 60 ms');
    expect((await lookOnce(brokerHeartbeat({ url: { env: 'QTS_NOT_SET_ANYWHERE' } }))).status).toBe(
      'unknown',
    );
  });
});

it('fails when quotes stop coming during the hours of trading, and expects none outside', async () => {
  using folder = temporaryFolder();
  const quoteFile = join(folder.path, 'quotes.jsonl');
  writeFileSync(quoteFile, '{}\n');
  const last = Date.parse('2026-11-20T03:00:00Z') / 1_000;
  utimesSync(quoteFile, last, last);
  const plugin = brokerHeartbeat({ quoteFile, warnAboveMs: 5_000, failAboveMs: 30_000, hours });
  const look = async (now: string) => lookOnce(plugin, { nowMs: Date.parse(now) });
  expect((await look('2026-11-20T03:00:03Z')).status).toBe('pass');
  expect((await look('2026-11-20T03:00:10Z')).status).toBe('warn');
  expect(await look('2026-11-20T03:01:00Z')).toMatchObject({
    status: 'fail',
    message: `${quoteFile}: last changed 60 s ago, allowed up to 30 s`,
  });
  expect((await look('2026-11-20T09:00:00Z')).status).toBe('pass');
  expect((await look('2026-11-23T00:00:20Z')).status).toBe('warn');
});

it('knows half days, late openings and sessions on other days', async () => {
  using folder = temporaryFolder();
  const quoteFile = join(folder.path, 'quotes.jsonl');
  writeFileSync(quoteFile, '{}\n');
  const last = Date.parse('2026-11-18T06:29:00Z') / 1_000;
  utimesSync(quoteFile, last, last);
  const otherDays = [
    { date: '2026-11-19', from: '10:00', to: '16:30' },
    { date: '2026-11-20', from: '09:00', to: '12:00' },
  ];
  const plugin = brokerHeartbeat({ quoteFile, failAboveMs: 30_000, hours: { ...hours, otherDays } });
  const look = async (now: string) => (await lookOnce(plugin, { nowMs: Date.parse(now) })).status;
  expect(await look('2026-11-19T00:30:00Z')).toBe('pass');
  expect(await look('2026-11-19T01:00:20Z')).toBe('pass');
  expect(await look('2026-11-19T01:00:40Z')).toBe('fail');
  expect(await look('2026-11-20T02:59:00Z')).toBe('fail');
  expect(await look('2026-11-20T03:00:00Z')).toBe('pass');
});

it('names every wrong option at once', () => {
  const said = problemsOf(() =>
    brokerHeartbeat({ quoteFile: 'a', url: 'b', answerWithinMs: 1, warnAboveReconnects: -1 }),
  );
  for (const name of [
    'exactly one of run, url, quoteFile',
    'answerWithinMs',
    'warnAboveReconnects',
    'quoteFile: has a meaning only with failAboveMs',
  ]) {
    expect(said).toContain(name);
  }
});
