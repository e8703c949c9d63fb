import { backupError } from './backup-errors.ts';
import type { BackupCodec } from './backup-manifest.ts';
import type { BackupSink, BackupStrategy, SinkPlace } from './backup-strategy.ts';
import { removeOwn } from './remove-own.ts';

/** How an archive is packed. */
export interface ArchiveStrategyOptions {
  /** Default `gzip`, which every tar reads; `zstd` at level 1 is several times faster and smaller on market data. */
  readonly codec?: BackupCodec | undefined;
  /** gzip 1 to 9, default 6; zstd 1 to 19, default 1. */
  readonly level?: number | undefined;
  /** Unpacked length of a block, bytes; see `ArchiveWriteOptions`. */
  readonly blockBytes?: number | undefined;
}

/** How an incremental backup is made. */
export interface IncrementalStrategyOptions extends ArchiveStrategyOptions {
  /** Backups that may follow a full one, 1 to 7, default 6. */
  readonly maxDepth?: number | undefined;
  /** An ancestor verified longer ago is read again before it is built on, ms; default 7 days. */
  readonly reverifyAfterMs?: number | undefined;
}

const LEVELS = { gzip: { least: 1, most: 9, usual: 6 }, zstd: { least: 1, most: 19, usual: 1 } } as const;
const WEEK_MS = 7 * 86_400_000;
const DEPTH_MAX = 7;

/**
 * Everything in one archive that an ordinary `tar` opens.
 * @throws INP-0803 when the level is out of range.
 */
export function archiveStrategy(options: ArchiveStrategyOptions = {}): BackupStrategy {
  const { codec = 'gzip', blockBytes } = options;
  const level = levelOf(codec, options.level);
  return {
    name: 'archive',
    codec,
    level,
    open: (place) => openArchive(place, { codec, level, blockBytes }),
  };
}

/**
 * An archive of what has changed since a verified ancestor; a full one when there is none to build on.
 * @throws INP-0803 when a number is out of range.
 */
export function incrementalStrategy(options: IncrementalStrategyOptions = {}): BackupStrategy {
  const { maxDepth = DEPTH_MAX - 1, reverifyAfterMs = WEEK_MS } = options;
  requireRange('maxDepth', maxDepth, { least: 1, most: DEPTH_MAX });
  requireRange('reverifyAfterMs', reverifyAfterMs, { least: 0, most: Number.MAX_SAFE_INTEGER });
  return { ...archiveStrategy(options), name: 'incremental', chain: { maxDepth, reverifyAfterMs } };
}

interface Packing {
  readonly codec: BackupCodec;
  readonly level: number;
  readonly blockBytes: number | undefined;
}

function openArchive({ files, archives, backupRoot, partial }: SinkPlace, packing: Packing): BackupSink {
  const file = files.createNew(`${backupRoot}/${partial}`, 0o600);
  const writer = archives.write(file, packing);
  return {
    pressure: () => writer.pressure(),
    begin: (header) => writer.begin(header),
    room: () => writer.room(),
    filled: (length) => writer.filled(length),
    end: () => writer.end(),
    abandon: () => writer.abandon(),
    async finish() {
      const { bytes, sha256, blocks } = await writer.finish();
      // An error here is final: a second call could report success for pages the system has dropped.
      file.sync();
      file.close();
      return { bytes, sha256, blocks };
    },
    async discard() {
      await writer.discard();
      closeQuietly(file);
      removeQuietly({ files, backupRoot, partial });
    },
  };
}

/** Closes a file that is given up; what closing could say has no meaning any more. */
export function closeQuietly(file: { close(): void }): void {
  try {
    file.close();
  } catch {
    // The file is removed next, or its content was never trusted.
  }
}

/** Removes a partial that is given up; what cannot be removed now, the next run recognises as a leftover. */
export function removeQuietly({
  files,
  backupRoot,
  partial,
}: Pick<SinkPlace, 'files' | 'backupRoot' | 'partial'>): void {
  try {
    removeOwn(files, backupRoot, partial);
  } catch {
    // The failure that led here is the one to report.
  }
}

function levelOf(codec: BackupCodec, asked: number | undefined): number {
  if (codec === 'store') return 0;
  const { least, most, usual } = LEVELS[codec];
  const level = asked ?? usual;
  requireRange(`level of ${codec}`, level, { least, most });
  return level;
}

/** Checks a number of a strategy or policy. @throws INP-0803 naming field, value and range. */
export function requireRange(
  field: string,
  value: number,
  { least, most }: { readonly least: number; readonly most: number },
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw backupError('INP-0803', `${field}: ${value}; allowed: whole numbers from ${least} to ${most}`, {
    data: { field, value: String(value) },
  });
}
