import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { KeepLock } from '../../ports/keep-files.ts';
import { takeLock } from '../../ports/lock-wait.ts';
import { ROOT_LOCK } from '../backup/backup-names.ts';
import { openBackupRoot } from '../backup/backup-root.ts';
import type { MaintenanceRequest, MaintenanceServices } from './maintenance-request.ts';

/** The locks of one run; released together, in any case. */
export class RunLocks {
  readonly #services: MaintenanceServices;
  readonly #request: MaintenanceRequest;
  readonly #held: KeepLock[] = [];

  constructor(services: MaintenanceServices, request: MaintenanceRequest) {
    this.#services = services;
    this.#request = request;
  }

  /** One run at a time deletes from a data set. @throws SYS-0126, SYS-0127. */
  takeData(): Promise<void> {
    const { stateFolder, dataRoot } = this.#request;
    const name = createHash('sha256').update(dataRoot).digest('hex').slice(0, 16);
    return this.#take(posix.join(stateFolder, 'maintenance', `data-${name}.lock`));
  }

  /** One run at a time writes into a backup root. @throws BAT-0504, SYS-0126, SYS-0127, SYS-0142. */
  async takeBackups(): Promise<void> {
    // Looked at first, so that a disk that is not mounted gets no lock file in its place.
    const { path } = openBackupRoot(this.#services.files, this.#request);
    await this.#take(posix.join(path, ROOT_LOCK));
  }

  release(): void {
    for (const lock of this.#held.splice(0).reverse()) lock.release();
  }

  async #take(lockFile: string): Promise<void> {
    const { runId, signal } = this.#request;
    this.#held.push(await takeLock(this.#services, { lockFile, runId, signal }));
  }
}
