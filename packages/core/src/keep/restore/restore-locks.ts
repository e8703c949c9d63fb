import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { KeepLock } from '../../ports/keep-files.ts';
import { ROOT_LOCK } from '../backup/backup-names.ts';
import { guardRoot } from '../backup/backup-root.ts';
import type { RestoreServices } from './restore-request.ts';

/** The locks of one restore or drill; released together, in any case. */
export class RestoreLocks {
  readonly #services: Pick<RestoreServices, 'files' | 'clock' | 'locks' | 'lockOwner'>;
  readonly #runId: string;
  readonly #held: KeepLock[] = [];

  constructor(services: Pick<RestoreServices, 'files' | 'clock' | 'locks' | 'lockOwner'>, runId: string) {
    this.#services = services;
    this.#runId = runId;
  }

  /**
   * Nothing is pruned from a backup root, and nothing written into it, meanwhile.
   * @throws SYS-0126, SYS-0127, SYS-0142 when there is no such folder: taking a lock would make one.
   */
  takeBackups(backupRoot: string): void {
    guardRoot(backupRoot, () => this.#services.files.realPath(backupRoot));
    this.#take(posix.join(backupRoot, ROOT_LOCK));
  }

  /** Nothing is deleted from a data set meanwhile: the lock is the one of a maintenance run. @throws SYS-0126, SYS-0127. */
  takeData({ stateFolder, dataRoot }: { readonly stateFolder: string; readonly dataRoot: string }): void {
    const name = createHash('sha256').update(dataRoot).digest('hex').slice(0, 16);
    this.#take(posix.join(stateFolder, 'maintenance', `data-${name}.lock`));
  }

  release(): void {
    for (const lock of this.#held.splice(0).reverse()) lock.release();
  }

  #take(lockFile: string): void {
    const { clock, locks, lockOwner } = this.#services;
    this.#held.push(locks.take(lockFile, { ...lockOwner, runId: this.#runId, sinceMs: clock.now() }));
  }
}
