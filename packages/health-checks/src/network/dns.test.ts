import { expect, it } from 'vitest';
import { lookOnce, problemsOf } from '../../test/check-bench.ts';
import { serveDns } from '../../test/loopback.ts';
import { dns, explainDns } from './dns.ts';

const NXDOMAIN = 3;
const SERVFAIL = 2;
const REFUSED = 5;

it('passes when the name has the records it should have', async () => {
  await using names = await serveDns(() => ['10.0.0.1', '10.0.0.2']);
  const { server } = names;
  const finding = await lookOnce(dns({ name: 'desk.example', server, expect: ['10.0.0.2'] }));
  expect(finding).toMatchObject({ status: 'pass', unit: 'ms' });
  expect(finding.message).toMatch(/^desk\.example A: 10\.0\.0\.1, 10\.0\.0\.2 in \d+ ms$/);
});

it('fails when an expected record is missing', async () => {
  await using names = await serveDns(() => ['10.0.0.1']);
  const finding = await lookOnce(dns({ name: 'desk.example', server: names.server, expect: ['10.9.9.9'] }));
  expect(finding).toMatchObject({
    status: 'fail',
    message: 'desk.example A: 10.0.0.1; expected 10.9.9.9 among them',
  });
});

it.for([
  [NXDOMAIN, 'no such name (ENOTFOUND)'],
  [SERVFAIL, 'the name server failed (ESERVFAIL)'],
  [REFUSED, 'the name server refused to answer (EREFUSED)'],
] as const)('fails when the name server says %i', async ([code, words]) => {
  await using names = await serveDns(() => code);
  expect(await lookOnce(dns({ name: 'desk.example', server: names.server }))).toEqual({
    status: 'fail',
    message: `desk.example A: ${words}`,
  });
});

it('fails when the named name server is silent or gone', async () => {
  await using names = await serveDns(() => 'silence');
  const { server } = names;
  expect(await lookOnce(dns({ name: 'desk.example', server, answerWithinMs: 120 }))).toEqual({
    status: 'fail',
    message: 'desk.example A: no answer within 120 ms',
  });
  await names[Symbol.asyncDispose]();
  const gone = await lookOnce(dns({ name: 'desk.example', server, answerWithinMs: 500 }));
  expect(gone.status).toBe('fail');
});

it('warns and fails when the answer takes too long', async () => {
  await using names = await serveDns(() => ['10.0.0.1']);
  const asks = { name: 'desk.example', server: names.server };
  const slow = await lookOnce(dns({ ...asks, warnAboveMs: 0.001 }));
  expect(slow.status).toBe((slow.value ?? 0) > 0 ? 'warn' : 'pass');
});

it('says unknown when it is stopped', async () => {
  const stopped = await lookOnce(dns({ name: 'desk.example' }), { signal: AbortSignal.abort() });
  expect(stopped.status).toBe('unknown');
});

it.for([
  ['EREFUSED', 'unknown'],
  ['EBADRESP', 'unknown'],
  ['ENOTFOUND', 'fail'],
  ['ENODATA', 'fail'],
  ['ESERVFAIL', 'fail'],
  ['ETIMEOUT', 'unknown'],
] as const)('that a name server of this machine says %s is %s', ([code, status]) => {
  expect(explainDns(Object.assign(new Error(code), { code }), { server: undefined }).status).toBe(status);
});

it('names every wrong option at once', () => {
  const said = problemsOf(() => dns({ name: '', answerWithinMs: 1, expect: [''] }));
  for (const name of ['name', 'answerWithinMs', 'expect.0']) expect(said).toContain(name);
});
