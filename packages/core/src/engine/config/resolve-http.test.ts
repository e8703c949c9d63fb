import { describe, expect, it } from 'vitest';
import type { HttpWork } from '../../ports/target.ts';
import type { HttpRequestInput } from './config-input.ts';
import { every, http } from './define-config.ts';
import { describeConfig } from './describe-config.ts';
import { readDocument } from './read-document.ts';
import { requireConfig, resolveConfig } from './resolve-config.ts';

const configPath = '/srv/desk/qts-ops.config.yaml';
const nowMs = Date.UTC(2026, 10, 20);
const canary = 'canary-7f3a9c-do-not-print-me';
const env = { TOKEN: canary, WEBHOOK_URL: `https://hooks.desk.example/services/${canary}` };

function workOf(request: string | HttpRequestInput): HttpWork {
  const input = { instance: 'desk', targets: [{ id: 't', on: 'demand', run: http(request) }] };
  const work = requireConfig(input, { env, nowMs, configPath }).targets[0]?.work;
  if (work?.kind !== 'http') throw new Error('no request');
  return work;
}

function problemsOf(request: unknown, on: unknown = 'demand') {
  const input = { instance: 'desk', targets: [{ id: 't', on, run: { http: request } }] };
  const resolution = resolveConfig(input, { env, nowMs, configPath });
  return resolution.ok ? [] : resolution.problems;
}

describe('a request in a config', () => {
  it('may be one line', () => {
    expect(workOf('POST https://desk.example/close?day=today')).toEqual({
      kind: 'http',
      url: 'https://desk.example/close?day=today',
      shownUrl: 'https://desk.example/close?day=…',
      method: 'POST',
      headers: {},
      expectStatus: [[200, 299]],
      maxBodyBytes: 1_048_576,
      followRedirects: false,
    });
    expect(workOf('http://127.0.0.1:9000')).toMatchObject({ method: 'GET', url: 'http://127.0.0.1:9000/' });
  });

  it('is read in full, with secrets revealed only in the work', () => {
    const work = workOf({
      url: { env: 'WEBHOOK_URL' },
      method: 'PUT',
      headers: { Accept: 'text/csv', Authorization: { env: 'TOKEN', prefix: 'Bearer ' } },
      body: { day: '2026-11-20', rows: [1, 2] },
      expectStatus: [204, '2xx', '404-409'],
      maxBodyBytes: 0,
      silenceTimeout: '5s',
      socketPath: 'run/desk.sock',
    });
    expect(work).toEqual({
      kind: 'http',
      url: env.WEBHOOK_URL,
      shownUrl: 'https://hooks.desk.example/…',
      method: 'PUT',
      headers: { 'content-type': 'application/json', accept: 'text/csv', authorization: `Bearer ${canary}` },
      body: '{"day":"2026-11-20","rows":[1,2]}',
      expectStatus: [
        [204, 204],
        [200, 299],
        [404, 409],
      ],
      maxBodyBytes: 0,
      followRedirects: false,
      silenceTimeoutMs: 5000,
      socketPath: '/srv/desk/run/desk.sock',
    });
  });

  it('sends a text as it is, a reference as its value, and keeps a written content type', () => {
    const url = 'https://desk.example';
    expect(workOf({ url, method: 'POST', body: 'a,b' })).toMatchObject({ body: 'a,b', headers: {} });
    expect(workOf({ url, method: 'POST', body: { env: 'TOKEN' } }).body).toBe(canary);
    const headers = { 'Content-Type': 'application/vnd.desk+json' };
    expect(workOf({ url, method: 'POST', body: [1], headers }).headers).toEqual({
      'content-type': 'application/vnd.desk+json',
    });
  });

  it('in YAML says the same', () => {
    const yaml = `instance: desk
targets:
  - id: close
    on: { cron: '0 17 * * 1-5' }
    run:
      http:
        url: https://desk.example/close
        method: POST
        headers: { Authorization: { env: TOKEN } }
        body: { day: today }
        expectStatus: 2xx
  - id: ping
    on: { every: 1m }
    run: { http: https://desk.example/ping }
`;
    const document = readDocument(yaml);
    if (!document.ok) throw new Error('the text is no YAML');
    const { targets } = requireConfig(document.value, { env, nowMs, configPath });
    expect(targets.map(({ work }) => work)).toMatchObject([
      { method: 'POST', headers: { authorization: canary }, body: '{"day":"today"}' },
      { method: 'GET', url: 'https://desk.example/ping' },
    ]);
  });

  it('is described without its secrets', () => {
    const run = http({
      url: { env: 'WEBHOOK_URL' },
      method: 'POST',
      headers: { Authorization: { env: 'TOKEN' } },
      body: canary,
    });
    const input = { instance: 'desk', targets: [{ id: 't', on: 'demand', run }] };
    const description = describeConfig(requireConfig(input, { env, nowMs, configPath }));
    expect(JSON.stringify(description)).not.toContain('canary');
    expect(description).toMatchObject({
      targets: [
        {
          run: {
            kind: 'http',
            method: 'POST',
            url: 'https://hooks.desk.example/…',
            headers: ['authorization'],
            bodyBytes: canary.length,
            expectStatus: [[200, 299]],
          },
        },
      ],
    });
  });
});

