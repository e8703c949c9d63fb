import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Secret } from '@qts-ops/core/plugin';
import { describe, expect, it } from 'vitest';
import { callOf, lookOnce, makeCheck, problemsOf } from '../../test/check-bench.ts';
import { closedPort, serveHttp, serveTcp } from '../../test/loopback.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { hasOpenssl, makeCertificate } from '../../test/test-certificate.ts';
import { http } from './http.ts';

describe('the answer of a server', () => {
  it('is well with a status of 200 to 299, and says how long it took', async () => {
    await using server = await serveHttp((_request, response) => response.end('ok'));
    const finding = await lookOnce(http({ url: `${server.url}/health`, failAboveMs: 5_000 }));
    expect(finding).toMatchObject({ status: 'pass', unit: 'ms', value: expect.any(Number) });
    expect(finding.message).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/health: status 200 in \d+ ms, allowed up to 5000 ms$/,
    );
  });

  it('fails with another status, and with a redirect, which is not followed', async () => {
    let asked = 0;
    await using server = await serveHttp((request, response) => {
      asked += 1;
      response.writeHead(request.url === '/moved' ? 302 : 503, { location: '/health' }).end();
    });
    expect((await lookOnce(http({ url: server.url }))).message).toContain('status 503, allowed 200 to 299');
    expect((await lookOnce(http({ url: `${server.url}/moved` }))).message).toContain(
      'redirects are not followed',
    );
    expect(asked).toBe(2);
    expect((await lookOnce(http({ url: server.url, expectStatus: [503] }))).status).toBe('pass');
  });

  it('is judged by what it contains', async () => {
    await using server = await serveHttp((_request, response) =>
      response.end('{"status":"UP","lag":12,"queues":[{"depth":3}]}'),
    );
    const found = async (rules: object) => lookOnce(http({ url: server.url, ...rules }));
    expect((await found({ bodyContains: '"UP"', bodyMatches: 'lag":\\d+' })).status).toBe('pass');
    expect((await found({ bodyContains: 'DOWN' })).message).toContain('does not contain "DOWN"');
    expect((await found({ bodyMatches: '^DOWN' })).message).toContain('does not match ^DOWN');
    expect(
      (
        await found({
          json: [
            { path: 'status', equals: 'UP' },
            { path: 'queues.0.depth', max: 5 },
          ],
        })
      ).status,
    ).toBe('pass');
    expect((await found({ json: [{ path: 'lag', max: 10 }] })).message).toContain(
      'lag is 12, allowed up to 10',
    );
    expect((await found({ json: [{ path: 'lag', min: 20 }] })).message).toContain(
      'lag is 12, allowed from 20',
    );
    expect((await found({ json: [{ path: 'status', equals: 'DOWN' }] })).message).toContain(
      'status is "UP", allowed "DOWN"',
    );
    expect((await found({ json: [{ path: 'absent.deep' }] })).message).toContain(
      'absent.deep is not in the answer',
    );
    expect((await found({ json: [{ path: 'status', max: 1 }] })).message).toContain('allowed a number');
  });

  it('is no JSON, or too long to be read as JSON', async () => {
    await using server = await serveHttp((request, response) =>
      response.end(request.url === '/long' ? `"${'x'.repeat(2_000_000)}"` : '<html>'),
    );
    const json = [{ path: 'status' }];
    expect(await lookOnce(http({ url: server.url, json }))).toMatchObject({ status: 'fail' });
    expect(await lookOnce(http({ url: `${server.url}/long`, json }))).toMatchObject({
      status: 'unknown',
      message: expect.stringContaining('longer than 1 MB'),
    });
    expect(await lookOnce(http({ url: `${server.url}/long`, bodyContains: 'yyy' }))).toMatchObject({
      status: 'unknown',
      message: expect.stringContaining('in its first 1 MB'),
    });
  });

  it('warns and fails when it takes too long', async () => {
    await using server = await serveHttp((_request, response) => response.end('ok'));
    expect((await lookOnce(http({ url: server.url, warnAboveMs: 0.000_1 }))).status).toMatch(/warn|pass/);
    const slow = { url: server.url, warnAboveMs: 0.000_1, failAboveMs: 0.000_2 };
    const finding = await lookOnce(http(slow));
    expect(finding.status).toBe((finding.value ?? 0) > 0 ? 'fail' : 'pass');
  });
});

