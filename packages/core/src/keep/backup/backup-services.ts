import type { Clock } from '../../ports/clock.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import type { ArchivePort } from './archive-port.ts';

/** What this chapter asks of the world. */
export interface BackupServices {
  readonly files: KeepFiles;
  readonly archives: ArchivePort;
  readonly clock: Clock;
  /** Name of the machine, for manifests. */
  readonly host: string;
  /** Version of qts-ops, for manifests. */
  readonly toolVersion: string;
}
