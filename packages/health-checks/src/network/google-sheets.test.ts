import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '@qts-ops/core/plugin';
import { describeHealthCheck, type LookedAtState } from '@qts-ops/core/testing';
import { describe, expect, it } from 'vitest';
import { callOf, lookOnce, makeCheck, problemsOf } from '../../test/check-bench.ts';
import { lookedAtServer } from '../../test/looked-at.ts';
import { closedPort, type Loopback, serveHttp } from '../../test/loopback.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { loadOptional } from '../look/optional-package.ts';
import { type GoogleSheetsOptions, googleSheets } from './google-sheets.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const account = JSON.stringify({
  type: 'service_account',
  client_email: 'desk@example.com',
  private_key: pem,
});
const key = new Secret('SHEETS_KEY', account);
const spreadsheetId = '1abcDEF-canary_sheet';
const target = 'spreadsheet 1abcDE…';

describe('a spreadsheet', () => {
  it('answers one request for its id, with a token that is asked for once', async () => {
    await using google = await fakeGoogle();
    const check = await makeCheck(googleSheets(google.options));
    for (const _look of [1, 2]) {
      const finding = await check.check(callOf());
      expect(finding).toMatchObject({ status: 'pass', unit: 'ms' });
      expect(finding.message).toMatch(/^spreadsheet 1abcDE…: answers in \d+ ms$/);
    }
    expect(google.asked).toEqual([
      'POST /token',
      `GET /v4/spreadsheets/${spreadsheetId}?fields=spreadsheetId Bearer canary-token`,
      `GET /v4/spreadsheets/${spreadsheetId}?fields=spreadsheetId Bearer canary-token`,
    ]);
  });

  it.for([
    [429, '{}', 'unknown', 'our quota of requests is used up (status 429)'],
    [
      403,
      '{"error":{"status":"RESOURCE_EXHAUSTED"}}',
      'unknown',
      'our quota of requests is used up (status 403)',
    ],
    [
      403,
      '{"error":{"status":"PERMISSION_DENIED"}}',
      'fail',
      'the service account may not read it (status 403)',
    ],
    [404, '{}', 'fail', 'there is no such spreadsheet (status 404)'],
    [401, '{}', 'unknown', 'our credentials are not accepted (status 401)'],
    [503, '{}', 'fail', 'status 503, allowed 200'],
    [
      200,
      '<html>Log in to the hotel network</html>',
      'fail',
      'the answer is not the spreadsheet (status 200)',
    ],
    [200, '{"spreadsheetId":"another"}', 'fail', 'the answer is not the spreadsheet (status 200)'],
  ] as const)('that answers %i %s is %s', async ([code, body, status, words]) => {
    await using google = await fakeGoogle({ sheet: [code, body] });
    expect(await lookOnce(googleSheets(google.options))).toMatchObject({
      status,
      message: `${target}: ${words}`,
    });
  });

  it('asks for another token when the one it has was taken back', async () => {
    const answers: Answer[] = [[200, `{"spreadsheetId":"${spreadsheetId}"}`]];
    await using google = await fakeGoogle({ sheets: answers });
    const check = await makeCheck(googleSheets(google.options));
    const look = async () => (await check.check(callOf())).status;
    expect(await look()).toBe('pass');
    answers.push([401, '{}']);
    expect(await look()).toBe('unknown');
    answers.push([200, `{"spreadsheetId":"${spreadsheetId}"}`]);
    expect(await look()).toBe('pass');
    expect(google.asked.filter((line) => line === 'POST /token')).toHaveLength(2);
  });

  it('fails at the deadline when it hangs, and when nobody answers', async () => {
    await using google = await fakeGoogle({ sheet: 'hang' });
    expect(await lookOnce(googleSheets({ ...google.options, answerWithinMs: 400 }))).toEqual({
      status: 'fail',
      message: `${target}: no answer within 400 ms`,
    });
    await expect.poll(() => google.open()).toBe(0);
    const port = await closedPort();
    const gone = { ...google.options, endpoint: `http://127.0.0.1:${port}` };
    expect((await lookOnce(googleSheets(gone))).message).toContain('connection refused');
  });

  it('warns and fails when it takes too long', async () => {
    await using google = await fakeGoogle();
    const slow = await lookOnce(googleSheets({ ...google.options, warnAboveMs: 0.001 }));
    expect(slow.status).toBe((slow.value ?? 0) > 0 ? 'warn' : 'pass');
  });
});

