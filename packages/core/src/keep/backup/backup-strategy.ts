import type { KeepFiles } from '../../ports/keep-files.ts';
import type { ArchiveHeader, ArchivePlace, ArchivePort } from './archive-port.ts';
import type { ArchiveBlock, BackupCodec, BackupStrategyName } from './backup-manifest.ts';

/**
 * How the bytes of a backup are kept. A strategy is not trusted: whatever it wrote is read back and compared before it
 * counts, so that a wrong one can make a backup fail but never a deletion happen.
 */
export interface BackupStrategy {
  readonly name: BackupStrategyName;
  readonly codec: BackupCodec;
  /** Of the codec; 0 where it has none. */
  readonly level: number;
  /** Set when a backup may leave to an ancestor what has not changed. */
  readonly chain?: ChainLimits;
  /** Starts an empty backup. */
  open(place: SinkPlace): BackupSink;
}

/** How far backups may build on each other. */
export interface ChainLimits {
  /** Backups that may follow a full one, 1 to 7. */
  readonly maxDepth: number;
  /** An ancestor that was verified longer ago is read again before it is built on, ms. */
  readonly reverifyAfterMs: number;
}

/** Where a strategy writes. */
export interface SinkPlace {
  readonly files: KeepFiles;
  readonly archives: ArchivePort;
  readonly backupRoot: string;
  /** Name in the backup root that the backup has until it is published. */
  readonly partial: string;
}

/** A file as a sink gets it. */
export interface SinkHeader extends ArchiveHeader {
  readonly mtimeNs: bigint;
}

/**
 * Takes files one after the other: `pressure`, `begin`, bytes by `room` and `filled`, then `end`, or `abandon` when the
 * file changed while it was read. See `ArchiveWriter`.
 */
export interface BackupSink {
  pressure(): Promise<void> | undefined;
  /** Where the file begins; undefined where places mean nothing. */
  begin(header: SinkHeader): ArchivePlace | undefined;
  room(): Uint8Array;
  filled(length: number): void;
  /** @returns SHA-256 of the kept bytes, hexadecimal. */
  end(): string;
  abandon(): Promise<void>;
  /** Everything is written and synced; the partial name is closed but not yet published. */
  finish(): Promise<SinkResult>;
  /** Gives up and removes what was written; never throws. */
  discard(): Promise<void>;
}

/** What a sink has written. */
export interface SinkResult {
  readonly bytes: number;
  /** SHA-256 of the archive, or of the digests of all copies in order. */
  readonly sha256: string;
  readonly blocks: readonly ArchiveBlock[];
}
