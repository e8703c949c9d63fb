import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test, removed when it is disposed. */
export interface TemporaryPlace extends Disposable {
  readonly path: string;
}

/** Memory where there is such a place: thousands of small files are made slowly by disks. */
export const quickPlace = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Makes an empty folder outside the repository; short, because sockets will lie in it. */
export function temporaryPlace(parent: string = tmpdir()): TemporaryPlace {
  const path = mkdtempSync(join(realpathSync(parent), 'qts-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}