describe('a token', () => {
  it('that is refused says unknown; a token server that is not well fails', async () => {
    await using refuses = await fakeGoogle({ token: [400, '{"error":"invalid_grant"}'] });
    expect(await lookOnce(googleSheets(refuses.options))).toMatchObject({
      status: 'unknown',
      message: expect.stringContaining('status 400 invalid_grant'),
    });
    expect(refuses.asked).toEqual(['POST /token']);
    await using broken = await fakeGoogle({ token: [500, '{}'] });
    expect((await lookOnce(googleSheets(broken.options))).status).toBe('fail');
    await using gone = await fakeGoogle();
    const tokenEndpoint = `http://127.0.0.1:${await closedPort()}/token`;
    expect(await lookOnce(googleSheets({ ...gone.options, tokenEndpoint }))).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('connection refused'),
    });
  });

  it('is waited for no longer than the deadline', async () => {
    await using google = await fakeGoogle({ token: 'hang' });
    expect(await lookOnce(googleSheets({ ...google.options, answerWithinMs: 400 }))).toMatchObject({
      status: 'fail',
      message: `${target}: no answer within 400 ms`,
    });
    await expect.poll(() => google.open()).toBe(0);
  });
});

it('says unknown while the key cannot be used, shows nothing of it, and goes on when it can', async () => {
  await using google = await fakeGoogle();
  using folder = temporaryFolder();
  const keyFile = join(folder.path, 'key.json');
  const { key: _key, ...options } = google.options;
  const check = await makeCheck(googleSheets({ ...options, keyFile }));
  expect(await check.check(callOf())).toMatchObject({
    status: 'unknown',
    message: expect.stringContaining('the key of the service account cannot be used: does not exist'),
  });
  writeFileSync(keyFile, '{"private_key": canary-key');
  const spoiled = await check.check(callOf());
  expect(spoiled).toMatchObject({ status: 'unknown' });
  expect(spoiled.message).not.toContain('canary-key');
  const broken = account.replace(/MII[A-Za-z]{10}/, 'MIIcanarycan');
  writeFileSync(keyFile, broken);
  const unreadable = await check.check(callOf());
  expect(unreadable.status).toBe('unknown');
  expect(unreadable.message).not.toContain('canary');
  const fresh = await makeCheck(googleSheets({ ...options, keyFile }));
  writeFileSync(keyFile, account);
  expect((await fresh.check(callOf())).status).toBe('pass');
});

const SHEETS: Readonly<Partial<Record<LookedAtState, Answer>>> = {
  fail: [404, '{}'],
  unknown: [429, '{}'],
  hang: 'hang',
};

describeHealthCheck<GoogleSheetsOptions>('google_sheets', {
  kind: googleSheets,
  states: ['pass', 'fail', 'unknown', 'hang'],
  start: async (state) => {
    const sheet = SHEETS[state];
    const google = await fakeGoogle(sheet === undefined ? {} : { sheet });
    const options = { ...google.options, key: { env: 'SHEETS_KEY' } };
    const secrets = ['canary-token', pem.slice(200, 260)];
    return lookedAtServer(google, options, { env: { SHEETS_KEY: account }, secrets });
  },
  wrongOptions: [
    { options: { spreadsheetId: '', endpoint: 'x' }, fields: ['spreadsheetId', 'endpoint', 'keyFile'] },
  ],
});

it('names the install command when the client library is not there', async () => {
  const load = () => import(`${'not-installed'}-anywhere`);
  await expect(loadOptional('not-installed-anywhere', load)).rejects.toThrow(
    'the package not-installed-anywhere is not installed; install it with: npm install not-installed-anywhere',
  );
  await expect(loadOptional('other', load)).rejects.not.toThrow('npm install');
});

it('names every wrong option at once', () => {
  const said = problemsOf(() =>
    googleSheets({ spreadsheetId: 'a/b', endpoint: 'ftp://x', answerWithinMs: 1 }),
  );
  for (const name of ['spreadsheetId', 'endpoint', 'answerWithinMs', 'exactly one of keyFile, key']) {
    expect(said).toContain(name);
  }
});

type Answer = readonly [status: number, body: string] | 'hang';

/** A server that answers like the two of Google, and what it was asked. */
async function fakeGoogle({
  token,
  sheet,
  sheets = [],
}: {
  token?: Answer;
  sheet?: Answer;
  /** The last one is given. */
  sheets?: readonly Answer[];
} = {}): Promise<
  Loopback & {
    readonly asked: readonly string[];
    readonly options: Parameters<typeof googleSheets>[0];
  }
> {
  const asked: string[] = [];
  const server = await serveHttp((request, response) => {
    const isToken = request.url === '/token';
    const authorization = request.headers.authorization;
    asked.push(`${request.method} ${request.url}${authorization === undefined ? '' : ` ${authorization}`}`);
    const answer = isToken
      ? (token ?? [200, '{"access_token":"canary-token","expires_in":3600,"token_type":"Bearer"}'])
      : (sheet ?? sheets.at(-1) ?? [200, `{"spreadsheetId":"${spreadsheetId}"}`]);
    if (answer === 'hang') return;
    response.writeHead(answer[0], { 'content-type': 'application/json' }).end(answer[1]);
  });
  return {
    ...server,
    asked,
    options: { spreadsheetId, key, endpoint: server.url, tokenEndpoint: `${server.url}/token` },
  };
}
