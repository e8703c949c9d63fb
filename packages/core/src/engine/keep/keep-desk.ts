import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { randomId } from '../../adapters/clock-system/random-id.ts';
import { isStateLocked, lockState } from '../../adapters/files-node/state-lock.ts';
import { nodeProcesses } from '../../adapters/processes-node/process-table.ts';
import { type CatalogueEntry, readCatalogue } from '../../keep/backup/backup-catalogue.ts';
import { backupError } from '../../keep/backup/backup-errors.ts';
import { setNameOf } from '../../keep/backup/backup-names.ts';
import { chooseBackup, setOf } from '../../keep/restore/choose-backup.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { LockWait } from '../../ports/lock-wait.ts';
import type { BackupConfig } from '../config/keep-config.ts';
import type { OpsConfig } from '../config/ops-config.ts';
import type { KeepServices } from './keep-acts.ts';
import './keep-errors.ts';
import { machineKeepServices } from './keep-process.ts';
import { type BackupRow, listBackups } from './keep-state.ts';
import { problemOf } from './problem-text.ts';

/** Name of the store in the state folder. */
const STORE_NAME = 'qts-ops.db';
/** Sets of what expired end so; they never stand for a whole source. */
const EXPIRED_ENDING = '-expired';

/** Backups as a program of this machine works on them itself, with or without an engine that runs. */
export interface KeepDesk {
  readonly services: KeepServices;
  /** Absent on a machine that has nothing but the backups. */
  readonly config?: OpsConfig;
  readonly stateFolder: string;
  /** A backup root that was named instead of those of the config. */
  readonly from?: string;
}

/** What a desk is opened with. */
export interface KeepDeskOptions {
  readonly config?: OpsConfig | undefined;
  /** Absolute path. */
  readonly stateFolder: string;
  /** Absolute path of a backup root; default: those of the config. */
  readonly from?: string | undefined;
  /** How long an act waits for a run that holds what it needs. Default: not at all. */
  readonly lockWait?: LockWait | undefined;
}

/** Opens nothing yet: every call looks at the folders anew. */
export function openKeepDesk({ config, stateFolder, from, lockWait }: KeepDeskOptions): KeepDesk {
  return {
    services: machineKeepServices(lockWait),
    stateFolder,
    ...(config === undefined ? {} : { config }),
    ...(from === undefined ? {} : { from: resolve(from) }),
  };
}

/** The backup settings of a desk. @throws INP-0806 when there are none. */
export function requireBackupConfig({ config }: KeepDesk): BackupConfig {
  const backup = config?.keep.backup;
  if (backup !== undefined) return backup;
  throw opsException('INP-0806', 'backup: missing in the config; nothing says where backups are');
}

/** @throws INP-0804 for a source that the config does not name. */
export function requireKnown({ sources }: BackupConfig, wanted: readonly string[] | undefined): void {
  const unknown = wanted?.find((id) => !sources.some((source) => source.id === id));
  if (unknown === undefined) return;
  const known = sources.map(({ id }) => id).join(', ');
  throw opsException('INP-0804', `source: ${unknown}; allowed: ${known}`);
}

/** A place of backups. */
export interface DeskRoot {
  readonly backupRoot: string;
  readonly copy: boolean;
}

/** The backup roots of a desk, the first place first. @throws INP-0806 when nothing names one. */
export function deskRoots(desk: KeepDesk): readonly DeskRoot[] {
  if (desk.from !== undefined) return [{ backupRoot: desk.from, copy: false }];
  const { to, copyTo } = requireBackupConfig(desk);
  const second = copyTo === undefined ? [] : [{ backupRoot: copyTo, copy: true }];
  return [{ backupRoot: to, copy: false }, ...second];
}

/** @throws INP-0804 when none of the roots is there. */
function requireRoot({ services }: KeepDesk, roots: readonly DeskRoot[]): void {
  if (roots.some(({ backupRoot }) => services.files.facts(backupRoot) !== undefined)) return;
  const where = roots.map(({ backupRoot }) => backupRoot).join(' or ');
  throw backupError('INP-0804', `backup folder: there is no ${where}; is its disk there?`);
}

