import { archiveStrategy, incrementalStrategy } from '../src/keep/backup/archive-strategy.ts';
import { readCatalogue } from '../src/keep/backup/backup-catalogue.ts';
import { makeBackup } from '../src/keep/backup/backup-run.ts';
import { copyBackup } from '../src/keep/backup/copy-backup.ts';
import { fileStrategy } from '../src/keep/backup/file-strategy.ts';
import { pruneBackups } from '../src/keep/backup/prune-backups.ts';
import { verifyBackup } from '../src/keep/backup/verify-backup.ts';
import type { MaintenanceReport } from '../src/keep/maintenance/maintenance-report.ts';
import { performMaintenance } from '../src/keep/maintenance/maintenance-run.ts';
import { restoreBackup } from '../src/keep/restore/restore-backup.ts';
import { addHold } from '../src/keep/retention/holds-file.ts';
import { dataRetentionPolicy, fileRetentionPolicy } from '../src/keep/retention/named-policies.ts';
import { compileRetention } from '../src/keep/retention/retention-input.ts';
import { isOpsException } from '../src/kernel/ops-exception.ts';
import type { KeepFiles } from '../src/ports/keep-files.ts';
import { type Fault, FaultFiles, type FileCall } from '../src/testing/fault-files.ts';
import { KeepWorld } from '../src/testing/memory-files-keep.ts';
import { worldRestoreServices } from '../test/restore-machine.ts';
import { applyEdit, contentOf, unseal } from './keep-edits.ts';
import { KEEP_PATHS, type KeepSchedule, type KeepStep, type StepWork } from './keep-schedule.ts';
import { KeepWitness, type WatchedStep } from './keep-witness.ts';

const DAY_MS = 86_400_000;
/** Small blocks, so that the many backups of many schedules are made at once. */
const blockBytes = 65_536;

const STRATEGIES = [
  archiveStrategy({ codec: 'store', blockBytes }),
  archiveStrategy({ codec: 'gzip', level: 1, blockBytes }),
  archiveStrategy({ codec: 'zstd', blockBytes }),
  incrementalStrategy({ codec: 'store', blockBytes }),
  fileStrategy(),
] as const;

/** A policy with how many days it keeps a file of a first folder, said a second time and in other words. */
const POLICIES = [
  {
    policy: dataRetentionPolicy(),
    days: (folder: string) => (folder === 'raw' ? 7 : folder === 'pattern' ? 30 : Number.POSITIVE_INFINITY),
  },
  { policy: fileRetentionPolicy({ ttlDays: 5 }), days: () => 5 },
  {
    policy: compileRetention({
      rules: [
        { match: 'raw/**', keep: '1m', quiet: '5s' },
        { match: '**', keepDays: 30, quiet: 0 },
      ],
    }),
    days: (folder: string) => (folder === 'raw' ? 1 / 1440 : 30),
  },
] as const;

const PRUNE_POLICIES = [
  { keepLast: 1, minimumCount: 1 },
  { keepDaily: 2, minimumCount: 1 },
  { keepLast: 1, minimumCount: 1, quotaBytes: 1 },
] as const;

/** What a schedule showed. */
export interface ScheduleResult {
  /** Rules that did not hold, in words; empty when all did. */
  readonly findings: readonly string[];
  readonly deletions: number;
  /** Calls of the files port. */
  readonly calls: number;
  readonly deaths: number;
}

/** Runs one schedule in a world of its own, then lets the work come to its end in peace. */
export async function runKeepSchedule(schedule: KeepSchedule): Promise<ScheduleResult> {
  const simulation = new KeepSimulation(schedule);
  for (const step of schedule.steps) await simulation.step(step);
  await simulation.endInPeace();
  return simulation.result();
}

/** A desk in memory, with a witness between it and its files. */
export class KeepSimulation {
  readonly world = new KeepWorld();
  readonly witness = new KeepWitness(this.world.files);
  #calls = 0;
  #deaths = 0;

  constructor({ files }: Pick<KeepSchedule, 'files'>) {
    for (const spec of files) {
      this.world.put(KEEP_PATHS[spec.path] ?? KEEP_PATHS[0], spec.ageDays, contentOf(spec));
    }
  }

