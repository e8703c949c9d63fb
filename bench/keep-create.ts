import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchRow, Effort } from './bench-row.ts';
import { type KeepData, keepData } from './keep-data.ts';
import { isInstalled, missingText, nodeTar, ours, peer, Rounds, removed, shell } from './keep-jobs.ts';
import type { KeepJob } from './keep-worker.ts';

/** How long backups take, beside the tools everybody has. */
export const keepCreate: Bench = {
  name: 'keep-create',
  about:
    'backups of three kinds of data, with the digest of every file and of the archive, manifest and sync',
  run: measure,
};

const CORES = availableParallelism();

async function measure(effort: Effort): Promise<readonly BenchRow[]> {
  const data = keepData(effort);
  const gzip = (await isInstalled('pigz')) ? 'pigz' : 'gzip';
  const rows = [
    ...(await measureSnapshots(data, effort, gzip)),
    ...(await measureSmall(data, effort, gzip)),
    ...(await measureDense(data, effort, gzip)),
  ];
  const missing = await missingText('pigz', 'restic', 'borg');
  return rows.map((row) => ({
    ...row,
    note: [row.note ?? '', missing].filter((text) => text !== '').join('; '),
  }));
}

type Gzip = 'pigz' | 'gzip';

async function measureSnapshots(data: KeepData, effort: Effort, gzip: Gzip): Promise<readonly BenchRow[]> {
  const [source, out] = [data.snapshots, join(data.folder, 'out')];
  const rounds = new Rounds();
  await rounds.take(effort, {
    [`tar | ${gzip} -6`]: () => shell(`tar -C ${source} -cf - . | ${gzip} -6 > ${removed(out)}`),
    'node-tar gzip 6': () => nodeTar('create', source, removed(out)),
    'tar | zstd -1 -T2': () => shell(`tar -C ${source} -cf - . | zstd -q -1 -T2 > ${removed(out)}`),
    'sha256sum of every file': () => shell(`find ${source} -type f -print0 | xargs -0 sha256sum > /dev/null`),
    gzip: () => ours(backupOf(data, source, 'gzip')),
    zstd: () => ours(backupOf(data, source, 'zstd')),
  });
  const gzipBytes = await sizeOf(`tar -C ${source} -czf ${removed(out)} .`, out);
  removed(out);
  const both = rounds.seconds('tar | zstd -1 -T2') + rounds.seconds('sha256sum of every file');
  const tarGzip = peer(rounds, `tar | ${gzip} -6`);
  const about = `A, ${data.counts.snapshots.toLocaleString('en')} files of market data`;
  return [
    {
      id: 'a-gzip-6',
      name: `${about}, tar.gz 6`,
      ...{ value: rounds.seconds('gzip'), unit: 's', better: 'less' },
      peers: [tarGzip, peer(rounds, 'node-tar gzip 6')],
      limit: rounds.bound('gzip', CORES),
      goal: Math.min(
        0.5 * rounds.seconds('node-tar gzip 6'),
        gzip === 'pigz' ? 0.85 * tarGzip.value : Infinity,
      ),
      note: `goals G1 (0.85 x tar | pigz -6) and G2 (0.50 x node-tar)${gzip === 'pigz' ? '' : '; G1 is open, gzip uses one core'}`,
    },
    {
      id: 'a-zstd-1',
      name: `${about}, tar.zst 1`,
      ...{ value: rounds.seconds('zstd'), unit: 's', better: 'less' },
      peers: [peer(rounds, 'tar | zstd -1 -T2'), { name: 'the same after a pass of sha256sum', value: both }],
      limit: rounds.bound('zstd', CORES),
      goal: Math.min(1.15 * rounds.seconds('tar | zstd -1 -T2'), 0.6 * both),
      note: 'goals G3 (1.15 x), G4 (0.60 x the two passes) and G5 (restic, borg)',
    },
    {
      id: 'a-zstd-1-size',
      name: `${about}, size of tar.zst 1`,
      ...{ value: rounds.middle('zstd', ({ bytes = 0 }) => bytes) / 1e6, unit: 'MB', better: 'less' },
      peers: [{ name: 'tar czf', value: gzipBytes / 1e6 }],
      goal: (0.97 * gzipBytes) / 1e6,
      note: 'goal G6',
    },
    memoryRow('a', about, Math.max(rounds.residentMb('gzip'), rounds.residentMb('zstd'))),
  ];
}

