import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Bench, type BenchRow, type Effort, median, rest } from './bench-row.ts';
import { type KeepData, keepData, makeSmall } from './keep-data.ts';
import { ours, peer, Rounds, removed, shell } from './keep-jobs.ts';

/** Scanning, deleting behind the gate, and what a backup does to the engine beside it. */
export const keepFiles: Bench = {
  name: 'keep-files',
  about:
    'scans of a million files, deletions each proven by a verified backup, and the loop of the engine meanwhile',
  run: measure,
};

async function measure(effort: Effort): Promise<readonly BenchRow[]> {
  const data = keepData(effort);
  return [
    ...(await measureScan(data, effort)),
    ...(await measureDelete(data, effort)),
    ...(await measureLoop(data, effort)),
  ];
}

async function measureScan({ many, counts, folder }: KeepData, effort: Effort): Promise<readonly BenchRow[]> {
  const rounds = new Rounds();
  await rounds.take(effort, {
    'find without facts': () => shell(`find ${many} -type f > /dev/null`),
    'find -printf': () => shell(`find ${many} -type f -printf '%s %T@ %i\\n' > /dev/null`),
    ours: () => ours({ kind: 'scan', root: many }),
  });
  const plan = await ours({ kind: 'plan', root: many, backups: join(folder, 'backups') });
  const name = `scan of ${counts.many.toLocaleString('en')} files with size, times and inode`;
  return [
    {
      id: 'scan',
      name: `${name}, one thread`,
      ...{ value: rounds.seconds('ours'), unit: 's', better: 'less' },
      peers: [peer(rounds, 'find -printf')],
      limit: peer(rounds, 'find without facts'),
      goal: 1.25 * rounds.seconds('find -printf'),
      note: 'goal G11',
    },
    {
      id: 'plan-memory',
      name: `memory while a backup of ${counts.many.toLocaleString('en')} files is planned, all of them known`,
      ...{ value: plan.residentMb, unit: 'MB', better: 'less', goal: 200, note: 'goal G16' },
    },
    {
      id: 'scan-memory',
      name: `${name}, most memory`,
      ...{ value: rounds.residentMb('ours'), unit: 'MB', better: 'less', goal: 120, note: 'goal G11' },
    },
  ];
}

async function measureDelete({ folder }: KeepData, effort: Effort): Promise<readonly BenchRow[]> {
  const count = effort === 'full' ? 20_000 : 1000;
  const root = join(folder, 'expired');
  const [backups, state] = [join(folder, 'backups-expired'), join(folder, 'state')];
  const fresh = () => makeSmall(removed(root), count);
  const rounds = new Rounds();
  await rounds.take(effort, {
    'find -delete': () => {
      fresh();
      return shell(`find ${root} -type f -delete`);
    },
    'sha256sum, then find -delete': () => {
      fresh();
      return shell(
        `find ${root} -type f -print0 | xargs -0 sha256sum > /dev/null && find ${root} -type f -delete`,
      );
    },
    ours: async () => {
      fresh();
      const use = await ours({ kind: 'clean', root, backups: removed(backups), state: removed(state) });
      if (use.files !== count) throw new Error(`${use.files} of ${count} files were deleted`);
      return use;
    },
  });
  for (const path of [root, backups, state]) removed(path);
  return [
    {
      id: 'delete',
      name: `${count.toLocaleString('en')} files of 1 KiB deleted, the content of each read and compared with the verified backup first`,
      ...{ value: rounds.seconds('ours'), unit: 's', better: 'less' },
      peers: [peer(rounds, 'sha256sum, then find -delete')],
      limit: peer(rounds, 'find -delete'),
      goal: 1.35 * rounds.seconds('find -delete'),
      note: 'goal G12 was set for a comparison of facts alone; reading the content again is the price of the gate',
    },
  ];
}

async function measureLoop({ snapshots, folder }: KeepData, effort: Effort): Promise<readonly BenchRow[]> {
  const backups = join(folder, 'backups-loop');
  const [idle, busy]: [number[], number[]] = [[], []];
  for (let round = 0; round < (effort === 'full' ? 5 : 1); round += 1) {
    idle.push(await delayDuring(() => rest(2000)));
    removed(backups);
    busy.push(await delayDuring(() => ours({ kind: 'backup', source: snapshots, backups, codec: 'zstd' })));
  }
  removed(backups);
  return [
    {
      id: 'loop-delay',
      name: 'delay of the event loop of an idle process, 99 of 100, while a child backs up A',
      ...{ value: median(busy), unit: 'ms', better: 'less' },
      limit: { name: 'without a backup', value: median(idle) },
      goal: 1.1 * median(idle),
      note: 'goal G17; timers of 10 ms, so an idle loop shows 10 ms and a little',
    },
  ];
}

/** 99 of 100 timers of 10 ms were not later than this, ms. */
async function delayDuring(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  await work();
  delay.disable();
  return delay.percentile(99) / 1_000_000;
}
