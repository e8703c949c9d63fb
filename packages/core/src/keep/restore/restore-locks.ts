import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { KeepLock } from '../../ports/keep-files.ts';
import { type LockRequest, takeLock } from '../../ports/lock-wait.ts';
import { ROOT_LOCK } from '../backup/backup-names.ts';
import { guardRoot } from '../backup/backup-root.ts';
import type { RestoreHold, RestoreServices } from './restore-request.ts';

/** Whose locks they are, and what ends a wait for one. */
type LockedRun = Pick<LockRequest, 'runId' | 'signal'>;

/** The locks of one restore or drill; released together, in any case. */
export class RestoreLocks {
  readonly #services: RestoreServices;
  readonly #run: LockedRun;
  readonly #held: KeepLock[] = [];

  constructor(services: RestoreServices, run: LockedRun) {
    this.#services = services;
    this.#run = run;
  }

  /**
   * Nothing is pruned from a backup root, and nothing written into it, meanwhile.
   * @throws SYS-0126, SYS-0127, SYS-0142 when there is no such folder: taking a lock would make one.
   */
  async takeBackups(backupRoot: string): Promise<void> {
    guardRoot(backupRoot, () => this.#services.files.realPath(backupRoot));
    await this.#take(posix.join(backupRoot, ROOT_LOCK));
  }

  /** Nothing is deleted from a data set meanwhile: the lock is the one of a maintenance run. @throws SYS-0126, SYS-0127. */
  takeData({ stateFolder, dataRoot }: Pick<RestoreHold, 'stateFolder' | 'dataRoot'>): Promise<void> {
    const name = createHash('sha256').update(dataRoot).digest('hex').slice(0, 16);
    return this.#take(posix.join(stateFolder, 'maintenance', `data-${name}.lock`));
  }

  release(): void {
    for (const lock of this.#held.splice(0).reverse()) lock.release();
  }

  async #take(lockFile: string): Promise<void> {
    this.#held.push(await takeLock(this.#services, { lockFile, ...this.#run }));
  }
}