async function measureSmall(data: KeepData, effort: Effort, gzip: Gzip): Promise<readonly BenchRow[]> {
  const [source, out] = [data.small, join(data.folder, 'out')];
  const rounds = new Rounds();
  await rounds.take(effort, {
    [`tar | ${gzip} -6`]: () => shell(`tar -C ${source} -cf - . | ${gzip} -6 > ${removed(out)}`),
    'node-tar gzip 6': () => nodeTar('create', source, removed(out)),
    'tar | zstd -1': () => shell(`tar -C ${source} -cf - . | zstd -q -1 > ${removed(out)}`),
    gzip: () => ours(backupOf(data, source, 'gzip')),
  });
  removed(out);
  const about = `B, ${data.counts.small.toLocaleString('en')} files of 1 KiB`;
  const tarGzip = peer(rounds, `tar | ${gzip} -6`);
  return [
    {
      id: 'b-gzip-6',
      name: `${about}, tar.gz 6`,
      ...{ value: rounds.seconds('gzip'), unit: 's', better: 'less' },
      peers: [tarGzip, peer(rounds, 'node-tar gzip 6')],
      limit: peer(rounds, 'tar | zstd -1'),
      goal: Math.min(
        0.2 * rounds.seconds('node-tar gzip 6'),
        gzip === 'pigz' ? 0.95 * tarGzip.value : Infinity,
      ),
      note: 'goals G7 (0.95 x tar | pigz -6, 0.20 x node-tar, 0.45 x restic)',
    },
    memoryRow('b', about, rounds.residentMb('gzip')),
  ];
}

async function measureDense(data: KeepData, effort: Effort, gzip: Gzip): Promise<readonly BenchRow[]> {
  const [source, out] = [data.dense, join(data.folder, 'out')];
  const rounds = new Rounds();
  await rounds.take(effort, {
    [`tar | ${gzip} -6`]: () => shell(`tar -C ${source} -cf - . | ${gzip} -6 > ${removed(out)}`),
    limit: () => ours({ kind: 'hash-and-write', from: join(source, 'dense.bin'), to: removed(out) }),
    gzip: () => ours(backupOf(data, source, 'gzip')),
    zstd: () => ours(backupOf(data, source, 'zstd')),
  });
  removed(out);
  const about = `C, one file of ${Math.round(data.counts.denseBytes / 1e6)} MB that does not shrink`;
  const tarGzip = peer(rounds, `tar | ${gzip} -6`);
  const limit = { name: 'read once, two digests, write and sync', value: rounds.seconds('limit') };
  const row = (codec: 'gzip' | 'zstd'): BenchRow => ({
    id: `c-${codec}`,
    name: `${about}, tar.${codec === 'gzip' ? 'gz 6' : 'zst 1'}`,
    ...{ value: rounds.seconds(codec), unit: 's', better: 'less', limit },
    peers: [tarGzip],
    ...(gzip === 'pigz' ? { goal: 0.45 * tarGzip.value } : {}),
    note: 'goal G8 (0.45 x tar | pigz -6)',
  });
  const memory = Math.max(rounds.residentMb('gzip'), rounds.residentMb('zstd'));
  return [row('gzip'), row('zstd'), memoryRow('c', about, memory)];
}

function memoryRow(id: string, about: string, value: number): BenchRow {
  const name = `${about}, most memory of any backup`;
  return { id: `${id}-memory`, name, value, unit: 'MB', better: 'less', goal: 200, note: 'goal G16' };
}

/** A first backup into a root of its own. */
function backupOf({ folder }: KeepData, source: string, codec: 'gzip' | 'zstd'): KeepJob {
  return { kind: 'backup', source, codec, backups: removed(join(folder, 'backups')) };
}

async function sizeOf(line: string, file: string): Promise<number> {
  await shell(line);
  return readdirSync(join(file, '..')).includes('out') ? statSync(file).size : 0;
}
