import type { FileFacts, KeepFiles } from '../../ports/keep-files.ts';
import { backupError, problemText } from './backup-errors.ts';
import { type BackupHold, readHold } from './backup-hold.ts';
import type { BackupManifest } from './backup-manifest.ts';
import {
  type BackupName,
  type BackupNames,
  idOfName,
  instantOfStamp,
  namesOfArchive,
  parseBackupName,
} from './backup-names.ts';
import { guardRoot } from './backup-root.ts';
import { peekManifest } from './manifest-file.ts';
import { isAsSeen, readVerifiedRecord, type VerifiedRecord } from './verified-record.ts';

/**
 * What a backup is worth. `verified`: its last check succeeded and its files look as they did then. `unverified`: never
 * checked, or touched since. `broken`: the check failed, or the archive is missing or of another length.
 */
export type BackupState = 'verified' | 'unverified' | 'broken';

/** A backup as its folder shows it. */
export interface CatalogueEntry {
  readonly id: string;
  readonly names: BackupNames;
  readonly state: BackupState;
  /** Why it is broken or unverified. */
  readonly problem?: string;
  /** Absent when the manifest cannot be read. */
  readonly manifest?: BackupManifest;
  readonly madeAtMs: number;
  readonly verified?: VerifiedRecord;
  readonly hold?: BackupHold;
  /** Bytes of archive or copies, and manifest. */
  readonly bytes: number;
}

/** Something of ours that belongs to no backup: a run died over it, or a removal was cut short. */
export interface Leftover {
  readonly name: string;
  readonly why: 'partial' | 'no-manifest' | 'removal' | 'orphan';
}

/** Everything of ours in a backup root; no other file is ever named in it. */
export interface Catalogue {
  readonly backupRoot: string;
  /** Newest first. */
  readonly backups: readonly CatalogueEntry[];
  readonly leftovers: readonly Leftover[];
}

interface OwnName {
  readonly name: string;
  readonly parsed: BackupName;
}

/**
 * Reads what a backup root holds, from its names, manifests and records alone.
 * @throws SYS-0142 when the folder or a name in it cannot be looked at: no list is never taken for an empty one.
 */
export function readCatalogue(files: KeepFiles, backupRoot: string): Catalogue {
  return guardRoot(backupRoot, () => readNames(files, backupRoot));
}

function readNames(files: KeepFiles, backupRoot: string): Catalogue {
  const names = files.list(backupRoot);
  const stems = new Map<string, OwnName[]>();
  const leftovers: Leftover[] = [];
  for (const { name, bytes } of names) {
    const parsed = bytes === undefined ? parseBackupName(name) : undefined;
    if (parsed === undefined) continue;
    if (parsed.partialOf !== undefined) leftovers.push({ name, why: 'partial' });
    else push(stems, `${parsed.set}-${idOfName(parsed)}`, { name, parsed });
  }
  const backups: CatalogueEntry[] = [];
  for (const own of stems.values()) {
    const entry = readEntry(files, backupRoot, own);
    if (entry === undefined) leftovers.push(...own.map((one) => leftoverOf(own, one)));
    else backups.push(entry);
  }
  backups.sort((a, b) => b.madeAtMs - a.madeAtMs || (a.id < b.id ? 1 : -1));
  leftovers.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { backupRoot, backups, leftovers };
}

/** One backup of a root. @throws INP-0804 when the root has none of that id. */
export function requireBackup(files: KeepFiles, backupRoot: string, id: string): CatalogueEntry {
  const found = readCatalogue(files, backupRoot).backups.find((backup) => backup.id === id);
  if (found !== undefined) return found;
  throw backupError(
    'INP-0804',
    `backup ${id} is not in ${backupRoot}; list what is there: qts-ops backup list`,
    {
      data: { id, backupRoot },
    },
  );
}

function push(map: Map<string, OwnName[]>, key: string, value: OwnName): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

