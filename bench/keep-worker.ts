import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { tarArchives } from '../packages/core/src/adapters/archive-tar/tar-archives.ts';
import { randomId } from '../packages/core/src/adapters/clock-system/random-id.ts';
import { systemClock } from '../packages/core/src/adapters/clock-system/system-clock.ts';
import { nodeFileBatches } from '../packages/core/src/adapters/files-node/batch-threads.ts';
import { nodeKeepFiles } from '../packages/core/src/adapters/files-node/keep-files.ts';
import { nodeKeepLocks } from '../packages/core/src/adapters/files-node/keep-lock.ts';
import { nodeFolderPins } from '../packages/core/src/adapters/files-node/pinned-folders.ts';
import { keepYoungHeapSmall } from '../packages/core/src/adapters/files-node/small-heap.ts';
import { archiveStrategy, incrementalStrategy } from '../packages/core/src/keep/backup/archive-strategy.ts';
import { readCatalogue } from '../packages/core/src/keep/backup/backup-catalogue.ts';
import type { BackupCodec } from '../packages/core/src/keep/backup/backup-manifest.ts';
import { planBackup } from '../packages/core/src/keep/backup/backup-plan.ts';
import { makeBackup } from '../packages/core/src/keep/backup/backup-run.ts';
import { EVERYTHING } from '../packages/core/src/keep/backup/path-glob.ts';
import { scanSource } from '../packages/core/src/keep/backup/source-scan.ts';
import { verifyBackup } from '../packages/core/src/keep/backup/verify-backup.ts';
import { restoreBackup } from '../packages/core/src/keep/restore/restore-backup.ts';
import { planCleanup } from '../packages/core/src/keep/retention/cleanup-plan.ts';
import { executeCleanup } from '../packages/core/src/keep/retention/delete-gate.ts';
import { openJournal } from '../packages/core/src/keep/retention/delete-journal.ts';
import { fileRetentionPolicy } from '../packages/core/src/keep/retention/named-policies.ts';
import { scanExpired } from '../packages/core/src/keep/retention/scan-expired.ts';

/*
 * One piece of work in a process of its own, timed without the start of Node. First argument: JSON of `KeepJob`;
 * prints JSON of `JobUse`.
 */

/** What a process is to do. */
export type KeepJob =
  | {
      readonly kind: 'backup';
      readonly source: string;
      readonly backups: string;
      readonly codec: BackupCodec;
      readonly incremental?: boolean;
      readonly verify?: boolean;
    }
  | { readonly kind: 'verify'; readonly backups: string }
  | { readonly kind: 'scan'; readonly root: string }
  | { readonly kind: 'plan'; readonly root: string; readonly backups: string }
  | { readonly kind: 'clean'; readonly root: string; readonly backups: string; readonly state: string }
  | {
      readonly kind: 'restore';
      readonly backups: string;
      readonly into: string;
      readonly paths?: readonly string[];
    }
  | { readonly kind: 'hash-and-write'; readonly from: string; readonly to: string }
  | { readonly kind: 'one-block'; readonly backups: string };

/** What it took. */
export interface JobUse {
  readonly ms: number;
  /** Time on a processor of all threads, ms. */
  readonly cpuMs: number;
  /** The most memory the process had, MB. */
  readonly residentMb: number;
  readonly bytes?: number;
  readonly files?: number;
}

const files = nodeKeepFiles();
const services = {
  files,
  archives: tarArchives(),
  clock: systemClock,
  host: hostname(),
  toolVersion: '0.0.0',
};
const runId = randomId();

/** What the work made or saw. */
interface JobEnd {
  readonly bytes?: number;
  readonly files?: number;
}

async function perform(job: Exclude<KeepJob, { kind: 'clean' }>): Promise<JobEnd> {
  if (job.kind === 'backup') return backUp(job);
  if (job.kind === 'verify') {
    (await verifyBackup(services, { backupRoot: job.backups, id: newest(job.backups), runId })).close();
    return {};
  }
  if (job.kind === 'scan') return { files: countScanned(job.root) };
  if (job.kind === 'plan') {
    return { files: planBackup(files, { sourceRoot: job.root, backupRoot: job.backups }).files.count };
  }
  if (job.kind === 'restore') return restore(job);
  if (job.kind === 'one-block') return oneBlock(job.backups);
  return hashAndWrite(job);
}

