import type { Clock } from './clock.ts';
import type { KeepLock, KeepLockOwner, KeepLocks } from './keep-files.ts';

/** How long a run waits for another one that holds what it needs; such runs end, and the wait is cheaper than a failure. */
export interface LockWait {
  /** Longest wait for one lock, ms; 0 refuses at once. */
  readonly limitMs: number;
  /** Told once per lock, when a wait begins: who holds it. */
  readonly onWait?: ((message: string) => void) | undefined;
}

/** What taking a lock asks of the world. */
export interface LockServices {
  readonly clock: Clock;
  readonly locks: KeepLocks;
  /** Names this process to others that find a lock held. */
  readonly lockOwner: Omit<KeepLockOwner, 'runId' | 'sinceMs'>;
  /** Absent: nobody is waited for. */
  readonly lockWait?: LockWait | undefined;
}

/** Which lock, and for which run. */
export interface LockRequest {
  readonly lockFile: string;
  readonly runId: string;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

const ASK_EVERY_MS = 250;

/**
 * Takes a lock, and waits for the run that holds it as long as the services say.
 * @throws SYS-0126 naming the other run when it does not end in time, SYS-0127, the reason of the signal.
 */
export async function takeLock(services: LockServices, request: LockRequest): Promise<KeepLock> {
  const { clock, lockWait } = services;
  const { signal = new AbortController().signal } = request;
  const giveUpMono = clock.mono() + (lockWait?.limitMs ?? 0);
  for (let asked = 0; ; asked++) {
    signal.throwIfAborted();
    try {
      return takeNow(services, request);
    } catch (error) {
      const leftMs = giveUpMono - clock.mono();
      if (!isHeld(error) || leftMs <= 0) throw error;
      if (asked === 0) lockWait?.onWait?.(`waiting for its end: ${error.message}`);
      await clock.sleep(Math.min(ASK_EVERY_MS, leftMs), signal);
    }
  }
}

function takeNow({ clock, locks, lockOwner }: LockServices, { lockFile, runId }: LockRequest): KeepLock {
  return locks.take(lockFile, { ...lockOwner, runId, sinceMs: clock.now() });
}

function isHeld(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'SYS-0126';
}
