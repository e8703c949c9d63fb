import { mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchRow, Effort } from './bench-row.ts';
import { type KeepData, keepData } from './keep-data.ts';
import { missingText, nodeTar, ours, peer, Rounds, removed, shell } from './keep-jobs.ts';

/** How long it takes to verify, to continue and to restore backups. */
export const keepRead: Bench = {
  name: 'keep-read',
  about: 'verification of every byte, unchanged incremental backups, and restores whole and in part',
  run: measure,
};

const CORES = availableParallelism();
/** Files of a partial restore: 0.3 % of 1,000. */
const FEW = 3;
/** In memory: what the disk of this machine takes to make files would hide everything else. */
const MEMORY_DISK = '/dev/shm';

async function measure(effort: Effort): Promise<readonly BenchRow[]> {
  const data = keepData(effort);
  const missing = await missingText('restic', 'borg');
  return [
    ...(await measureVerify(data, effort, missing)),
    ...(await measureUnchanged(data, effort, missing)),
    ...(await measureRestore(data, effort)),
  ];
}

function rootOf({ folder }: KeepData, name: string): string {
  return join(folder, `backups-${name}`);
}

async function measureVerify(data: KeepData, effort: Effort, missing: string): Promise<readonly BenchRow[]> {
  const made = [
    { name: 'a-gzip', source: data.snapshots, codec: 'gzip' },
    { name: 'a-zstd', source: data.snapshots, codec: 'zstd' },
    { name: 'b-gzip', source: data.small, codec: 'gzip' },
  ] as const;
  const archives = new Map<string, string>();
  for (const { name, source, codec } of made) {
    const backups = removed(rootOf(data, name));
    await ours({ kind: 'backup', source, backups, codec });
    const archive = readdirSync(backups).find((one) => /\.tar\.(gz|zst)$/.test(one)) ?? '';
    archives.set(name, join(backups, archive));
  }
  const rounds = new Rounds();
  await rounds.take(effort, {
    ...Object.fromEntries(
      made.map(({ name }) => [name, () => ours({ kind: 'verify', backups: rootOf(data, name) })]),
    ),
    'node-tar a': () => nodeTar('check', archives.get('a-gzip') ?? ''),
    'node-tar b': () => nodeTar('check', archives.get('b-gzip') ?? ''),
  });
  const row = (name: string, about: string, more: Partial<BenchRow>): BenchRow => ({
    id: `verify-${name}`,
    name: `verification of ${about}: every byte, every digest, nothing missing or too many`,
    ...{ value: rounds.seconds(name), unit: 's', better: 'less', limit: rounds.bound(name, CORES) },
    ...more,
  });
  const nodeTarOf = (set: string) => ({
    name: 'node-tar: list and digest of every file',
    value: rounds.seconds(`node-tar ${set}`),
  });
  const memory = Math.max(...made.map(({ name }) => rounds.residentMb(name)));
  return [
    row('a-gzip', 'A, tar.gz', {
      peers: [nodeTarOf('a')],
      goal: 0.65 * rounds.seconds('node-tar a'),
      note: 'goal G9',
    }),
    row('b-gzip', 'B, tar.gz', {
      peers: [nodeTarOf('b')],
      goal: 0.55 * rounds.seconds('node-tar b'),
      note: 'goal G9',
    }),
    row('a-zstd', 'A, tar.zst', {
      note: `goal G10 (restic check --read-data, borg check --verify-data)${missing === '' ? '' : `; ${missing}`}`,
    }),
    {
      id: 'verify-memory',
      name: 'most memory of any verification',
      ...{ value: memory, unit: 'MB', better: 'less', goal: 200, note: 'goal G16' },
    },
  ];
}

async function measureUnchanged(
  data: KeepData,
  effort: Effort,
  missing: string,
): Promise<readonly BenchRow[]> {
  const backups = removed(join(data.folder, 'backups-incremental'));
  const job = { kind: 'backup', source: data.small, backups, codec: 'zstd', incremental: true } as const;
  await ours({ ...job, verify: true });
  const rounds = new Rounds();
  const scan = `find ${data.small} -type f -printf '%s %T@ %i\\n' > /dev/null`;
  await rounds.take(effort, { 'find -printf': () => shell(scan), ours: () => ours(job) });
  removed(backups);
  return [
    {
      id: 'b-unchanged',
      name: `B, incremental backup of ${data.counts.small.toLocaleString('en')} files that did not change`,
      ...{ value: rounds.seconds('ours'), unit: 's', better: 'less', limit: peer(rounds, 'find -printf') },
      note: `goal G13 (0.25 x restic, borg)${missing === '' ? '' : `; ${missing}`}`,
    },
    {
      id: 'b-unchanged-memory',
      name: 'B, most memory of an unchanged incremental backup',
      ...{ value: rounds.residentMb('ours'), unit: 'MB', better: 'less', goal: 200, note: 'goal G16' },
    },
  ];
}

async function measureRestore(data: KeepData, effort: Effort): Promise<readonly BenchRow[]> {
  const [snapshots, small] = [rootOf(data, 'a-gzip'), rootOf(data, 'b-gzip')];
  const archiveOf = (root: string) =>
    join(root, readdirSync(root).find((name) => name.endsWith('.tar.gz')) ?? '');
  const into = join(MEMORY_DISK, 'qts-bench-restore');
  const paths = Array.from({ length: FEW }, (_, n) => {
    const file = Math.floor((n * data.counts.snapshots) / FEW);
    return `day-${Math.floor(file / 100)}/raw/snapshot-${file}.jsonl`;
  });
  const rounds = new Rounds();
  await rounds.take(effort, {
    'gzip -t of the archive': () => shell(`gzip -t ${archiveOf(snapshots)}`),
    few: () => ours({ kind: 'restore', backups: snapshots, into: removed(into), paths }),
    block: async () => (await ours({ kind: 'one-block', backups: snapshots })).bytes ?? 0,
    'tar xzf': () => {
      mkdirSync(removed(into));
      return shell(`tar -C ${into} -xzf ${archiveOf(small)}`);
    },
    all: () => ours({ kind: 'restore', backups: small, into: removed(into) }),
  });
  removed(into);
  return [
    {
      id: 'restore-few',
      name: `A, ${FEW} of ${data.counts.snapshots.toLocaleString('en')} files restored`,
      ...{ value: rounds.seconds('few'), unit: 's', better: 'less' },
      peers: [peer(rounds, 'gzip -t of the archive')],
      limit: { name: 'unpacking one block for each of them', value: FEW * rounds.seconds('block') },
      goal: 0.05 * rounds.seconds('gzip -t of the archive'),
      note: 'goal G14',
    },
    {
      id: 'restore-all',
      name: `B, ${data.counts.small.toLocaleString('en')} files restored into memory, backup read back first, every digest checked`,
      ...{ value: rounds.seconds('all'), unit: 's', better: 'less' },
      limit: { name: 'tar xzf, which checks nothing', value: rounds.seconds('tar xzf') },
      goal: 1.5 * rounds.seconds('tar xzf'),
      note: 'goal G15',
    },
    {
      id: 'restore-memory',
      name: 'B, most memory of a restore',
      ...{ value: rounds.residentMb('all'), unit: 'MB', better: 'less', goal: 200, note: 'goal G16' },
    },
  ];
}
