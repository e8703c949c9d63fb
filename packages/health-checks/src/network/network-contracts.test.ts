import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { CONTRACT_NOW_MS, describeHealthCheck } from '@qts-ops/core/testing';
import { lookedAt, lookedAtFolder, lookedAtServer } from '../../test/looked-at.ts';
import { closedPort, serveDns, serveHttp, serveTcp } from '../../test/loopback.ts';
import { type DnsOptions, dns } from './dns.ts';
import { type HttpOptions, http } from './http.ts';
import { type TcpOptions, tcp } from './tcp.ts';
import { type TlsExpiryOptions, tlsExpiry } from './tls-expiry.ts';

const host = '127.0.0.1';
const SLOW_MS = 20;

describeHealthCheck<HttpOptions>('http', {
  kind: http,
  states: ['pass', 'warn', 'fail', 'unknown', 'hang'],
  start: async (state) => {
    const server = await serveHttp((_request, response) => {
      if (state === 'hang') return;
      setTimeout(() => response.end('plantedToken is fine'), state === 'warn' ? SLOW_MS : 0);
    });
    const options: HttpOptions = {
      url: { env: state === 'unknown' ? 'NOT_SET' : 'DESK_URL' },
      headers: { authorization: { env: 'DESK_TOKEN' } },
      ...(state === 'warn' ? { warnAboveMs: 1 } : {}),
      ...(state === 'fail' ? { bodyContains: 'well' } : {}),
    };
    const url = `http://desk:plantedPassword@${host}:${server.port}/health?key=plantedKey`;
    return lookedAtServer(server, options, {
      env: { DESK_URL: url, DESK_TOKEN: 'plantedToken' },
      secrets: ['plantedPassword', 'plantedKey', 'plantedToken'],
    });
  },
  wrongOptions: [
    {
      options: { url: 'plantedPassword', method: 'DELETE', bodyMatches: '(' },
      fields: ['url', 'method', 'bodyMatches'],
    },
  ],
});

describeHealthCheck<TcpOptions>('tcp', {
  kind: tcp,
  states: ['pass', 'warn', 'fail', 'hang'],
  start: async (state) => {
    if (state === 'fail') return lookedAt({ host, port: await closedPort() });
    const server = await serveTcp((socket) => {
      if (state === 'hang') socket.resume();
      else setTimeout(() => socket.end('220 ready\r\n'), state === 'warn' ? SLOW_MS : 0);
    });
    const options = {
      host,
      port: server.port,
      expect: '220',
      ...(state === 'warn' ? { warnAboveMs: 1 } : {}),
    };
    return lookedAtServer(server, options);
  },
  wrongOptions: [{ options: { host: '', port: 0 }, fields: ['host', 'port'] }],
});

describeHealthCheck<DnsOptions>('dns', {
  kind: dns,
  states: ['pass', 'fail', 'hang'],
  start: async (state) => {
    const names = await serveDns(() => (state === 'hang' ? 'silence' : ['10.0.0.1']));
    const expected = state === 'fail' ? ['10.0.0.9'] : ['10.0.0.1'];
    return lookedAtServer(names, { name: 'desk.example', server: names.server, expect: expected });
  },
  wrongOptions: [{ options: { name: '', type: 'PTR' }, fields: ['name', 'type'] }],
});

describeHealthCheck<TlsExpiryOptions>('tls_expiry', {
  kind: tlsExpiry,
  states: ['pass', 'warn', 'fail', 'unknown', 'hang'],
  start: async (state) => {
    if (state === 'hang') {
      const server = await serveTcp();
      return lookedAtServer(server, { host, port: server.port });
    }
    return lookedAtFolder((folder) => {
      const file = join(folder, 'cert.pem');
      writeFileSync(file, state === 'unknown' ? 'none' : longest.pem);
      const beyond = Math.ceil(longest.days) + 1;
      return {
        file,
        failBelowDays: state === 'fail' ? beyond : 0,
        warnBelowDays: state === 'pass' ? 0 : beyond,
      };
    });
  },
  wrongOptions: [{ options: { file: '', failBelowDays: -1 }, fields: ['file', 'failBelowDays'] }],
});

/** A real certificate that is valid for long, whenever these tests run: the last to end of those Node comes with. */
const longest = rootCertificates
  .map((pem) => ({
    pem,
    days: (Date.parse(new X509Certificate(pem).validTo) - CONTRACT_NOW_MS) / 86_400_000,
  }))
  .filter(({ days }) => days < 3_600)
  .reduce((best, one) => (one.days > best.days ? one : best));
