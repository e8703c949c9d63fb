import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '@qts-ops/core/plugin';
import { expect, it } from 'vitest';
import { callOf, lookOnce, makeCheck, problemsOf } from '../../test/check-bench.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { logPattern } from './log-pattern.ts';

const NOW = 1_800_000_000_000;

it('counts what is new and matches, and forgets it after the window', async () => {
  using log = aLog('old ERROR\n');
  const check = await makeCheck(
    logPattern({ path: log.path, pattern: 'ERROR', warnAbove: 0, failAbove: 1, windowMs: 60_000 }),
  );
  const at = (ms: number) => check.check(callOf({ nowMs: NOW + ms }));
  expect(await at(0)).toMatchObject({ status: 'pass', value: 0 });
  appendFileSync(log.path, 'a line\nan ERROR\nhalf an ERR');
  expect(await at(1_000)).toMatchObject({ status: 'warn', value: 1, details: { lastMatch: 'an ERROR' } });
  appendFileSync(log.path, 'OR\n');
  expect(await at(2_000)).toMatchObject({
    status: 'fail',
    message: `${log.path}: 2 matching lines within 60 s, allowed up to 1`,
  });
  expect(await at(3_000)).toMatchObject({ status: 'fail', value: 2 });
  expect(await at(61_500)).toMatchObject({ status: 'warn', value: 1 });
  expect(await at(90_000)).toMatchObject({ status: 'pass', value: 0 });
});

it('reads from the begin if asked, and leaves out what is ignored', async () => {
  using log = aLog('ERROR one\nerror two\nERROR three (known)\n');
  const counts = { path: log.path, pattern: 'error', ignore: 'known', from: 'begin' as const };
  expect(await lookOnce(logPattern(counts))).toMatchObject({ value: 1 });
  expect(await lookOnce(logPattern({ ...counts, ignoreCase: true }))).toMatchObject({
    value: 2,
    status: 'fail',
  });
});

it('follows a renamed log and reads the rest of it', async () => {
  using log = aLog('start\n');
  const check = await makeCheck(logPattern({ path: log.path, pattern: 'ERROR' }));
  await check.check(callOf());
  appendFileSync(log.path, 'ERROR before\n');
  renameSync(log.path, `${log.path}.1`);
  writeFileSync(log.path, 'ERROR after\n');
  expect((await check.check(callOf())).value).toBe(2);
  appendFileSync(log.path, 'ERROR later\n');
  expect((await check.check(callOf())).value).toBe(3);
});

it('reads a log that was copied and cut from its beginning', async () => {
  using log = aLog('a long first line that is there from the start\n');
  const check = await makeCheck(logPattern({ path: log.path, pattern: 'ERROR' }));
  await check.check(callOf());
  copyFileSync(log.path, `${log.path}.1`);
  truncateSync(log.path);
  appendFileSync(log.path, 'ERROR\n');
  expect((await check.check(callOf())).value).toBe(1);
});

it('notices a log that was cut and has grown beyond its old length since', async () => {
  using log = aLog('short\n');
  const check = await makeCheck(logPattern({ path: log.path, pattern: 'ERROR' }));
  await check.check(callOf());
  truncateSync(log.path);
  appendFileSync(log.path, 'ERROR one\nERROR two\n');
  expect((await check.check(callOf())).value).toBe(2);
});

it('says unknown while there is no log, and goes on when it is back', async () => {
  using log = aLog('start\n');
  const check = await makeCheck(logPattern({ path: log.path, pattern: 'ERROR' }));
  await check.check(callOf());
  rmSync(log.path);
  expect(await check.check(callOf())).toEqual({
    status: 'unknown',
    message: `${log.path}: does not exist (ENOENT)`,
  });
  writeFileSync(log.path, 'ERROR\n');
  expect((await check.check(callOf())).value).toBe(1);
});

it('passes over what is too much and says so, and cuts long lines', async () => {
  using log = aLog('');
  const check = await makeCheck(logPattern({ path: log.path, pattern: 'ERROR', failAbove: 5 }));
  await check.check(callOf());
  appendFileSync(log.path, `ERROR\n${'x'.repeat(9_000_000)}ERROR\nERROR\n`);
  const finding = await check.check(callOf());
  expect(finding).toMatchObject({ value: 1 });
  expect(finding.message).toContain('were too much to read');
});

it('shows no secrets of the log', async () => {
  using log = aLog('');
  const secrets = [new Secret('TOKEN', 'canary-token')];
  const check = await makeCheck(logPattern({ path: log.path, pattern: 'ERROR' }), { secrets });
  await check.check(callOf());
  appendFileSync(log.path, 'ERROR canary-token refused\n');
  expect((await check.check(callOf())).details).toEqual({ lastMatch: 'ERROR [secret] refused' });
});

it('names every wrong option at once', () => {
  const said = problemsOf(() =>
    logPattern({ path: '', pattern: '(', windowMs: 0, warnAbove: 2, failAbove: 1 }),
  );
  for (const name of [
    'path',
    'pattern: is no regular expression',
    'windowMs',
    'warnAbove: must not be above failAbove',
  ]) {
    expect(said).toContain(name);
  }
});

function aLog(text: string): Disposable & { readonly path: string } {
  const folder = temporaryFolder();
  const path = join(folder.path, 'desk.log');
  writeFileSync(path, text);
  return { path, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

it('does not wait at a named pipe, which nobody may ever write to', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'desk.log');
  execFileSync('mkfifo', [path]);
  expect(await lookOnce(logPattern({ path, pattern: 'ERROR', answerWithinMs: 60_000 }))).toMatchObject({
    status: 'unknown',
    message: `${path}: is no ordinary file`,
  });
});