async function backUp(job: Extract<KeepJob, { kind: 'backup' }>): Promise<JobEnd> {
  const options = { codec: job.codec };
  const { manifest, verified } = await makeBackup(services, {
    ...{ runId, sourceRoot: job.source, backupRoot: job.backups, verify: job.verify ?? false },
    strategy: job.incremental === true ? incrementalStrategy(options) : archiveStrategy(options),
  });
  verified?.close();
  return { bytes: manifest.archiveBytes, files: manifest.recordCount };
}

function newest(backups: string): string {
  return readCatalogue(files, backups).backups[0]?.id ?? '';
}

function countScanned(root: string): number {
  const rootFacts = files.facts(root);
  if (rootFacts === undefined) return 0;
  let count = 0;
  for (const met of scanSource(files, { root, rootFacts, wanted: EVERYTHING, excluded: [] })) {
    if (met.kind === 'file') count += 1;
  }
  return count;
}

async function restore({ backups, into, paths }: Extract<KeepJob, { kind: 'restore' }>): Promise<JobEnd> {
  const report = await restoreBackup(
    {
      ...services,
      pins: nodeFolderPins(files),
      openBatches: nodeFileBatches(files),
      locks: nodeKeepLocks(),
      lockOwner: { pid: process.pid, host: hostname(), bootId: 'unknown' },
      verifyBackup: (request) => verifyBackup(services, request),
    },
    {
      ...{ runId, backupRoot: backups, id: newest(backups), target: { kind: 'folder', folder: into } },
      ...(paths === undefined ? {} : { selection: { paths } }),
    },
  );
  return { files: report.files };
}

/** What unpacking one block costs: nothing that reads a file of an archive can be faster. */
function oneBlock(backups: string): JobEnd {
  const entry = readCatalogue(files, backups).backups[0];
  const archive = readFileSync(join(backups, entry?.names.archive ?? ''));
  // With the empty flags and time of a header: three bytes alone also occur by chance.
  const second = archive.indexOf(Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0]), 10);
  const begun = performance.now();
  gunzipSync(archive.subarray(0, second === -1 ? archive.length : second));
  return { bytes: performance.now() - begun };
}

/** Reading once, two digests, writing once and one sync: what a backup of dense content cannot do without. */
function hashAndWrite({ from, to }: Extract<KeepJob, { kind: 'hash-and-write' }>): JobEnd {
  const bytes = readFileSync(from);
  const digests = [
    createHash('sha256').update(bytes).digest('hex'),
    createHash('sha256').update(bytes).digest('hex'),
  ];
  const file = openSync(to, 'w');
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
  fsyncSync(file);
  closeSync(file);
  return { files: digests.length };
}

/** Scan, backup and verification first; what is timed is the gate alone. */
async function clean({ root, backups, state }: Extract<KeepJob, { kind: 'clean' }>): Promise<JobUse> {
  const outcome = await makeBackup(services, {
    ...{ runId, sourceRoot: root, backupRoot: backups, strategy: archiveStrategy({ codec: 'zstd' }) },
  });
  if (outcome.verified === undefined) throw new Error('the backup was not verified');
  const nowMs = Date.now();
  const policy = fileRetentionPolicy({ ttlDays: 1 });
  const heldBy = () => undefined;
  const { expired } = scanExpired(files, { dataRoot: root, policy, excluded: [], nowMs, heldBy });
  const plan = planCleanup(expired, outcome.verified, { unverified: new Map(), deleteVerifiedSubset: true });
  const place = { stateFolder: state, dataRoot: root, runId, backupId: outcome.manifest.id };
  const journal = openJournal(files, place);
  return timed(async () => {
    const request = { plan, runId, dataRoot: root, nowMs, heldBy, deleteVerifiedSubset: true };
    return { files: executeCleanup(files, request, journal).deleted.length };
  });
}

async function timed(work: () => Promise<JobEnd>): Promise<JobUse> {
  const before = process.cpuUsage();
  const begun = performance.now();
  const end = await work();
  const ms = performance.now() - begun;
  const { user, system } = process.cpuUsage(before);
  return { ms, cpuMs: (user + system) / 1000, residentMb: process.resourceUsage().maxRSS / 1000, ...end };
}

// Only `keep-jobs.ts` starts it.
const job = JSON.parse(process.argv[2] ?? '') as KeepJob;
// As the process of a keep run does.
keepYoungHeapSmall();
const use = job.kind === 'clean' ? await clean(job) : await timed(() => perform(job));
process.stdout.write(JSON.stringify(use));
