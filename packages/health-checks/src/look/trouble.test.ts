import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { closedPort } from '../../test/loopback.ts';
import { networkVerdict } from './trouble.ts';

const coded = (code: string) => Object.assign(new Error(code), { code });

it('a host of several addresses that refuses is at fault, whatever the other ways say', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  connect({
    host: 'desk.example',
    port: await closedPort(),
    lookup: (_name, _options, done) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ]),
  }).on('error', resolve);
  const refused = await promise;
  expect(refused).toBeInstanceOf(AggregateError);
  expect(networkVerdict(refused).status).toBe('fail');
  const mixed = Object.assign(new AggregateError([coded('ENETUNREACH'), coded('ECONNREFUSED')]), {
    code: 'ENETUNREACH',
  });
  expect(networkVerdict(mixed)).toEqual({ status: 'fail', reason: 'connection refused (ECONNREFUSED)' });
  const cutOff = Object.assign(new AggregateError([coded('ENETUNREACH')]), { code: 'ENETUNREACH' });
  expect(networkVerdict(cutOff).status).toBe('unknown');
});

it.for([
  ['CERT_REVOKED', 'fail'],
  ['INVALID_PURPOSE', 'fail'],
  ['HOSTNAME_MISMATCH', 'fail'],
  ['CRL_HAS_EXPIRED', 'unknown'],
  ['EAI_AGAIN', 'unknown'],
  ['EMFILE', 'unknown'],
  ['HPE_HEADER_OVERFLOW', 'fail'],
] as const)('%s is %s', ([code, status]) => {
  expect(networkVerdict(coded(code)).status).toBe(status);
});
