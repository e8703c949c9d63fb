import { z } from 'zod';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { parseJson, readSmallFile } from './backup-root.ts';

/** What a hold is made of. */
export const HoldSchema = z.object({
  reason: z.string().min(1),
  owner: z.string().min(1),
  setAtMs: z.number(),
  /** Instant at which it ends by itself, ms; null: never. */
  untilMs: z.number().nullable(),
});

/** A legal hold: while it stands, the backup is pruned by nothing. */
export type BackupHold = z.infer<typeof HoldSchema>;

/** An unreadable hold holds: a damaged file must not set a backup free. */
const UNREADABLE: BackupHold = {
  reason: 'the hold cannot be read',
  owner: 'unknown',
  setAtMs: 0,
  untilMs: null,
};

/** The hold of a backup; undefined when it has none. */
export function readHold(files: KeepFiles, path: string): BackupHold | undefined {
  const text = readSmallFile(files, path);
  if (text === undefined) return files.facts(path) === undefined ? undefined : UNREADABLE;
  const parsed = HoldSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : UNREADABLE;
}

/** True while a hold stands. */
export function isHeld(hold: BackupHold | undefined, nowMs: number): boolean {
  return hold !== undefined && (hold.untilMs === null || nowMs < hold.untilMs);
}
