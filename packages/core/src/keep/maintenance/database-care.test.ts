import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { type DatabaseCare, optimizeDatabase } from './database-care.ts';

let folder: string;
let path: string;
let database: DatabaseSync;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-care-'));
  path = join(folder, 'x.db');
  database = new DatabaseSync(path);
  database.exec('pragma auto_vacuum = incremental; pragma journal_mode = wal; create table t (x blob)');
  database.exec(
    'with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) insert into t select randomblob(4000) from n',
  );
  database.exec('delete from t where rowid > 100');
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('taking care of a database', () => {
  it('gives free pages back in steps, shortens the log, and loses no row', async () => {
    const report = await optimizeDatabase(careOf(database), new VirtualClock());
    expect(report).toMatchObject({ finished: true, checkpointed: true });
    expect(report.givenBackBytes).toBeGreaterThan(6_000_000);
    expect(report.after.freePages).toBeLessThan(report.after.pages * 0.1);
    expect(statSync(`${path}-wal`).size).toBe(0);
    expect(database.prepare('select count(*) as n from t').get()).toMatchObject({ n: 100 });
    expect(database.prepare('pragma integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
  });

  it('stops when its time is over and goes on at the next run', async () => {
    const clock = new VirtualClock();
    const care = careOf(database);
    let steps = 0;
    const slow: DatabaseCare = {
      ...care,
      giveBack(pages) {
        care.giveBack(pages);
        steps += 1;
        void clock.stall(1000);
      },
    };
    const report = await optimizeDatabase(slow, clock, { budgetMs: 2000 });
    expect(report.finished).toBe(false);
    expect(steps).toBeLessThanOrEqual(3);
    expect((await optimizeDatabase(care, clock)).finished).toBe(true);
  });

  it('leaves a database alone that cannot give pages back, and says when a reader holds the log', async () => {
    const calls: string[] = [];
    const report = await optimizeDatabase(
      {
        refreshStatistics: () => void calls.push('statistics'),
        space: () => ({ pageBytes: 4096, pages: 10, freePages: 9, incremental: false }),
        giveBack: () => void calls.push('give back'),
        checkpoint: () => ({ busy: true, logPages: 5, movedPages: 0 }),
      },
      new VirtualClock(),
    );
    expect(calls).toEqual(['statistics']);
    expect(report).toMatchObject({ checkpointed: false, givenBackBytes: 0 });
  });
});

function careOf(of: DatabaseSync): DatabaseCare {
  const number = (pragma: string) => Number(Object.values(of.prepare(`pragma ${pragma}`).get() ?? {})[0]);
  return {
    refreshStatistics: () => of.exec('pragma optimize'),
    space: () => ({
      pageBytes: number('page_size'),
      pages: number('page_count'),
      freePages: number('freelist_count'),
      incremental: number('auto_vacuum') === 2,
    }),
    giveBack: (pages) => void of.prepare(`pragma incremental_vacuum(${pages})`).all(),
    checkpoint() {
      const row = of.prepare('pragma wal_checkpoint(truncate)').get() ?? {};
      return {
        busy: row['busy'] !== 0,
        logPages: Number(row['log']),
        movedPages: Number(row['checkpointed']),
      };
    },
  };
}
