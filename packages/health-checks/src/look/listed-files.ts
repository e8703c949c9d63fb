import { glob, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './trouble.ts';

/** A file with what tells it from another one of the same name. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  readonly mtimeMs: number;
  readonly dev: number;
  readonly ino: number;
}

/** At most so many names are looked at; a folder with more is too much for a check. */
export const NAMES_MAX = 20_000;

/** There are more names than a check looks at. */
export class TooManyNames extends Error {
  constructor() {
    super(`more than ${NAMES_MAX} names match; narrow the pattern`);
  }
}

/**
 * The files of a folder that match a pattern such as `*.jsonl` or `2026/**`, newest first.
 * @throws TooManyNames
 */
export async function listFiles(
  folder: string,
  match: string,
  signal: AbortSignal,
): Promise<readonly ListedFile[]> {
  await stat(folder);
  const files: ListedFile[] = [];
  let names = 0;
  for await (const name of glob(match, { cwd: folder })) {
    if (signal.aborted) break;
    names += 1;
    if (names > NAMES_MAX) throw new TooManyNames();
    const file = await factsOf(join(folder, name));
    if (file !== undefined) files.push(file);
  }
  return files.sort((a, b) => b.mtimeMs - a.mtimeMs || (a.path < b.path ? 1 : -1));
}

/** Facts of one file; undefined for what is no file or has vanished meanwhile. */
export async function factsOf(path: string): Promise<ListedFile | undefined> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) return undefined;
    return { path, bytes: facts.size, mtimeMs: facts.mtimeMs, dev: facts.dev, ino: facts.ino };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}