/** What the backup roots of a desk hold now. */
export interface DeskBackups {
  readonly backups: readonly BackupRow[];
  /** Roots that could not be read, with the reason. */
  readonly problems: readonly string[];
}

/**
 * Looks at every root; one that cannot be read does not hide the others.
 * @throws INP-0804 when the folder that was named is not there, INP-0806.
 */
export function deskBackups(desk: KeepDesk): DeskBackups {
  const { files, clock } = desk.services;
  const backups: BackupRow[] = [];
  const problems: string[] = [];
  const roots = deskRoots(desk);
  // The folders of a config are made by the first backup; one that a person names must be there.
  if (desk.from !== undefined) requireRoot(desk, roots);
  for (const root of roots) {
    try {
      backups.push(...listBackups(files, root, clock.now()));
    } catch (error) {
      problems.push(`${root.backupRoot}: ${problemOf(error)}`);
    }
  }
  return { backups, problems };
}

/** Which backup is meant. */
export interface DeskChoice {
  /** Id, name, or `latest`. */
  readonly id: string;
  /** Source or set, for `latest` where there are several. */
  readonly source?: string | undefined;
  /** For `latest`: made at this instant or before, ms. */
  readonly atMs?: number | undefined;
}

/** A backup and the root it is in. */
export interface FoundBackup {
  readonly backupRoot: string;
  readonly copy: boolean;
  readonly entry: CatalogueEntry;
}

/**
 * Finds a backup, in the first place before the second.
 * @throws INP-0804 when there is none of that id, INP-0842 when `latest` says too little, SYS-0142.
 */
export function findBackup(desk: KeepDesk, { id, source, atMs }: DeskChoice): FoundBackup {
  const { files } = desk.services;
  const roots = deskRoots(desk);
  requireRoot(desk, roots);
  for (const root of roots) {
    if (files.facts(root.backupRoot) === undefined) continue;
    const catalogue = readCatalogue(files, root.backupRoot);
    if (id === 'latest') {
      const set = source === undefined ? onlySet(desk, catalogue.backups) : setNameOf(source);
      return { ...root, entry: chooseBackup(catalogue, { set, atMs }) };
    }
    const entry = catalogue.backups.find(({ id: known, names }) => known === id || names.stem === id);
    if (entry !== undefined) return { ...root, entry };
  }
  const where = roots.map(({ backupRoot }) => backupRoot).join(' or ');
  throw backupError('INP-0804', `backup ${id} is not in ${where}; list what is there: qts-ops backup list`, {
    data: { id },
  });
}

/** The one set that stands for a whole source; undefined when there are several. */
function onlySet({ config }: KeepDesk, backups: readonly CatalogueEntry[]): string | undefined {
  const [source, ...others] = config?.keep.backup?.sources ?? [];
  if (source !== undefined && others.length === 0) return setNameOf(source.id);
  const sets = new Set(backups.map(setOf));
  const whole = [...sets].filter(
    (set) => !(set.endsWith(EXPIRED_ENDING) && sets.has(set.slice(0, -EXPIRED_ENDING.length))),
  );
  return whole.length === 1 ? whole[0] : undefined;
}

/** The store of a desk; undefined where there is none yet. */
export function storeOf({ stateFolder }: KeepDesk): string | undefined {
  const path = join(stateFolder, STORE_NAME);
  return existsSync(path) ? path : undefined;
}

/** True while an engine runs on the state folder of a desk. */
export function hasEngine({ stateFolder }: Pick<KeepDesk, 'stateFolder'>): boolean {
  return isStateLocked(stateFolder);
}

/**
 * Does something while no engine starts; where one runs, its own locks and those of the roots keep the two apart.
 * @throws SYS-0111 when the state folder cannot be used.
 */
export async function holdingState<T>(desk: KeepDesk, work: () => Promise<T>): Promise<T> {
  if (hasEngine(desk) || !existsSync(desk.stateFolder)) return work();
  const sinceMs = desk.services.clock.now();
  const lock = lockState(desk.stateFolder, {
    ...nodeProcesses().self(),
    engineBootId: randomId(),
    sinceMs,
  });
  try {
    return await work();
  } finally {
    lock.release();
  }
}
