import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileSource } from './bar-sources.ts';
import { countRows } from './counts.ts';
import { runBatch } from './desk-run.ts';
import { temporaryFolder } from './desk-testing.ts';

/** Daily bars make thousands of files: they go into memory where there is such a place, because disks make them slowly. */
const quickPlace = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** The folder named in QTS_MARKET_DATA, else a folder named shared/data/market beside the repository. */
const repository = resolve(import.meta.dirname, '../../..');
const marketData = process.env['QTS_MARKET_DATA'] ?? join(repository, '..', 'shared', 'data', 'market');

describe('real bars', () => {
  it.for(['intraday.csv', 'bitcoin.csv'])(
    'consumes every row of %s and writes as many of each kind',
    async (name, { skip }) => {
      const path = join(marketData, name);
      skip(!existsSync(path), `${path} is absent; set QTS_MARKET_DATA to a folder that holds ${name}`);
      using folder = temporaryFolder(quickPlace);
      const source = fileSource(path);
      let ended = '';
      while (ended !== 'source-exhausted') {
        ({ ended } = await runBatch({ dataDir: folder.path, source, batch: 400 }));
      }
      const rows = dataRows(path);
      const kind = { rows, missing: 0, duplicates: 0, unreadable: 0, uncommitted: 0 };
      expect(rows).toBeGreaterThan(1_000);
      expect(await countRows(folder.path)).toEqual({
        sourceId: source.id,
        bars: rows,
        rejectedRows: 0,
        kinds: { raw_snapshot: kind, pattern_record: kind, decision_snapshot: kind },
        complete: true,
      });
    },
  );

  it('finds no usable bar in bad.csv and says so instead of going on empty', ({ skip }) => {
    const path = join(marketData, 'bad.csv');
    skip(!existsSync(path), `${path} is absent; set QTS_MARKET_DATA to a folder that holds bad.csv`);
    expect(() => fileSource(path)).toThrow(`(${dataRows(path)} rows rejected; line 2: date "01/03/2017"`);
  });
});

/** Counts rows without the reader under test: lines with text, less the header. */
function dataRows(path: string): number {
  return (
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '').length - 1
  );
}
