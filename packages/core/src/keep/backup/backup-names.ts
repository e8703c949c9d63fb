import type { BackupCodec, BackupStrategyName } from './backup-manifest.ts';

/** Marks a folder as a backup root of ours; a disk that is not mounted does not have it. */
export const ROOT_MARKER = '.qts-ops-backup-root';
/** Lock of a backup root: one run at a time. */
export const ROOT_LOCK = '.qts-ops-backup.lock';
/** Folder of near-real-time copies inside a backup root. */
export const REALTIME_FOLDER = 'realtime';
/** Folder inside a backup for files that do not come from the source. */
export const EXTRA_FOLDER = '.qts-ops';
/** Where a backup holds the engine's own database. */
export const DATABASE_ENTRY = `${EXTRA_FOLDER}/qts-ops.db`;
/** Where a backup holds the holds on files of the sources. */
export const HOLDS_ENTRY = `${EXTRA_FOLDER}/holds.jsonl`;

/** What the name of a file in a backup root says. */
export interface BackupName {
  readonly set: string;
  /** `20261120T134501.123Z`. */
  readonly stamp: string;
  /** Last 8 characters of the run id. */
  readonly run8: string;
  readonly part: BackupPart;
  /** Run that was writing it; set only for a file that was not finished. */
  readonly partialOf?: string;
}

/** What a file in a backup root is. */
export type BackupPart = 'archive' | 'copies' | 'manifest' | 'verified' | 'database' | 'hold' | 'removing';

const ENDINGS: readonly (readonly [string, BackupPart])[] = [
  ['.manifest.jsonl', 'manifest'],
  ['.verified.json', 'verified'],
  ['.hold.json', 'hold'],
  ['.removing', 'removing'],
  ['.tar.gz', 'archive'],
  ['.tar.zst', 'archive'],
  ['.tar', 'archive'],
  ['.db', 'database'],
  ['.files', 'copies'],
];
const SHAPE =
  /^([a-z0-9][a-z0-9_-]{0,63})-(\d{8}T\d{6}\.\d{3}Z)-([0-9a-f]{8})(\.[a-z.]+?)(?:\.partial\.([0-9a-f-]{36}))?$/;

/** Reads a name in a backup root; undefined for every name that we did not make. */
export function parseBackupName(name: string): BackupName | undefined {
  const match = SHAPE.exec(name);
  if (match === null) return undefined;
  const [, set = '', stamp = '', run8 = '', ending = '', partialOf] = match;
  const part = ENDINGS.find(([known]) => known === ending)?.[1];
  if (part === undefined) return undefined;
  return { set, stamp, run8, part, ...(partialOf === undefined ? {} : { partialOf }) };
}

/** Id of the backup a name belongs to. */
export function idOfName({ stamp, run8 }: Pick<BackupName, 'stamp' | 'run8'>): string {
  return `${stamp}-${run8}`;
}

/** The names of one backup; all begin with the same stem. */
export interface BackupNames {
  readonly id: string;
  readonly stem: string;
  /** The archive file, or the folder of a file backup. */
  readonly archive: string;
  readonly manifest: string;
  readonly verified: string;
  readonly hold: string;
  readonly database: string;
}

/** What the names of a backup are made of. */
export interface NamedBackup {
  readonly set: string;
  readonly startedAtMs: number;
  readonly runId: string;
  readonly strategy: BackupStrategyName;
  readonly codec: BackupCodec;
}

/**
 * Names that no other run has: the stamp has milliseconds and the end of the run id is random.
 * Publishing refuses to replace, so that even equal names could not harm an older backup.
 */
export function backupNames({ set, startedAtMs, runId, strategy, codec }: NamedBackup): BackupNames {
  const id = `${stampOf(startedAtMs)}-${runId.replaceAll('-', '').slice(-8)}`;
  return namesOfStem(`${set}-${id}`, strategy === 'file' ? '.files' : ARCHIVE_ENDING[codec]);
}

/** The names that belong to an archive name. */
export function namesOfArchive(archiveName: string): BackupNames | undefined {
  const parsed = parseBackupName(archiveName);
  if (parsed === undefined) return undefined;
  const stem = `${parsed.set}-${idOfName(parsed)}`;
  return namesOfStem(stem, archiveName.slice(stem.length));
}

const ARCHIVE_ENDING: Readonly<Record<BackupCodec, string>> = {
  gzip: '.tar.gz',
  zstd: '.tar.zst',
  store: '.tar',
};

function namesOfStem(stem: string, archiveEnding: string): BackupNames {
  return {
    id: stem.slice(-(STAMP_LENGTH + 1 + 8)),
    stem,
    archive: `${stem}${archiveEnding}`,
    manifest: `${stem}.manifest.jsonl`,
    verified: `${stem}.verified.json`,
    hold: `${stem}.hold.json`,
    database: `${stem}.db`,
  };
}

/** The name a file has until it is complete. */
export function partialName(name: string, runId: string): string {
  return `${name}.partial.${runId}`;
}

const STAMP_LENGTH = '20261120T134501.123Z'.length;

/** An instant as it stands in names, UTC with milliseconds; names sort in the order of time. */
export function stampOf(instantMs: number): string {
  return new Date(instantMs).toISOString().replaceAll(/[-:]/g, '');
}

/** The instant of a stamp; undefined when it is no date. */
export function instantOfStamp(stamp: string): number | undefined {
  const text = stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)$/, '$1-$2-$3T$4:$5:$6');
  const instantMs = Date.parse(text);
  return Number.isNaN(instantMs) ? undefined : instantMs;
}

/** A set name from any text, usually the last name of the source's path: small letters, digits, '-' and '_'. */
export function setNameOf(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replaceAll(/^[-_]+|-+$/g, '')
    .slice(0, 64);
  return plain === '' ? 'backup' : plain;
}
