import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lookOnce, problemsOf } from '../../test/check-bench.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { fileAge } from './file-age.ts';

const NOW = Date.parse('2026-11-20T03:00:00Z');
const minutesAgo = (minutes: number) => NOW - minutes * 60_000;

it('passes for a young file, warns for an older one and fails for an old one', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'quotes.jsonl');
  const look = (ageMinutes: number) => {
    write(path, minutesAgo(ageMinutes));
    return lookOnce(fileAge({ path, warnAboveMs: 120_000, failAboveMs: 600_000 }), { nowMs: NOW });
  };
  expect(await look(1)).toEqual({
    status: 'pass',
    message: `${path}: last changed 60 s ago, allowed up to 10 min`,
    value: 60,
    unit: 's',
  });
  expect((await look(5)).status).toBe('warn');
  expect((await look(11)).status).toBe('fail');
  expect(await look(-5)).toMatchObject({
    status: 'warn',
    message: expect.stringContaining('a clock is wrong'),
  });
});

it('takes the newest file of a folder that matches', async () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'a/b'), { recursive: true });
  write(join(folder.path, 'a/b/old.jsonl'), minutesAgo(60));
  write(join(folder.path, 'a/new.jsonl'), minutesAgo(1));
  write(join(folder.path, 'a/b/other.csv'), minutesAgo(0));
  const look = (match: string) =>
    lookOnce(fileAge({ folder: folder.path, match, failAboveMs: 600_000 }), { nowMs: NOW });
  expect((await look('**/*.jsonl')).status).toBe('pass');
  expect((await look('a/b/*.jsonl')).status).toBe('fail');
  expect(await look('*.txt')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('there is no file'),
  });
});

it('fails when the folder or file is not there', async () => {
  using folder = temporaryFolder();
  const absent = join(folder.path, 'absent');
  expect((await lookOnce(fileAge({ path: absent, failAboveMs: 1 }))).status).toBe('fail');
  expect((await lookOnce(fileAge({ folder: absent, failAboveMs: 1 }))).message).toContain('does not exist');
});

it('expects nothing outside of hours, and counts from their beginning', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'quotes.jsonl');
  write(path, Date.parse('2026-11-19T06:30:00Z'));
  const hours = { timeZone: 'Asia/Seoul', from: '09:00', to: '15:30' };
  const at = (time: string) =>
    lookOnce(fileAge({ path, failAboveMs: 60_000, hours }), { nowMs: Date.parse(time) });
  expect(await at('2026-11-19T23:59:00Z')).toMatchObject({
    message: expect.stringContaining('nothing is expected'),
  });
  expect((await at('2026-11-20T00:00:30Z')).status).toBe('pass');
  expect(await at('2026-11-20T00:02:00Z')).toMatchObject({
    status: 'fail',
    message: `${path}: not changed since the beginning 2 min ago, allowed up to 60 s`,
  });
  const since = fileAge({ path, failAboveMs: 60_000, openSince: (nowMs) => nowMs - 30_000 });
  expect((await lookOnce(since, { nowMs: NOW })).status).toBe('pass');
});

it('says unknown when a calendar of the user throws', async () => {
  const openSince = () => {
    throw new Error('no calendar for 2030');
  };
  expect(await lookOnce(fileAge({ path: import.meta.filename, failAboveMs: 1, openSince }))).toMatchObject({
    status: 'unknown',
    message: expect.stringContaining('no calendar for 2030'),
  });
});

it('names every wrong option at once', () => {
  const said = problemsOf(() =>
    fileAge({
      path: 'a',
      folder: 'b',
      failAboveMs: 0,
      hours: { timeZone: 'Mars/Base', from: '9', to: '10:00' },
    }),
  );
  for (const name of ['failAboveMs', 'hours.timeZone', 'hours.from', 'exactly one of path, folder']) {
    expect(said).toContain(name);
  }
});

function write(path: string, mtimeMs: number): void {
  writeFileSync(path, 'x\n');
  utimesSync(path, mtimeMs / 1_000, mtimeMs / 1_000);
}

it('counts from the end of a sleep of this machine, which mends nothing', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'feed.jsonl');
  writeFileSync(path, '{}\n');
  const atMs = Date.parse('2026-11-20T03:00:00Z');
  utimesSync(path, atMs / 1_000, atMs / 1_000);
  const gap = { reason: 'suspended', fromMs: atMs + 1_000, toMs: atMs + 3_600_000 } as const;
  const look = (afterMs: number, status: 'pass' | 'fail') =>
    lookOnce(fileAge({ path, failAboveMs: 60_000 }), {
      gap,
      nowMs: gap.toMs + afterMs,
      previous: { status, message: '' },
    });
  expect(await look(5_000, 'pass')).toMatchObject({
    status: 'pass',
    message: `${path}: not changed since this machine woke 5 s ago, allowed up to 60 s`,
  });
  expect((await look(61_000, 'pass')).status).toBe('fail');
  expect((await look(5_000, 'fail')).status).toBe('fail');
});

it.for([[Number.NaN], [Date.now() + 86_400_000], [null], [Promise.resolve(0)]] as const)(
  'says unknown when a calendar of the user gives %s',
  async ([given]) => {
    using folder = temporaryFolder();
    // What a calendar written in JavaScript may give.
    const openSince = (() => given) as unknown as () => number;
    const finding = await lookOnce(
      fileAge({ path: join(folder.path, 'none'), failAboveMs: 60_000, openSince }),
    );
    expect(finding).toMatchObject({ status: 'unknown', message: expect.stringContaining('openSince gave') });
  },
);