  /** One step with its edits and its trouble; true when the process died in it. */
  async step({ work, trouble, edits }: KeepStep): Promise<boolean> {
    const { world, witness } = this;
    if (this.#quietWork(work)) return false;
    await world.clock.advance(work.kind === 'pass' ? work.ms : 1000);
    const waiting = [...edits].sort((a, b) => a.at - b.at);
    const startedMs = world.clock.now();
    const faults = new FaultFiles(witness.watched(), (call) => {
      for (let next = waiting[0]; next !== undefined && next.at <= call.index; next = waiting[0]) {
        if (isLastLook(call, faults.calls.at(-2))) break;
        waiting.shift();
        world.clock.stepWall(1);
        applyEdit(world.files, next.edit, world.clock.now());
      }
      return faultOf(trouble, call);
    });
    witness.begin(watchedStep(work, startedMs));
    witness.misread ||= trouble.kind === 'flip';
    await this.#act(work, faults, trouble.kind === 'none');
    this.#calls += faults.calls.length;
    const died = faults.dead;
    if (died) {
      this.#deaths += 1;
      world.files.crash(trouble.kind === 'crash' ? trouble.loss : 'keep');
      witness.lookAgain();
    }
    witness.checkAfter();
    return died;
  }

  /** Whatever happened, undisturbed runs need nobody's help. */
  async endInPeace(): Promise<void> {
    unseal(this.world.files);
    const peace = { trouble: { kind: 'none' }, edits: [] } as const;
    const work = { kind: 'maintenance', backUp: 'expired-only', policy: 0, strategy: 0 } as const;
    for (let run = 0; run < 3; run += 1) {
      await this.step({ ...peace, work: { ...work, subset: true, twice: false } });
    }
    await this.step({ ...peace, work: { kind: 'prune', policy: 0 } });
  }

  result(): ScheduleResult {
    const { findings, deletions } = this.witness;
    return { findings, deletions, calls: this.#calls, deaths: this.#deaths };
  }

  /** Work that is not the chapter's: somebody else's, and time. */
  #quietWork(work: StepWork): boolean {
    const { world } = this;
    const nowMs = world.clock.now();
    if (work.kind === 'edit') applyEdit(world.files, work.edit, nowMs);
    else if (work.kind === 'step-clock') world.clock.stepWall(work.ms);
    else if (work.kind === 'damage') this.#damage(work);
    else if (work.kind === 'hold') this.#hold(work.path);
    else return false;
    return true;
  }

  #hold(path: number): void {
    const held = KEEP_PATHS[path] ?? KEEP_PATHS[0];
    const request = { id: `hold-${path}`, globs: [held], reason: 'asked for', owner: 'kim' };
    if (this.witness.heldPaths.has(held)) return;
    unseal(this.world.files);
    addHold(this.world.files, '/state', { request, nowMs: this.world.clock.now() });
    this.witness.heldPaths.add(held);
  }

