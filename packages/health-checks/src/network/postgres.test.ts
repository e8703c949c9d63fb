import { describeHealthCheck } from '@qts-ops/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookOnce, problemsOf } from '../../test/check-bench.ts';
import { lookedAt, lookedAtServer } from '../../test/looked-at.ts';
import { closedPort, serveTcp } from '../../test/loopback.ts';
import { postgresPrograms, runSql, startPostgres, type TestPostgres } from '../../test/test-postgres.ts';
import { type PostgresOptions, postgres } from './postgres.ts';

const programs = postgresPrograms();
const isAbsent = 'reason' in programs;

describe.skipIf(isAbsent)(`a PostgreSQL server${isAbsent ? ` (${programs.reason})` : ''}`, () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres('folder' in programs ? programs.folder : '');
    await runSql(server.url(), 'CREATE TABLE fills (price int)', 'INSERT INTO fills VALUES (7), (8)');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('answers, and its password is shown nowhere', async () => {
    const finding = await lookOnce(postgres({ url: server.url() }));
    expect(finding).toMatchObject({ status: 'pass', unit: 'ms' });
    expect(finding.message).toMatch(/^postgres 127\.0\.0\.1:\d+\/postgres: answers in \d+ ms, query 1$/);
    expect(JSON.stringify(finding)).not.toContain('canary');
  });

  it('is judged by the value of a query', async () => {
    const query = 'SELECT count(*) FROM fills';
    const look = (bounds: object) => lookOnce(postgres({ url: server.url(), query, ...bounds }));
    expect((await look({ failBelow: 1 })).status).toBe('pass');
    expect((await look({ warnBelow: 3 })).status).toBe('warn');
    expect(await look({ failAbove: 1 })).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('query 2 (allowed up to 1)'),
      observations: [{ id: 'query', value: 2 }],
    });
    const none = await look({ query: 'SELECT price FROM fills WHERE price > 100', failAbove: 1 });
    expect(none).toMatchObject({ status: 'unknown', message: expect.stringContaining('gave no number') });
  });

  it('can be asked about replicas, unfrozen transactions and connections', async () => {
    const look = (bounds: object) => lookOnce(postgres({ url: server.url(), ...bounds }));
    expect(await look({ failBelowReplicas: 1 })).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('0 replicas (allowed from 1)'),
    });
    const lag = 'no replica is connected, so how far it is behind cannot be told';
    for (const [bounds, status] of [
      [{ failAboveLagSeconds: 5 }, 'unknown'],
      [{ warnAboveLagSeconds: 5, failBelowReplicas: 1 }, 'fail'],
    ] as const) {
      expect(await look(bounds)).toMatchObject({ status, message: expect.stringContaining(lag) });
    }
    const finding = await look({ failAboveAgePercent: 50, failAboveConnectionsPercent: 50 });
    expect(finding.status).toBe('pass');
    expect(finding.observations?.map(({ id }) => id)).toEqual(['query', 'age', 'connections']);
    expect((await look({ failAboveConnectionsPercent: 0 })).status).toBe('fail');
  });

  it('is never written to', async () => {
    const query = 'INSERT INTO fills VALUES (9)';
    expect(await lookOnce(postgres({ url: server.url(), query }))).toMatchObject({
      status: 'unknown',
      message: expect.stringContaining('read-only transaction'),
    });
  });

  it('tells what is our fault from what is its own', async () => {
    const refused = await lookOnce(postgres({ url: server.url('postgres', 'canary-wrong') }));
    expect(refused).toMatchObject({
      status: 'unknown',
      message: expect.stringContaining('not accepted (28P01)'),
    });
    expect(JSON.stringify(refused)).not.toContain('canary');
    const absent = await lookOnce(postgres({ url: server.url('absent') }));
    expect(absent).toMatchObject({ status: 'fail', message: expect.stringContaining('no such database') });
    const wrong = await lookOnce(postgres({ url: server.url(), query: 'SELEKT 1' }));
    expect(wrong.status).toBe('unknown');
  });

  it('fails at the deadline when a query hangs or the whole server does', async () => {
    const slow = await lookOnce(
      postgres({ url: server.url(), query: 'SELECT pg_sleep(30)', answerWithinMs: 300 }),
    );
    expect(slow.status).toBe('fail');
    server.pause();
    const hung = await lookOnce(postgres({ url: server.url(), answerWithinMs: 200 }));
    server.resume();
    expect(hung).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('no answer within 200 ms'),
    });
  });

  it('leaves no connection open', async () => {
    const query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'qts-ops-health-checks'";
    await expect
      .poll(async () => (await lookOnce(postgres({ url: server.url(), query }))).observations?.[0]?.value)
      .toBe(1);
  });
});

describe.skipIf(isAbsent)(`the contract${isAbsent ? ` (${programs.reason})` : ''}`, () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres('folder' in programs ? programs.folder : '');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describeHealthCheck<PostgresOptions>('postgres', {
    kind: postgres,
    states: ['pass', 'warn', 'fail', 'unknown', 'hang'],
    start: async (state) => {
      const options = { url: { env: 'DESK_DATABASE' } };
      const secrets = ['canary-password', 'canary-wrong'];
      if (state === 'hang') {
        const silent = await serveTcp();
        const url = `postgres://desk:canary-password@127.0.0.1:${silent.port}/desk`;
        return lookedAtServer(silent, options, { env: { DESK_DATABASE: url }, secrets });
      }
      const password = state === 'unknown' ? 'canary-wrong' : 'canary-password';
      const env = { DESK_DATABASE: server.url('postgres', password) };
      const bounds = state === 'warn' ? { warnAbove: 0 } : state === 'fail' ? { failAbove: 0 } : {};
      return lookedAt({ ...options, ...bounds }, { env, secrets });
    },
    wrongOptions: [{ options: { url: '', query: '' }, fields: ['url', 'query'] }],
  });
});

it('fails when nobody listens, hangs or speaks something else', async () => {
  const port = await closedPort();
  const at = (number: number) => `postgres://desk:canary-password@127.0.0.1:${number}/desk`;
  expect(await lookOnce(postgres({ url: at(port) }))).toEqual({
    status: 'fail',
    message: `postgres 127.0.0.1:${port}/desk: connection refused (ECONNREFUSED)`,
  });
  await using hangs = await serveTcp();
  const hung = await lookOnce(postgres({ url: at(hangs.port), answerWithinMs: 100 }));
  expect(hung.message).toContain('no answer within 100 ms');
  await expect.poll(() => hangs.open()).toBe(0);
  await using closes = await serveTcp((socket) => socket.end());
  expect((await lookOnce(postgres({ url: at(closes.port) }))).status).toBe('fail');
});

it('says unknown without its URL', async () => {
  expect(await lookOnce(postgres({ url: { env: 'QTS_NOT_SET_ANYWHERE' } }))).toEqual({
    status: 'unknown',
    message: 'postgres: the environment variable QTS_NOT_SET_ANYWHERE is not set',
  });
  expect((await lookOnce(postgres({ url: 'no url' }))).message).toBe('postgres: url is no URL');
});

it('names every wrong option at once', () => {
  const said = problemsOf(() => postgres({ url: '', failAbove: 1, warnAbove: 2, failAboveAgePercent: 200 }));
  for (const name of ['url', 'warnAbove: must not be above failAbove', 'failAboveAgePercent']) {
    expect(said).toContain(name);
  }
});
