import { z } from 'zod';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { parseJson, readSmallFile, replaceSmallFile } from '../backup/backup-root.ts';

/** Folder inside the target in which files are written until they are whole. */
export const STAGING_FOLDER = '.qts-ops-restore';
const NOTE = 'restore.json';
const NOTE_PARTIAL = 'restore.json.partial';
const PARTIAL = /^\d{1,16}\.partial$/;

const NoteSchema = z.object({
  backupId: z.string().min(1),
  /** Digest of what was asked for: another selection is another restore. */
  asked: z.string(),
  runId: z.string(),
  startedAtMs: z.number(),
});

/** What a restore in progress says about itself, so that it can be gone on with after a kill. */
export type TargetNote = z.infer<typeof NoteSchema>;

/** The note of a target; undefined when there is none that can be read. */
export function readNote(files: KeepFiles, staging: string): TargetNote | undefined {
  const text = readSmallFile(files, `${staging}/${NOTE}`);
  if (text === undefined) return undefined;
  const parsed = NoteSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

/** Writes the note, whole or not at all. */
export function writeNote(files: KeepFiles, staging: string, note: TargetNote): void {
  replaceSmallFile(files, `${staging}/${NOTE}`, {
    text: `${JSON.stringify(note)}\n`,
    partial: `${staging}/${NOTE_PARTIAL}`,
  });
  files.syncFolder(staging);
}

/** The name of a file that is not whole yet. */
export function partialOf(number: number): string {
  return `${number}.partial`;
}

/** Names in a staging folder that no restore has made. */
export function strangersIn(files: KeepFiles, staging: string): readonly string[] {
  return files
    .list(staging)
    .filter(
      ({ name, kind }) => kind !== 'file' || !(PARTIAL.test(name) || name === NOTE || name === NOTE_PARTIAL),
    )
    .map(({ name }) => name);
}

/** Removes what was not whole; nothing else. @returns how many files. */
export function removePartials(files: KeepFiles, staging: string): number {
  const partials = files.list(staging).filter(({ name }) => PARTIAL.test(name) || name === NOTE_PARTIAL);
  for (const { name } of partials) files.unlink(`${staging}/${name}`);
  return partials.length;
}

/** Removes the note; the staging folder is empty then. */
export function removeNote(files: KeepFiles, staging: string): void {
  if (files.facts(`${staging}/${NOTE}`) !== undefined) files.unlink(`${staging}/${NOTE}`);
}
