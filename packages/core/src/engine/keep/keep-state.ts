import { posix } from 'node:path';
import { z } from 'zod';
import { readCatalogue } from '../../keep/backup/backup-catalogue.ts';
import { isHeld } from '../../keep/backup/backup-hold.ts';
import { parseBackupName } from '../../keep/backup/backup-names.ts';
import { readDrills } from '../../keep/restore/drill-record.ts';
import { readOwnText, replaceOwnText } from '../../keep/retention/state-lines.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';

/** What the last keep run knew, in the state folder: the engine reads it instead of a disk that may hang. */
export const KEEP_STATE_FILE = 'maintenance/keep-state.json';
/** The newest so many backups of a root are listed. */
const LISTED_MAX = 500;
/** The newest so many drills are listed. */
const LISTED_DRILLS_MAX = 50;

const BackupRowSchema = z.strictObject({
  id: z.string(),
  source: z.string(),
  backupRoot: z.string(),
  /** True for the copy in the second place. */
  copy: z.boolean(),
  state: z.enum(['verified', 'unverified', 'broken']),
  problem: z.string().exactOptional(),
  strategy: z.string(),
  codec: z.string(),
  madeAtMs: z.number(),
  verifiedAtMs: z.number().exactOptional(),
  files: z.number(),
  bytes: z.number(),
  sourceBytes: z.number(),
  parent: z.string().exactOptional(),
  held: z.boolean(),
});

const NoteSchema = z.strictObject({
  /** Act whose runs say it; the next one that does not ends a standing note. */
  act: z.string(),
  source: z.string(),
  code: z.string(),
  message: z.string(),
  /** True for a state that lasts until a run no longer says it. */
  standing: z.boolean(),
});

const DrillRowSchema = z.strictObject({
  source: z.string(),
  kind: z.enum(['stream', 'full']),
  outcome: z.enum(['passed', 'failed']),
  atMs: z.number(),
  backupId: z.string().exactOptional(),
  problem: z.string().exactOptional(),
  files: z.number(),
  bytes: z.number(),
  /** How old the data would have been after a recovery then, ms. */
  ageMs: z.number(),
  /** How long the backup took to come back, ms. */
  recoveryMs: z.number(),
});

const SpaceSampleSchema = z.strictObject({ backupRoot: z.string(), atMs: z.number(), freeBytes: z.number() });

const StateSchema = z.strictObject({
  schema: z.literal(1),
  runId: z.string(),
  act: z.string(),
  atMs: z.number(),
  backups: z.array(BackupRowSchema),
  notes: z.array(NoteSchema),
  /** The newest drills, newest first. */
  drills: z.array(DrillRowSchema),
  /** Free space of the backup roots now and then, oldest first, for a forecast. */
  space: z.array(SpaceSampleSchema).exactOptional(),
});

/** One backup as every door shows it. */
export type BackupRow = z.infer<typeof BackupRowSchema>;
/** Something a keep run has to say besides how it ended. */
export type KeepNote = z.infer<typeof NoteSchema>;
/** One drill of one source as every door shows it. */
export type DrillRow = z.infer<typeof DrillRowSchema>;
/** Free space of a backup root at one instant. */
export type SpaceSample = z.infer<typeof SpaceSampleSchema>;
/** What one keep run left for the engine. */
export type KeepState = z.infer<typeof StateSchema>;

/** Rows of every backup of a root, newest first. @throws SYS-0142 when the folder cannot be listed. */
export function listBackups(
  files: KeepFiles,
  root: { readonly backupRoot: string; readonly copy: boolean },
  nowMs: number,
): readonly BackupRow[] {
  if (files.facts(root.backupRoot) === undefined) return [];
  const { backups } = readCatalogue(files, root.backupRoot);
  return backups.slice(0, LISTED_MAX).map((entry) => {
    const { id, names, state, problem, manifest, madeAtMs, verified, bytes } = entry;
    const isVerified = verified?.outcome === 'verified';
    return {
      id,
      source: parseBackupName(names.manifest)?.set ?? '',
      backupRoot: root.backupRoot,
      copy: root.copy,
      state,
      ...(problem === undefined ? {} : { problem }),
      strategy: manifest?.strategy ?? 'archive',
      codec: manifest?.codec ?? 'store',
      madeAtMs,
      ...(isVerified ? { verifiedAtMs: verified.atMs } : {}),
      files: manifest?.recordCount ?? 0,
      bytes,
      sourceBytes: manifest?.sourceBytes ?? 0,
      ...(manifest?.parent === undefined ? {} : { parent: manifest.parent }),
      held: isHeld(entry.hold, nowMs),
    };
  });
}

/** The newest drills on record, newest first, and of each source the last that passed. @throws SYS-0161. */
export function listDrills(files: KeepFiles, stateFolder: string): readonly DrillRow[] {
  const rows = readDrills(files, stateFolder).flatMap(({ kind, atMs, sets }) =>
    sets.map(({ set, backupId, problem, outcome, files: count, bytes, ageMs, recoveryMs }) => ({
      source: set,
      kind,
      outcome,
      atMs,
      ...(backupId === undefined ? {} : { backupId }),
      ...(problem === undefined ? {} : { problem }),
      files: count,
      bytes,
      ageMs,
      recoveryMs,
    })),
  );
  const newestFirst = rows.toReversed();
  const lastGood = new Map(
    rows.filter(({ outcome }) => outcome === 'passed').map((row) => [row.source, row]),
  );
  return newestFirst.filter((row, index) => index < LISTED_DRILLS_MAX || lastGood.get(row.source) === row);
}

/** Leaves the state for the engine. @throws SYS-0161. */
export function writeKeepState(files: KeepFiles, stateFolder: string, state: KeepState): void {
  const path = posix.join(stateFolder, KEEP_STATE_FILE);
  replaceOwnText(files, path, { text: `${JSON.stringify(state)}\n`, runId: state.runId });
}

/** The state the last keep run left; undefined when there was none or it cannot be used. */
export function readKeepState(files: KeepFiles, stateFolder: string): KeepState | undefined {
  const text = readOwnText(files, posix.join(stateFolder, KEEP_STATE_FILE));
  if (text === undefined) return undefined;
  try {
    const parsed = StateSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