describe('a server that does not answer', () => {
  it('fails when nobody listens or the connection is reset', async () => {
    const port = await closedPort();
    expect(await lookOnce(http({ url: `http://127.0.0.1:${port}/` }))).toEqual({
      status: 'fail',
      message: `http://127.0.0.1:${port}/: connection refused (ECONNREFUSED)`,
    });
    await using resets = await serveTcp((socket) => socket.resetAndDestroy());
    expect((await lookOnce(http({ url: `http://127.0.0.1:${resets.port}` }))).status).toBe('fail');
    await using babbles = await serveTcp((socket) => socket.end('SSH-2.0-x\r\n'));
    expect((await lookOnce(http({ url: `http://127.0.0.1:${babbles.port}` }))).message).toContain(
      'is no HTTP',
    );
  });

  it('fails at its deadline when the server hangs, and leaves no connection open', async () => {
    await using hangs = await serveHttp((request, response) => {
      if (request.url === '/half') response.write('half an answer');
    });
    for (const path of ['/none', '/half']) {
      expect(await lookOnce(http({ url: hangs.url + path, answerWithinMs: 120 }))).toEqual({
        status: 'fail',
        message: `${hangs.url}${path}: no answer within 120 ms`,
      });
    }
    await expect.poll(() => hangs.open()).toBe(0);
  });

  it('fails at its deadline when the answer never ends, however well it begins', async () => {
    await using server = await serveHttp((_request, response) => {
      const drip = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(drip));
    });
    const finding = await lookOnce(http({ url: server.url, answerWithinMs: 100 }));
    expect(finding).toEqual({ status: 'fail', message: `${server.url}/: no answer within 100 ms` });
    await expect.poll(() => server.open()).toBe(0);
  });

  it('reads a flood to its bound only, and closes the connection', async () => {
    await using server = await serveHttp((_request, response) => {
      const block = Buffer.alloc(65_536, 'x');
      const flood = () => {
        while (!response.destroyed && response.write(block));
      };
      response.on('drain', flood);
      flood();
    });
    expect((await lookOnce(http({ url: server.url, answerWithinMs: 60_000 }))).status).toBe('pass');
    await expect.poll(() => server.open()).toBe(0);
  });

  it('that sends us to another host learns nothing for it: the other one is not asked', async () => {
    await using other = await serveHttp((_request, response) => response.end('ok'));
    await using server = await serveHttp((_request, response) =>
      response.writeHead(307, { location: other.url }).end(),
    );
    const headers = { authorization: 'Bearer canary' };
    const finding = await lookOnce(http({ url: server.url.replace('//', '//user:canary@'), headers }));
    expect(finding).toMatchObject({ status: 'fail', message: expect.stringContaining('status 307') });
    expect(finding.message).not.toContain('canary');
    expect(other.seen()).toBe(0);
  });

  it('may be a number of IPv6', async () => {
    const refused = await lookOnce(http({ url: `http://[::1]:${await closedPort()}/x` }));
    expect(refused.message).toMatch(/^http:\/\/\[::1\]:\d+\/x: /);
    // A machine without IPv6 has no way there, which is no fault of the server.
    expect(['fail', 'unknown']).toContain(refused.status);
  });

  it('fails at the deadline of the engine, and says unknown when the engine ends', async () => {
    await using hangs = await serveHttp(() => undefined);
    const check = await makeCheck(http({ url: hangs.url }));
    expect((await check.check(callOf({ signal: AbortSignal.timeout(60) }))).status).toBe('fail');
    const ends = new AbortController();
    const look = check.check(callOf({ signal: ends.signal }));
    await expect.poll(() => hangs.open()).toBe(1);
    ends.abort(new Error('the engine ends'));
    expect((await look).status).toBe('unknown');
    await expect.poll(() => hangs.open()).toBe(0);
  });
});

describe('secrets of a request', () => {
  it('are sent, and shown nowhere', async () => {
    const seen: (string | undefined)[] = [];
    await using server = await serveHttp((request, response) => {
      seen.push(request.headers.authorization, request.url);
      response.end('token canary-token is wrong');
    });
    const url = `http://desk:canary-password@127.0.0.1:${server.port}/path?key=canary-key`;
    const finding = await lookOnce(http({ url, bodyContains: 'right' }));
    expect(seen).toEqual([
      `Basic ${Buffer.from('desk:canary-password').toString('base64')}`,
      '/path?key=canary-key',
    ]);
    expect(JSON.stringify(finding)).not.toContain('canary');
    const secret = new Secret('DESK_URL', `http://127.0.0.1:${server.port}/canary-path`);
    const hidden = await lookOnce(
      http({ url: secret, headers: { 'x-key': new Secret('K', 'canary-header') } }),
    );
    expect(hidden.message).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/…: status 200/);
  });

  it('that are not there make the state unknown', async () => {
    expect(await lookOnce(http({ url: { env: 'QTS_NOT_SET_ANYWHERE' } }))).toEqual({
      status: 'unknown',
      message: 'http: the request cannot be made: the environment variable QTS_NOT_SET_ANYWHERE is not set',
    });
  });
});

it.skipIf(!hasOpenssl())(
  'trusts only certificates that somebody named vouches for (openssl makes them)',
  async () => {
    using folder = temporaryFolder();
    const { key, cert, certFile } = makeCertificate(folder.path, 30);
    const server = createServer({ key, cert }, (_request, response) => response.end('ok')).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect((await lookOnce(http({ url }))).message).toContain('nobody vouches for the certificate');
    expect((await lookOnce(http({ url, caFile: certFile }))).status).toBe('pass');
    const absent = join(folder.path, 'absent.pem');
    expect(await lookOnce(http({ url, caFile: absent }))).toMatchObject({ status: 'unknown' });
    server.close();
    await once(server, 'close');
  },
);

it('names every wrong option at once', () => {
  const said = problemsOf(() =>
    http({
      url: 'ftp://x',
      bodyMatches: '(',
      json: [{ path: '..' }],
      warnAboveMs: 5,
      failAboveMs: 1,
      answerWithinMs: 1,
    }),
  );
  for (const name of ['url', 'bodyMatches', 'json.0.path', 'answerWithinMs', 'warnAboveMs'])
    expect(said).toContain(name);
});