  /** Flips one bit of an archive, a manifest or a record of verification. */
  #damage({ backup, part, at }: Extract<StepWork, { kind: 'damage' }>): void {
    const { files } = this.world;
    const entry = this.#entry(backup);
    if (entry === undefined) return;
    const path = `/backups/${[entry.names.archive, entry.names.manifest, entry.names.verified][part]}`;
    if (files.facts(path)?.kind !== 'file') return;
    this.witness.damaged(entry.id);
    const { size } = files.facts(path) ?? { size: 0 };
    if (size > 0) files.flipBit(path, at % size);
    this.witness.lookAgain();
  }

  #entry(index: number) {
    const { backups } = readCatalogue(this.world.files, '/backups');
    return backups[index % Math.max(1, backups.length)];
  }

  async #act(work: StepWork, files: KeepFiles & { readonly dead: boolean }, calm: boolean): Promise<void> {
    try {
      await this.#perform(work, files, calm);
    } catch (error) {
      if (files.dead || isOpsException(error)) {
        if (!files.dead && this.witness.deleted.length > 0)
          this.#find(work, `failed and deleted: ${String(error)}`);
        return;
      }
      this.#find(work, `an error nobody declared: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }

  async #perform(work: StepWork, files: KeepFiles, calm: boolean): Promise<void> {
    const { world } = this;
    const services = world.backupServices(files);
    const runId = world.nextRunId();
    const backupRoot = '/backups';
    if (work.kind === 'maintenance') return this.#maintain(work, files, calm);
    if (work.kind === 'backup') {
      const strategy = STRATEGIES[work.strategy] ?? STRATEGIES[0];
      const { verified } = await makeBackup(services, { runId, sourceRoot: '/data', backupRoot, strategy });
      verified?.close();
    } else if (work.kind === 'prune') {
      if (!world.files.exists(backupRoot)) return;
      pruneBackups(services, { backupRoot, policy: PRUNE_POLICIES[work.policy] ?? PRUNE_POLICIES[0] });
    } else if (work.kind === 'verify' || work.kind === 'copy' || work.kind === 'restore') {
      const id = this.#entry(work.backup)?.id;
      if (id === undefined) return;
      if (work.kind === 'verify') (await verifyBackup(services, { backupRoot, id, runId })).close();
      else if (work.kind === 'copy') await copyBackup(services, { backupRoot, id, toRoot: '/second', runId });
      else await this.#restore({ id, runId, inPlace: work.inPlace }, files);
    }
  }

  async #restore(
    { id, runId, inPlace }: { readonly id: string; readonly runId: string; readonly inPlace: boolean },
    files: KeepFiles,
  ): Promise<void> {
    const hold = { stateFolder: '/state', dataRoot: '/data', owner: 'kim' };
    await restoreBackup(worldRestoreServices(this.world, files), {
      ...{ id, runId, backupRoot: '/backups' },
      ...(inPlace
        ? { target: { kind: 'in-place' }, hold }
        : { target: { kind: 'folder', folder: `/restored/${runId}` } }),
    });
  }

  async #maintain(
    work: Extract<StepWork, { kind: 'maintenance' }>,
    files: KeepFiles,
    calm: boolean,
  ): Promise<void> {
    const { world } = this;
    const services = world.maintenanceServices(files);
    const run = () =>
      performMaintenance(services, {
        ...{ runId: world.nextRunId(), dataRoot: '/data', backupRoot: '/backups', stateFolder: '/state' },
        policy: (POLICIES[work.policy] ?? POLICIES[0]).policy,
        ...{ backUp: work.backUp, deleteVerifiedSubset: work.subset },
        strategy: STRATEGIES[work.strategy] ?? STRATEGIES[0],
      });
    const first = run();
    const second = work.twice ? run().catch(() => undefined) : undefined;
    const [report] = await Promise.allSettled([first, second]);
    if (report.status === 'rejected') throw report.reason;
    if (second === undefined) this.#compare(work, report.value, calm);
  }

  /** The report against what really went. */
  #compare(work: StepWork, report: MaintenanceReport, calm: boolean): void {
    const { deleted } = this.witness;
    const told = new Set(report.deletion.deleted.map(({ path }) => path));
    for (const path of told) {
      if (!deleted.includes(path)) this.#find(work, `tells that ${path} was deleted, and it was not`);
    }
    if (report.status === 'backup_failed' || report.status === 'nothing_to_do') {
      if (deleted.length > 0) this.#find(work, `${report.status} and deleted ${deleted.join(', ')}`);
    }
    if (!calm) return;
    const untold = deleted.filter((path) => !told.has(path));
    if (untold.length > 0) this.#find(work, `does not tell that ${untold.join(', ')} was deleted`);
  }

  #find(work: StepWork, text: string): void {
    this.witness.findings.push(`${work.kind}: ${text}`);
  }
}

/**
 * From the last look at the way and the name to the removal no process can keep others out: the system has no call that
 * removes a name only if it still is the one that was looked at.
 */
function isLastLook(call: FileCall, before: FileCall | undefined): boolean {
  return call.name === 'unlink' || call.name === 'rename' || before?.name === 'realPath';
}

function watchedStep(work: StepWork, startedMs: number): WatchedStep {
  const days = work.kind === 'maintenance' ? (POLICIES[work.policy] ?? POLICIES[0]).days : () => 0;
  return {
    name: work.kind,
    mayDelete: work.kind === 'maintenance',
    mayAdd: work.kind === 'restore' && work.inPlace,
    tooYoung(path, mtimeMs) {
      const keepMs = days(path.split('/')[0] ?? '') * DAY_MS;
      return startedMs - mtimeMs > keepMs
        ? undefined
        : `kept for ${keepMs} ms, ${startedMs - mtimeMs} ms old`;
    },
  };
}

function faultOf(trouble: KeepStep['trouble'], call: FileCall): Fault | undefined {
  if (trouble.kind === 'none' || call.index < trouble.at) return undefined;
  if (trouble.kind === 'flip') {
    // The first read from there on.
    return call.name === 'read' && call.index < trouble.at + 40 ? { kind: 'flip' } : undefined;
  }
  if (call.index !== trouble.at) return undefined;
  if (trouble.kind === 'crash') return { kind: 'crash' };
  if (trouble.kind === 'short') return { kind: 'short' };
  return { kind: 'error', code: trouble.code, applied: trouble.applied };
}
