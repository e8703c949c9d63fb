import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lookOnce, problemsOf } from '../../test/check-bench.ts';
import { closedPort, serveTcp, serveTls } from '../../test/loopback.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { hasOpenssl, makeCertificate } from '../../test/test-certificate.ts';
import { tlsExpiry } from './tls-expiry.ts';

const host = '127.0.0.1';
const DAY_MS = 86_400_000;

describe.skipIf(!hasOpenssl())('certificates (made by openssl, which must be installed)', () => {
  const folder = temporaryFolder();
  afterAll(() => folder[Symbol.dispose]());

  it('passes far from the end, warns near it and fails at it', async () => {
    const { key, cert, certFile } = makeCertificate(folder.path, 40);
    await using server = await serveTls({ key, cert });
    const asks = { host, port: server.port, caFile: certFile };
    const finding = await lookOnce(tlsExpiry(asks));
    expect(finding).toMatchObject({ status: 'pass', unit: 'd' });
    expect(finding.message).toMatch(
      /^127\.0\.0\.1:\d+: the certificate of localhost ends in (40|39\.9) days, on \d{4}-\d\d-\d\d; allowed from 7 days$/,
    );
    const later = (days: number) => ({ nowMs: Date.now() + days * DAY_MS });
    expect((await lookOnce(tlsExpiry(asks), later(25))).status).toBe('warn');
    expect((await lookOnce(tlsExpiry(asks), later(36))).status).toBe('fail');
    expect((await lookOnce(tlsExpiry(asks), later(41))).message).toContain('ended 1 days ago');
    expect((await lookOnce(tlsExpiry(asks), later(-5))).message).toContain('begins on');
    await expect.poll(() => server.open()).toBe(0);
  });

  it('fails when nobody vouches for the certificate, unless that is not asked', async () => {
    const { key, cert } = makeCertificate(folder.path, 41);
    await using server = await serveTls({ key, cert });
    expect(await lookOnce(tlsExpiry({ host, port: server.port }))).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('nobody vouches for the certificate'),
    });
    expect((await lookOnce(tlsExpiry({ host, port: server.port, trusted: false }))).status).toBe('pass');
  });

  it('fails when the certificate is for another name', async () => {
    const { key, cert, certFile } = makeCertificate(folder.path, 42);
    await using server = await serveTls({ key, cert });
    const asks = { host, port: server.port, caFile: certFile, serverName: 'other.example' };
    expect((await lookOnce(tlsExpiry(asks))).message).toContain('another name');
  });

  it('looks at the certificates in a file', async () => {
    const short = makeCertificate(folder.path, 3);
    const long = makeCertificate(folder.path, 300);
    const file = join(folder.path, 'both.pem');
    writeFileSync(file, long.cert + short.cert);
    expect((await lookOnce(tlsExpiry({ file: long.certFile }))).status).toBe('pass');
    expect((await lookOnce(tlsExpiry({ file }))).status).toBe('fail');
  });
});

it('fails without a file and says unknown when there is no certificate in it', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'cert.pem');
  expect((await lookOnce(tlsExpiry({ file }))).status).toBe('fail');
  writeFileSync(file, 'nothing');
  expect(await lookOnce(tlsExpiry({ file }))).toEqual({
    status: 'unknown',
    message: `${file}: the file holds no certificate in PEM`,
  });
});

it('fails when nobody listens, when no TLS is spoken and at the deadline', async () => {
  const port = await closedPort();
  expect((await lookOnce(tlsExpiry({ host, port }))).message).toContain('connection refused');
  await using plain = await serveTcp((socket) => socket.end('220 mail\r\n'));
  expect((await lookOnce(tlsExpiry({ host, port: plain.port }))).status).toBe('fail');
  await using hangs = await serveTcp();
  expect(await lookOnce(tlsExpiry({ host, port: hangs.port, answerWithinMs: 100 }))).toEqual({
    status: 'fail',
    message: `${host}:${hangs.port}: no answer within 100 ms`,
  });
  await expect.poll(() => hangs.open()).toBe(0);
});

it('names every wrong option at once', () => {
  const said = problemsOf(() => tlsExpiry({ file: 'x', port: 0, warnBelowDays: 1, failBelowDays: 5 }));
  expect(said).toContain('port: ');
  expect(said).toContain('warnBelowDays: must not be below failBelowDays');
  expect(problemsOf(() => tlsExpiry({}))).toContain('give exactly one of host, file');
});