describe('a request that cannot be made', () => {
  it.each([
    ['POST', 'run.http.url', 'is not the URL of a service'],
    ['POST  https://a b', 'run.http', 'is not a request'],
    [['GET', 'https://a'], 'run.http', 'a list of 2 is not a request'],
    ['desk.example/close', 'run.http.url', 'is not the URL of a service'],
    ['file:///etc/passwd', 'run.http.url', 'is not the URL of a service'],
    ['FETCH https://a', 'run.http.method', "'FETCH' is not allowed"],
    [{ method: 'POST' }, 'run.http.url', 'is missing'],
    [{ url: 'https://a', methd: 'POST' }, 'run.http.methd', 'is not a known key'],
    [{ url: 'https://a', followRedirects: true }, 'run.http.followRedirects', 'is not a known key'],
    [{ url: 'https://a', headers: 'x' }, 'run.http.headers', 'is not a set of headers'],
    [{ url: 'https://a', headers: { 'X-QTS-Fence': '1' } }, "run.http.headers['X-QTS-Fence']", 'is set by'],
    [{ url: 'https://a', headers: { 'a b': '1' } }, "run.http.headers['a b']", 'is not a name of a header'],
    [{ url: 'https://a', headers: { a: '1', A: '2' } }, 'run.http.headers.A', 'is written twice'],
    [{ url: 'https://a', headers: { a: 1 } }, 'run.http.headers.a', 'is not a text or a reference'],
    [{ url: 'https://a', headers: { a: 'b\nc: d' } }, 'run.http.headers.a', 'is not a text or a reference'],
    [{ url: 'https://a', headers: { a: { env: 'NOPE' } } }, 'run.http.headers.a', 'NOPE is not set'],
    [{ url: 'https://a', body: 'x' }, 'run.http.body', 'a GET request has no body'],
    [{ url: 'https://a', method: 'POST', body: () => 1 }, 'run.http.body', 'a function is not a body'],
    [{ url: 'https://a', expectStatus: [200, '99'] }, 'run.http.expectStatus[1]', "'99' is not a status"],
    [{ url: 'https://a', expectStatus: '299-200' }, 'run.http.expectStatus', 'is not a status'],
    [{ url: 'https://a', maxBodyBytes: 1e9 }, 'run.http.maxBodyBytes', 'is not allowed'],
    [{ url: 'https://a', silenceTimeout: '1ms' }, 'run.http.silenceTimeout', 'is out of range'],
  ])('%j is named at %s', (request, at, message) => {
    expect(problemsOf(request)).toEqual([
      expect.objectContaining({ path: `targets[0].${at}`, message: expect.stringContaining(message) }),
    ]);
  });

  it.each([
    [`https://user:${canary}@desk.example/`, 'send credentials in a header'],
    [{ url: 'https://a', headers: { Authorization: `Bearer ${canary}` } }, 'environment variable'],
    [{ url: 'https://a', headers: { 'X-Api-Key': canary } }, 'environment variable'],
    [{ url: `ftp://a/?key=${canary}` }, 'write the whole address'],
    [`https://a b?key=${canary}`, 'a space and the URL'],
  ])('for a secret that was written out does not show it (%#)', (request, remedy) => {
    const problems = problemsOf(request);
    expect(problems).toEqual([expect.objectContaining({ remedy: expect.stringContaining(remedy) })]);
    expect(JSON.stringify(problems)).not.toContain('canary');
  });

  it('more often than once a second is refused', () => {
    expect(problemsOf('https://a', every('500ms'))).toEqual([
      expect.objectContaining({
        path: 'targets[0].on.every',
        allowed: expect.stringContaining('1 s or more for exec, isolated and http'),
      }),
    ]);
  });
});
