import { readFileSync, statSync } from 'node:fs';

/** Largest YAML, JSON or CSV file that is read, in bytes. */
export const maxDocumentBytes = 4 * 1024 * 1024;

/** A file as text, or why it could not be read. */
export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string; readonly cause?: unknown };

/** Reads a text file of at most `maxDocumentBytes`; never throws. */
export function readTextFile(file: string): ReadText {
  try {
    const { size } = statSync(file);
    if (size > maxDocumentBytes) return { ok: false, reason: `larger than ${maxDocumentBytes} bytes` };
    return { ok: true, text: readFileSync(file, 'utf8') };
  } catch (error) {
    return { ok: false, reason: systemReason(error), cause: error };
  }
}

/** Why the operating system refused a file, in words. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EISDIR') return 'is a folder';
  return code === 'EACCES' || code === 'EPERM'
    ? 'may not be read by this user'
    : `cannot be read (${String(code)})`;
}
