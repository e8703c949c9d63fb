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
  }
}

/** Another name for each look, so that two looks never touch the same file. */
function canaryName(): string {
  return `${CANARY}${hostname().replaceAll(/[^\w-]/g, '_')}-${randomUUID()}`;
}

/**
 * Writes a file of its own, syncs it, reads it back and removes it. Touches nothing else.
 * @throws CanaryChanged when it came back changed; the system's error when one of the steps failed.
 */
export async function writeReadDelete(folder: string): Promise<void> {
  const path = join(folder, canaryName());
  const text = `${randomUUID()}\n`.repeat(100);
  const file = await open(path, 'wx', 0o600);
  try {
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if ((await readFile(path, 'utf8')) !== text) throw new CanaryChanged();
  } finally {
    await rm(path, { force: true });
  }
}

/** Removes canaries that killed processes left, by the clock that files are stamped with; what cannot be removed is left for the next time. */
export async function removeLeftovers(folder: string): Promise<void> {
  let names = 0;
  for await (const entry of await opendir(folder)) {
    names += 1;
    if (names > NAMES_MAX) break;
    if (!entry.isFile() || !entry.name.startsWith(CANARY)) continue;
    const path = join(folder, entry.name);
    const facts = await stat(path).catch(() => undefined);
    if (facts !== undefined && Date.now() - facts.mtimeMs > LEFTOVER_MS) {
      await rm(path, { force: true }).catch(() => undefined);
    }
  }
}
