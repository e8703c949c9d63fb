import { posix } from 'node:path';
import { z } from 'zod';
import type { KeepFiles } from '../../ports/keep-files.ts';
import type { GuardMemory } from '../retention/retention-guards.ts';
import { readOwnText, replaceOwnText } from '../retention/state-lines.ts';

/** What the guards remember of each data set, below the state folder. */
export const GUARD_FILE = 'maintenance/guards.json';

const MemorySchema = z.object({
  lastRunAtMs: z.number(),
  appliedHash: z.string().exactOptional(),
  shownHash: z.string().exactOptional(),
  boot: z.object({ id: z.string(), sinceBootMs: z.number() }).exactOptional(),
});
const FileSchema = z.record(z.string(), MemorySchema);

/** Stands for a memory that was damaged: rules were applied before, nobody knows which. */
const DAMAGED: GuardMemory = { lastRunAtMs: 0, appliedHash: 'unknown' };

/**
 * What earlier runs over a data set left; undefined before the first. A damaged file makes the next run show what it
 * would delete, as after a change of the rules, and is replaced by it. @throws SYS-0161.
 */
export function readGuardMemory(
  files: KeepFiles,
  { stateFolder, dataRoot }: { readonly stateFolder: string; readonly dataRoot: string },
): GuardMemory | undefined {
  const known = readAll(files, stateFolder);
  return known === undefined ? DAMAGED : known[dataRoot];
}

/** Remembers this run for the next. @throws SYS-0161. */
export function writeGuardMemory(
  files: KeepFiles,
  place: { readonly stateFolder: string; readonly dataRoot: string; readonly runId: string },
  memory: GuardMemory,
): void {
  const { stateFolder, dataRoot, runId } = place;
  const known = readAll(files, stateFolder) ?? {};
  const text = `${JSON.stringify({ ...known, [dataRoot]: memory }, undefined, 2)}\n`;
  replaceOwnText(files, posix.join(stateFolder, GUARD_FILE), { text, runId });
}

function readAll(files: KeepFiles, stateFolder: string): Readonly<Record<string, GuardMemory>> | undefined {
  const text = readOwnText(files, posix.join(stateFolder, GUARD_FILE));
  if (text === undefined) return {};
  try {
    const parsed = FileSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
