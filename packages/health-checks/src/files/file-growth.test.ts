import { copyFileSync, existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { callOf, lookOnce, makeCheck, problemsOf } from '../../test/check-bench.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { fileGrowth } from './file-growth.ts';

/** The folder named in QTS_MARKET_DATA, else a folder named shared/data/market beside the repository. */
const repository = resolve(import.meta.dirname, '../../../..');
const marketData = process.env['QTS_MARKET_DATA'] ?? join(repository, '..', 'shared', 'data', 'market');

const HOUR_MS = 3_600_000;
const NOW = Date.parse('2026-02-02T06:00:00Z');

it('fails for an hourly file of 30 lines after hours of more than 20,000, though the process is well', async () => {
  using folder = temporaryFolder();
  for (const [hour, rows] of [20_431, 24_002, 21_777, 30].entries()) {
    writeRows(join(folder.path, `scalp-${hour}.jsonl`), rows, NOW - (4 - hour) * HOUR_MS);
  }
  const finding = await lookOnce(fileGrowth({ folder: folder.path, match: 'scalp-*.jsonl' }), { nowMs: NOW });
  expect(finding).toMatchObject({ status: 'fail', value: 30 });
  expect(finding.message).toBe(
    'scalp-3.jsonl: 30 rows, 0.1 % of 21,777 rows (middle of 3 earlier files), allowed from 10 %',
  );
});

it('passes for an ordinary hour, warns for a thin one and for a flood if asked', async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  for (const hour of [0, 1, 2]) writeRows(join(path, `${hour}.jsonl`), 1_000, NOW - (4 - hour) * HOUR_MS);
  const look = async (rows: number) => {
    writeRows(join(path, '3.jsonl'), rows, NOW);
    return (await lookOnce(fileGrowth({ folder: path, warnAbovePercent: 300 }), { nowMs: NOW })).status;
  };
  expect(await look(900)).toBe('pass');
  expect(await look(300)).toBe('warn');
  expect(await look(99)).toBe('fail');
  expect(await look(5_000)).toBe('warn');
});

it('compares a file that is still being written with what it should have by now', async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  for (const hour of [0, 1, 2]) writeRows(join(path, `${hour}.jsonl`), 1_000, NOW - (2 - hour) * HOUR_MS);
  writeRows(join(path, '3.jsonl'), 240, NOW + HOUR_MS / 4);
  const check = fileGrowth({ folder: path, periodMs: HOUR_MS });
  const at = async (share: number) => lookOnce(check, { nowMs: NOW + share * HOUR_MS });
  expect(await at(0.05)).toMatchObject({
    status: 'pass',
    message: expect.stringContaining('too early to compare'),
  });
  expect(await at(0.25)).toMatchObject({
    status: 'pass',
    message: expect.stringContaining('96 % of 250 rows'),
  });
  expect((await at(0.75)).status).toBe('warn');
});

it('compares bytes, and with a given number', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'one.bin'), Buffer.alloc(12_000));
  const look = (expected: number) =>
    lookOnce(fileGrowth({ folder: folder.path, measure: 'bytes', expected }));
  expect((await look(12_000)).status).toBe('pass');
  expect(await look(9_000_000)).toMatchObject({
    status: 'fail',
    unit: 'B',
    message: 'one.bin: 12 kB, 0.1 % of 9 MB (expected), allowed from 10 %',
  });
});

it('says unknown without earlier files and fails without any', async () => {
  using folder = temporaryFolder();
  const look = () => lookOnce(fileGrowth({ folder: folder.path }));
  expect((await look()).message).toContain('there is no file');
  writeRows(join(folder.path, 'first.jsonl'), 10, NOW);
  expect(await look()).toMatchObject({
    status: 'unknown',
    message: 'first.jsonl: 10 rows; needs 2 earlier files to compare with, has 0',
  });
  expect((await lookOnce(fileGrowth({ folder: join(folder.path, 'absent') }))).status).toBe('fail');
});

it('counts rows with anything in them, and sees at the next look what was added', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'a.jsonl');
  const check = await makeCheck(fileGrowth({ folder: folder.path, expected: 3 }));
  writeFileSync(path, 'one\n\ntwo\nthree without an end');
  expect((await check.check(callOf())).value).toBe(3);
  writeFileSync(path, 'one\n\ntwo\nthree without an end\nfour\n\n');
  expect((await check.check(callOf())).value).toBe(4);
});

it('finds a cut copy of real minute bars', async ({ skip }) => {
  const source = join(marketData, 'intraday.csv');
  skip(!existsSync(source), `${source} is absent; set QTS_MARKET_DATA to a folder that holds intraday.csv`);
  using folder = temporaryFolder();
  for (const day of [1, 2, 3]) {
    const path = join(folder.path, `day-${day}.csv`);
    copyFileSync(source, path);
    utimesSync(path, (NOW - (4 - day) * HOUR_MS) / 1_000, (NOW - (4 - day) * HOUR_MS) / 1_000);
  }
  const look = () => lookOnce(fileGrowth({ folder: folder.path, match: '*.csv' }), { nowMs: NOW });
  expect((await look()).status).toBe('pass');
  writeRows(join(folder.path, 'day-4.csv'), 30, NOW);
  expect((await look()).status).toBe('fail');
});

it('names every wrong option at once', () => {
  const said = problemsOf(() =>
    fileGrowth({ folder: '', expected: -1, warnBelowPercent: 5, failBelowPercent: 9 }),
  );
  for (const name of ['folder', 'expected', 'warnBelowPercent: must not be below failBelowPercent']) {
    expect(said).toContain(name);
  }
});

function writeRows(path: string, rows: number, mtimeMs: number): void {
  writeFileSync(path, '{"price":71000}\n'.repeat(rows));
  utimesSync(path, mtimeMs / 1_000, mtimeMs / 1_000);
}
