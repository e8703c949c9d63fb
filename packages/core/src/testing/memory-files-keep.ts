import { tarArchives } from '../adapters/archive-tar/tar-archives.ts';
import { archiveStrategy } from '../keep/backup/archive-strategy.ts';
import { makeBackup } from '../keep/backup/backup-run.ts';
import type { BackupServices } from '../keep/backup/backup-services.ts';
import type { BackupStrategy } from '../keep/backup/backup-strategy.ts';
import type { MaintenanceServices } from '../keep/maintenance/maintenance-request.ts';
import type { KeepFiles, KeepLocks } from '../ports/keep-files.ts';
import { MemoryFiles } from './memory-files.ts';
import { VirtualClock } from './virtual-clock.ts';

const DAY_MS = 86_400_000;

/** A machine in memory that backs up and cleans up: `/data`, `/backups` and `/state`. */
export class KeepWorld {
  readonly clock: VirtualClock;
  readonly files: MemoryFiles;
  readonly strategy: BackupStrategy = archiveStrategy();
  readonly #locks = memoryLocks();
  #runs = 0;

  constructor(startMs?: number) {
    this.clock = new VirtualClock(startMs);
    this.files = new MemoryFiles({ now: () => this.clock.now() });
    this.files.makeFolder('/data', 0o755);
    this.files.makeFolder('/backups', 0o700);
    this.files.makeFolder('/state', 0o700);
    this.files.syncFolder('/');
  }

  /** Writes a file below `/data` that was last changed so many days ago. */
  put(path: string, ageDays: number, content = `content of ${path}\n`): void {
    this.files.put(`/data/${path}`, content, { mtimeMs: this.clock.now() - ageDays * DAY_MS });
  }

  /** A run id that no other run of this world has. */
  nextRunId(): string {
    this.#runs += 1;
    return `00000000-0000-7000-8000-${String(this.#runs).padStart(12, '0')}`;
  }

  /** Services of the backup chapter; `files` lets a test put faults in between. */
  backupServices(files: KeepFiles = this.files): BackupServices {
    return { files, archives: tarArchives(), clock: this.clock, host: 'desk-1', toolVersion: '0.0.0' };
  }

  /** Services of a maintenance run. */
  maintenanceServices(files: KeepFiles = this.files): MaintenanceServices {
    const backup = this.backupServices(files);
    return {
      ...{ files, clock: this.clock, locks: this.#locks },
      lockOwner: { pid: 1, host: 'desk-1', bootId: 'boot-1' },
      makeBackup: (request) => makeBackup(backup, request),
    };
  }
}

/** Locks within one process; a world that dies is followed by a new one. */
export function memoryLocks(): KeepLocks {
  const held = new Set<string>();
  return {
    take(lockFile) {
      if (held.has(lockFile)) throw Object.assign(new Error(`${lockFile} is held`), { code: 'SYS-0126' });
      held.add(lockFile);
      return { release: () => void held.delete(lockFile) };
    },
  };
}