/**
 * The manifest is what makes files a backup; without it they are leftovers. One that was verified or held once had a
 * manifest: it is shown as broken and is never removed as a leftover.
 */
function readEntry(
  files: KeepFiles,
  backupRoot: string,
  own: readonly OwnName[],
): CatalogueEntry | undefined {
  const parts = new Map(own.map(({ name, parsed }) => [parsed.part, name]));
  const wasCommitted = parts.has('verified') || parts.has('hold');
  if (parts.has('removing') || (!parts.has('manifest') && !wasCommitted)) return undefined;
  const parsed = own[0]?.parsed;
  if (parsed === undefined) return undefined;
  const stem = `${parsed.set}-${idOfName(parsed)}`;
  const made = readManifest(files, `${backupRoot}/${stem}.manifest.jsonl`);
  const manifest = 'manifest' in made ? made.manifest : undefined;
  const archiveName = parts.get('archive') ?? parts.get('copies');
  const names = namesOfArchive(archiveName ?? `${stem}.tar.gz`);
  if (names === undefined) return undefined;
  const archiveFacts = archiveName === undefined ? undefined : files.facts(`${backupRoot}/${archiveName}`);
  const verified = readVerifiedRecord(files, `${backupRoot}/${names.verified}`);
  const hold = readHold(files, `${backupRoot}/${names.hold}`);
  return {
    id: names.id,
    names,
    ...('problem' in made
      ? { state: 'broken' as const, problem: made.problem }
      : judge(made, archiveFacts, verified)),
    ...(manifest === undefined ? {} : { manifest }),
    madeAtMs: manifest?.startedAtMs ?? instantOfStamp(parsed.stamp) ?? 0,
    ...(verified === undefined ? {} : { verified }),
    ...(hold === undefined ? {} : { hold }),
    bytes: (manifest?.archiveBytes ?? archiveFacts?.size ?? 0) + ('facts' in made ? made.facts.size : 0),
  };
}

interface ReadManifest {
  readonly manifest: BackupManifest;
  readonly facts: FileFacts;
}

function readManifest(files: KeepFiles, path: string): ReadManifest | { readonly problem: string } {
  try {
    const file = files.openRead(path);
    try {
      return { manifest: peekManifest(file), facts: file.facts() };
    } finally {
      file.close();
    }
  } catch (error) {
    return { problem: problemText(error) };
  }
}

function judge(
  { manifest, facts }: ReadManifest,
  archive: FileFacts | undefined,
  verified: VerifiedRecord | undefined,
): Pick<CatalogueEntry, 'state' | 'problem'> {
  if (archive === undefined) return { state: 'broken', problem: `${manifest.archiveName} is missing` };
  const folder = manifest.strategy === 'file';
  if (archive.kind !== (folder ? 'folder' : 'file')) {
    return { state: 'broken', problem: `${manifest.archiveName} is not a ${folder ? 'folder' : 'file'}` };
  }
  if (!folder && archive.size !== manifest.archiveBytes) {
    const problem = `${manifest.archiveName} has ${archive.size} bytes, its manifest says ${manifest.archiveBytes}`;
    return { state: 'broken', problem };
  }
  if (verified === undefined || verified.id !== manifest.id)
    return { state: 'unverified', problem: 'never verified' };
  if (verified.outcome === 'broken')
    return { state: 'broken', problem: verified.problem ?? 'verification failed' };
  if (!isAsSeen(facts, verified.manifest) || (!folder && !isAsSeen(archive, verified.archive))) {
    return { state: 'unverified', problem: 'touched since it was verified' };
  }
  return { state: 'verified' };
}

function leftoverOf(own: readonly OwnName[], { name, parsed }: OwnName): Leftover {
  if (own.some((one) => one.parsed.part === 'removing')) return { name, why: 'removal' };
  return { name, why: parsed.part === 'archive' || parsed.part === 'copies' ? 'no-manifest' : 'orphan' };
}
