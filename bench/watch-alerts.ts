import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withFolder } from './bench-folder.ts';
import { type Bench, type BenchRow, type Effort, median, quantile, timed } from './bench-row.ts';
import { openSyncedFile } from './disk-limit.ts';
import { openWatchAlerts, raiseOf } from './watch-alert-desk.ts';
import type { OpenAlertsMemory } from './watch-memory-child.ts';

/** What an alert costs: until it is on the disk, until it is told, and while it is open. */
export const watchAlerts: Bench = {
  name: 'watch-alerts',
  about:
    'alerts: from the raise to the disk, notices a second out of the outbox, memory of 10,000 open episodes',
  run: async (effort) => [
    ...(await withFolder((folder) => measureRaise(folder, effort))),
    ...(await withFolder((folder) => measureOutbox(folder, effort))),
    await withFolder((folder) => measureMemory(folder, effort)),
  ],
};

/** Interleaved: one raise, one commit of one row, so that a busy disk slows both. */
async function measureRaise(folder: string, effort: Effort): Promise<readonly BenchRow[]> {
  const count = effort === 'full' ? 3000 : 200;
  await using desk = await openWatchAlerts(join(folder, 'alerts.db'), { channels: ['mail', 'slack'] });
  using raw = openOneRow(join(folder, 'raw.db'));
  const raised: number[] = [];
  const committed: number[] = [];
  for (let n = 0; n < count; n++) {
    raised.push(await timed(() => desk.alerts.signal(raiseOf(`raise:${n}`))));
    committed.push(await timed(() => raw.commit()));
  }
  return [
    { id: 'raise-p50', name: 'half of all', share: 0.5, goal: 5 },
    { id: 'raise-p99', name: '99 of 100', share: 0.99, goal: 20 },
  ].map(({ id, name, share, goal }) => ({
    id,
    name: `from the raise until episode, history and one notice for each of two channels are durable, ${name}`,
    value: quantile(raised, share),
    unit: 'ms',
    better: 'less',
    limit: { name: 'one SQLite commit of one row at FULL', value: quantile(committed, share) },
    goal,
    note: `${count.toLocaleString('en')} raises of different alerts, one after another, none told meanwhile`,
  }));
}

/** A channel that takes everything at once, so that only the outbox is measured: a lease and a mark for each notice. */
async function measureOutbox(folder: string, effort: Effort): Promise<readonly BenchRow[]> {
  const { rounds, count } = effort === 'full' ? { rounds: 5, count: 500 } : { rounds: 1, count: 100 };
  const synced = openSyncedFile(join(folder, 'synced'));
  const rates: number[] = [];
  const limits: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await using desk = await openWatchAlerts(join(folder, `${round}.db`), { channels: ['loopback'] });
    await desk.alerts.signal(...Array.from({ length: count }, (_, n) => raiseOf(`outbox:${n}`)));
    const tookMs = await timed(async () => {
      desk.alerts.start();
      await desk.told(count);
    });
    rates.push((count * 1000) / tookMs);
    limits.push((count * 1000) / (await timed(() => synced.sync(2 * count))));
  }
  synced.close();
  return [
    {
      id: 'outbox',
      name: 'notices out of the outbox through one channel that takes them at once: leased, sent, marked, one after another',
      value: median(rates),
      unit: 'notices/s',
      better: 'more',
      limit: { name: 'two syncs of one overwritten page, nothing else', value: median(limits) },
      goal: 200,
      note: 'each notice is leased in a commit before it is sent and marked in another one after it',
    },
  ];
}

/** In a process of its own, whose memory is that of nothing else. */
async function measureMemory(folder: string, effort: Effort): Promise<BenchRow> {
  const count = effort === 'full' ? 10_000 : 1000;
  const child = fileURLToPath(new URL('./watch-memory-child.ts', import.meta.url));
  const options = ['--expose-gc', '--conditions=@qts-ops/source', child, join(folder, 'open.db'), `${count}`];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  // Only the child writes here.
  const { heapBytes, residentBytes, open } = JSON.parse(stdout) as OpenAlertsMemory;
  return {
    id: `memory-${count}`,
    name: `heap of ${open.toLocaleString('en')} open episodes, all told through one channel`,
    value: heapBytes / 1048576,
    unit: 'MiB',
    better: 'less',
    goal: 64,
    note: `${(heapBytes / open / 1024).toFixed(1)} KiB each; the whole process grew by ${Math.round(residentBytes / 1048576)} MiB`,
  };
}

interface OneRow extends Disposable {
  commit(): void;
}

/** What a commit cannot be cheaper than on this database and this disk. */
function openOneRow(path: string): OneRow {
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode=wal; pragma synchronous=full; create table one (body text) strict');
  const insert = database.prepare('insert into one values (?)');
  const body = 'x'.repeat(200);
  return {
    commit: () => void insert.run(body),
    [Symbol.dispose]: () => database.close(),
  };
}
