import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '@qts-ops/core/plugin';
import { describe, expect, it } from 'vitest';
import { callOf, lookOnce, makeCheck, problemsOf } from '../../test/check-bench.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { exec } from './exec.ts';

const PLUGINS = '/usr/lib/nagios/plugins';

const shell = (script: string, more: object = {}) => exec({ file: '/bin/sh', args: ['-c', script], ...more });

it.for([
  [0, 'pass'],
  [1, 'warn'],
  [2, 'fail'],
  [3, 'unknown'],
] as const)('takes exit code %i as %s', async ([code, status]) => {
  expect(await lookOnce(shell(`echo 'DISK state'; exit ${code}`))).toMatchObject({
    status,
    message: 'sh: DISK state',
  });
});

it('says unknown for every other end', async () => {
  expect(await lookOnce(shell('echo odd; exit 7'))).toEqual({
    status: 'unknown',
    message: 'sh: ended with 7, allowed 0 to 3: odd',
  });
  expect((await lookOnce(shell('kill -9 $$'))).message).toBe('sh: was ended by SIGKILL');
  expect(await lookOnce(exec({ file: '/nowhere/check_x' }))).toEqual({
    status: 'unknown',
    message: 'check_x: the program, or its folder, does not exist (ENOENT)',
  });
  expect((await lookOnce(shell('exit 0'))).message).toBe('sh: said nothing');
});

it('keeps the numbers a plugin prints, of all lines', async () => {
  const script = "printf 'OK | load=0.5;1;2;0\\nlong text | /=23MB;50:;@0:30\\n/var=12%%\\n'";
  expect(await lookOnce(shell(script))).toMatchObject({
    status: 'pass',
    message: 'sh: OK',
    value: 0.5,
    observations: [
      { id: 'load', value: 0.5, unit: '' },
      { id: '/', value: 23, unit: 'MB' },
      { id: '/var', value: 12, unit: '%' },
    ],
    details: {
      perfdata: [{ label: 'load', warn: '1', crit: '2', min: 0 }, { label: '/', alerts: 'crit' }, {}],
    },
  });
});

describe('a plugin that does not end', () => {
  it.for([
    ['one that waits', 'wait'],
    ['one that ignores being told to end and floods us', "trap '' TERM; while :; do echo flood; done"],
  ] as const)('%s is killed at the deadline with everything it started', async ([_title, then]) => {
    using folder = temporaryFolder();
    const pidFile = join(folder.path, 'pid');
    const isBegun = () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '';
    const script = `sleep 60 & echo $! > ${pidFile}; ${then}`;
    // A deadline that a busy machine cannot begin within is tried again with more time.
    for (let answerWithinMs = 400; !isBegun(); answerWithinMs *= 4) {
      expect(await lookOnce(shell(script, { answerWithinMs }))).toEqual({
        status: 'unknown',
        message: expect.stringMatching(/^sh: no answer within [\d.]+ (?:ms|s)$/),
      });
    }
    await expect.poll(() => isRunning(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
  });

  it('leaves nothing behind when only what it started goes on', async () => {
    using folder = temporaryFolder();
    const pidFile = join(folder.path, 'pid');
    const finding = await lookOnce(shell(`sleep 60 & echo $! > ${pidFile}; echo fine`));
    expect(finding).toMatchObject({ status: 'pass', message: 'sh: fine' });
    await expect.poll(() => isRunning(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
  });

  it('is killed when the engine ends', async () => {
    using folder = temporaryFolder();
    const begun = join(folder.path, 'begun');
    const ends = new AbortController();
    const check = await makeCheck(shell(`echo $$ > ${begun}; exec sleep 60`));
    const look = check.check(callOf({ signal: ends.signal }));
    await expect.poll(() => existsSync(begun) && readFileSync(begun, 'utf8') !== '').toBe(true);
    ends.abort();
    expect((await look).status).toBe('unknown');
    await expect.poll(() => isRunning(Number(readFileSync(begun, 'utf8')))).toBe(false);
  });
});

it('bounds what it keeps and cleans what it shows', async () => {
  const flood = await lookOnce(
    shell("printf '\\033[31mred\\007 text\\n'; head -c 3000000 /dev/zero | tr '\\0' x"),
  );
  expect(flood).toMatchObject({ status: 'pass', message: 'sh: red text' });
});

it('passes on no more of the environment than it must, and shows no secrets', async () => {
  using folder = temporaryFolder();
  const seen = join(folder.path, 'env');
  process.env['QTS_CANARY'] = 'canary-env';
  const secret = new Secret('TOKEN', 'canary-token');
  const plugin = shell(`env > ${seen}; echo "token $TOKEN"`, { env: { TOKEN: secret } });
  const finding = await lookOnce(plugin, {}, { secrets: [secret] });
  delete process.env['QTS_CANARY'];
  expect(finding.message).toBe('sh: token [secret]');
  const names = readFileSync(seen, 'utf8')
    .split('\n')
    .map((line) => line.split('=')[0]);
  expect(names).toContain('TOKEN');
  expect(names).not.toContain('QTS_CANARY');
});

it('runs the real plugins of the operating system', async ({ skip }) => {
  const plugin = join(PLUGINS, 'check_disk');
  skip(!existsSync(plugin), `${plugin} is absent; install the package monitoring-plugins-basic`);
  const finding = await lookOnce(exec({ file: plugin, args: ['-w', '1%', '-c', '0%', '-p', '/'] }));
  expect(finding.status).toBe('pass');
  expect(finding.observations?.length).toBeGreaterThan(0);
});

it('runs a script of the user', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'check_desk');
  writeFileSync(file, '#!/bin/sh\necho "DESK WARNING: $1 in $(basename "$PWD")"\nexit 1\n', { mode: 0o755 });
  const finding = await lookOnce(exec({ file, args: ['3 gaps'], cwd: '/tmp' }));
  expect(finding).toMatchObject({ status: 'warn', message: 'check_desk: DESK WARNING: 3 gaps in tmp' });
});

it('names every wrong option at once', () => {
  const said = problemsOf(() => exec({ file: '', env: { 'A B': 'x' }, answerWithinMs: 1 }));
  for (const name of ['file', 'env', 'answerWithinMs']) expect(said).toContain(name);
});

function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
