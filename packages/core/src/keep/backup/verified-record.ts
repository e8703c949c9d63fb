import { z } from 'zod';
import type { FileFacts, KeepFiles } from '../../ports/keep-files.ts';
import { partialName } from './backup-names.ts';
import { parseJson, readSmallFile, replaceSmallFile } from './backup-root.ts';

const integerText = z.string().regex(/^-?\d{1,20}$/);
const SeenSchema = z.object({ size: z.number().int().min(0), mtimeNs: integerText });

const RecordSchema = z.object({
  schema: z.literal(1),
  id: z.string(),
  /** The manifest that was checked. */
  manifestSha256: z.string().nullable(),
  outcome: z.enum(['verified', 'broken']),
  at: z.string(),
  atMs: z.number(),
  /** First verification that succeeded; it never moves. */
  firstVerifiedAtMs: z.number().nullable(),
  files: z.number().int().min(0),
  bytes: z.number().min(0),
  problem: z.string().nullable(),
  manifest: SeenSchema.nullable(),
  archive: SeenSchema.nullable(),
  toolVersion: z.string(),
});

/** The last check of a backup, beside it on disk. */
export type VerifiedRecord = z.infer<typeof RecordSchema>;

/** Reads the last check; undefined when there was none or it is not ours. */
export function readVerifiedRecord(files: KeepFiles, path: string): VerifiedRecord | undefined {
  const text = readSmallFile(files, path);
  if (text === undefined) return undefined;
  const parsed = RecordSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

/** Writes the last check in place of the one before. */
export function writeVerifiedRecord(
  files: KeepFiles,
  backupRoot: string,
  { name, runId, record }: { readonly name: string; readonly runId: string; readonly record: VerifiedRecord },
): void {
  replaceSmallFile(files, `${backupRoot}/${name}`, {
    text: `${JSON.stringify(record, undefined, 2)}\n`,
    partial: `${backupRoot}/${partialName(name, runId)}`,
  });
  files.syncFolder(backupRoot);
}

/** What is remembered of a file to see whether it is still the one that was checked. */
export function seenOf({ size, mtimeNs }: FileFacts): { size: number; mtimeNs: string } {
  return { size, mtimeNs: String(mtimeNs) };
}

/** True when a file looks as it did when it was checked. */
export function isAsSeen(
  facts: FileFacts | undefined,
  seen: { size: number; mtimeNs: string } | null,
): boolean {
  return (
    facts !== undefined && seen !== null && facts.size === seen.size && String(facts.mtimeNs) === seen.mtimeNs
  );
}
