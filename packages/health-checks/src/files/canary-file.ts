import { randomUUID } from 'node:crypto';
import { open, opendir, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Names that begin so are canaries of ours, and nothing else. */
const CANARY = '.qts-ops-canary-';
/** A canary so old was left by a process that was killed while it looked. */
const LEFTOVER_MS = 3_600_000;
const NAMES_MAX = 10_000;

/** The canary came back other than it was written. */
export class CanaryChanged extends Error {
  constructor() {
    super('what was written came back changed');
    this.name = 'CanaryChanged';
  }
}

/** The name of a check's canary: another one for each check of each process. */
export function canaryName(): string {
  return `${CANARY}${hostname().replaceAll(/[^\w-]/g, '_')}-${randomUUID()}`;
}

/**
 * Writes a file of its own, syncs it, reads it back and removes it. Touches nothing else.
 * @throws CanaryChanged when it came back changed; the system's error when one of the steps failed.
 */
export async function writeReadDelete(folder: string, name: string): Promise<void> {
  const path = join(folder, name);
  const text = `${randomUUID()}\n`.repeat(100);
  // A canary of an earlier look that could not be removed is replaced; nobody else has its name.
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    if ((await readFile(path, 'utf8')) !== text) throw new CanaryChanged();
  } finally {
    await rm(path, { force: true });
  }
}

/** Removes canaries that killed processes left; what cannot be removed is left for the next time. */
export async function removeLeftovers(folder: string, nowMs: number): Promise<void> {
  let names = 0;
  for await (const entry of await opendir(folder)) {
    names += 1;
    if (names > NAMES_MAX) break;
    if (!entry.isFile() || !entry.name.startsWith(CANARY)) continue;
    const path = join(folder, entry.name);
    const facts = await stat(path).catch(() => undefined);
    if (facts !== undefined && nowMs - facts.mtimeMs > LEFTOVER_MS) {
      await rm(path, { force: true }).catch(() => undefined);
    }
  }
}
