import {
  type ArchiveStrategyOptions,
  archiveStrategy,
  type IncrementalStrategyOptions,
  incrementalStrategy,
} from '../keep/backup/archive-strategy.ts';
import type { BackupCodec, BackupStrategyName } from '../keep/backup/backup-manifest.ts';
import type { BackupSink, BackupStrategy, ChainLimits, SinkPlace } from '../keep/backup/backup-strategy.ts';
import { fileStrategy } from '../keep/backup/file-strategy.ts';

/** The specification's archive strategy: one `.tar.gz` that ordinary tools open; zstd and the level are options. */
export class ArchiveBackupStrategy implements BackupStrategy {
  readonly name: BackupStrategyName = 'archive';
  readonly codec: BackupCodec;
  readonly level: number;
  readonly #inner: BackupStrategy;

  /** @throws INP-0803 when the level is out of range. */
  constructor(options: ArchiveStrategyOptions = {}) {
    this.#inner = archiveStrategy(options);
    this.codec = this.#inner.codec;
    this.level = this.#inner.level;
  }

  open(place: SinkPlace): BackupSink {
    return this.#inner.open(place);
  }
}

/** The specification's file strategy: plain copies with tree, times and rights. */
export class FileBackupStrategy implements BackupStrategy {
  readonly name: BackupStrategyName = 'file';
  readonly codec: BackupCodec = 'store';
  readonly level = 0;
  readonly #inner = fileStrategy();

  open(place: SinkPlace): BackupSink {
    return this.#inner.open(place);
  }
}

/** Only what changed since a verified backup; a chain restores as one. */
export class IncrementalBackupStrategy implements BackupStrategy {
  readonly name: BackupStrategyName = 'incremental';
  readonly codec: BackupCodec;
  readonly level: number;
  readonly chain: ChainLimits;
  readonly #inner: BackupStrategy;

  /** @throws INP-0803 when a number is out of range. */
  constructor(options: IncrementalStrategyOptions = {}) {
    this.#inner = incrementalStrategy(options);
    this.codec = this.#inner.codec;
    this.level = this.#inner.level;
    this.chain = this.#inner.chain ?? { maxDepth: 1, reverifyAfterMs: 0 };
  }

  open(place: SinkPlace): BackupSink {
    return this.#inner.open(place);
  }
}
