import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cliInProcess, cliWith } from './cli-in-process.ts';
import { startCli, temporaryFolder } from './cli-process.ts';

const slow = { timeout: 120_000 };
const poll = { timeout: 60_000, interval: 20 };
const GIB = 2 ** 30;
let home: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  home = temporaryFolder();
  mkdirSync(join(home.path, 'data/raw'), { recursive: true });
  writeFileSync(join(home.path, 'qts-ops.config.ts'), CONFIG);
});
afterEach(() => home[Symbol.dispose]());

const CONFIG = `export default {
  instance: 'desk-1',
  targets: [{ id: "noop", on: "demand", run: () => undefined }],
  backup: { to: './backups', sources: ['./data'] },
  retention: [{ match: 'raw/**', keepDays: 7, quiet: 0 }],
};`;

describe('a long act that is asked to end', () => {
  it.each([
    ['backup run', 'SIGINT', 130],
    ['maintenance run', 'SIGTERM', 143],
  ] as const)(
    '%s ends in order at %s, frees the lock and leaves no partial',
    slow,
    async (act, signal, exitCode) => {
      const file = await endlessSource(act);
      await using running = startCli(home.path, ...act.split(' '), '--reason', 'a test of stopping');
      await expect.poll(partials, poll).not.toEqual([]);
      running.kill(signal);
      const { err, ...end } = await running.ended;
      expect({ ...end, err }).toMatchObject({ exitCode, signal: null, out: '' });
      expect(err).toContain(`asked to end by ${signal}; ending in order (ask again to end at once)`);
      expect(err).toContain('BAT-0506');
      expect(partials()).toEqual([]);
      expect(existsSync(file)).toBe(true);
      const left = JSON.parse(readFileSync(join(home.path, '.qts-ops/maintenance/keep-state.json'), 'utf8'));
      expect(left.notes).toContainEqual(expect.objectContaining({ source: 'data', code: 'BAT-0506' }));
      shorten(file);
      expect(await cliInProcess(home.path, 'backup', 'run')).toMatchObject({ exitCode: 0 });
    },
  );

  it('ends at once when it is asked again, and the next run removes what is left', slow, async () => {
    const file = await endlessSource('backup run');
    await using running = startCli(home.path, 'backup', 'run');
    await expect.poll(partials, poll).not.toEqual([]);
    running.kill('SIGINT');
    running.kill('SIGTERM');
    expect([130, 143]).toContain((await running.ended).exitCode);
    shorten(file);
    expect(await cliInProcess(home.path, 'backup', 'run')).toMatchObject({ exitCode: 0 });
    expect(partials()).toEqual([]);
  });

  it.each([
    ['drill', '--here'],
    ['backup', 'verify', 'latest'],
    ['restore', '--to', 'again'],
    ['maintenance', 'run', '--reason', 'a test of stopping'],
  ])('%s %s says so with the exit code of the signal, and can be asked for again', slow, async (...args) => {
    writeOld('raw/old.jsonl');
    expect(await cliInProcess(home.path, 'backup', 'run')).toMatchObject({ exitCode: 0 });
    const onEndRequest = (listener: (signal: string) => void) => {
      listener('SIGINT');
      return () => undefined;
    };
    const stopped = await cliWith({ onEndRequest }, home.path, ...args);
    expect(stopped).toMatchObject({ exitCode: 130, err: expect.stringContaining('BAT-0506') });
    expect(existsSync(join(home.path, 'data/raw/old.jsonl'))).toBe(true);
    expect(await cliInProcess(home.path, ...args)).toMatchObject({ exitCode: 0 });
  });

  it('ends its process at the second request without waiting for anything', slow, async () => {
    writeOld('raw/old.jsonl');
    const ends: number[] = [];
    const twice = (listener: (signal: string) => void) => {
      listener('SIGINT');
      listener('SIGINT');
      return () => undefined;
    };
    const changes = { onEndRequest: twice, endNow: (code: number) => void ends.push(code) };
    const { err } = await cliWith(changes, home.path, 'backup', 'run');
    expect(ends).toEqual([130]);
    expect(err).toContain('ended at once; the next run removes what is left behind');
  });
});

/** A file that takes minutes to pack and hardly any room; a backup before it shows how well it shrinks. */
async function endlessSource(act: string): Promise<string> {
  const file = join(home.path, 'data', act.startsWith('maintenance') ? 'raw/endless.bin' : 'endless.bin');
  writeFileSync(join(home.path, 'data/zeros.bin'), new Uint8Array(2 ** 20));
  expect(await cliInProcess(home.path, 'backup', 'run')).toMatchObject({ exitCode: 0 });
  writeFileSync(file, '');
  truncateSync(file, 100 * GIB);
  age(file);
  return file;
}

function shorten(file: string): void {
  truncateSync(file, 10);
}

function partials(): readonly string[] {
  return readdirSync(join(home.path, 'backups')).filter((name) => name.includes('.partial.'));
}

function writeOld(path: string): void {
  writeFileSync(join(home.path, 'data', path), 'old\n');
  age(join(home.path, 'data', path));
}

function age(file: string): void {
  const at = Date.now() / 1000 - 20 * 86_400;
  utimesSync(file, at, at);
}
