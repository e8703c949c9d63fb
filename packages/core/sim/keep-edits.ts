import { posix } from 'node:path';
import type { MemoryFiles } from '../src/testing/memory-files.ts';
import { type FileSpec, KEEP_PATHS, type KeepEdit } from './keep-schedule.ts';

const DAY_MS = 86_400_000;

/** Content of a file of a schedule. */
export function contentOf({ content, bytes }: Pick<FileSpec, 'content' | 'bytes'>): string {
  return `line ${content} of a record\n`.repeat(Math.ceil(bytes / 20)).slice(0, bytes);
}

/** Does what somebody else does to the data; what is impossible at the moment does not happen. */
export function applyEdit(files: MemoryFiles, { kind, path }: KeepEdit, nowMs: number): void {
  const name = KEEP_PATHS[path % KEEP_PATHS.length] ?? KEEP_PATHS[0];
  try {
    EDITS[kind](files, `/data/${name}`, nowMs);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

type Edit = (files: MemoryFiles, path: string, nowMs: number) => void;

const EDITS: Readonly<Record<KeepEdit['kind'], Edit>> = {
  append: (files, path) => {
    if (isFile(files, path)) files.append(path, 'one more line\n');
  },
  // With its old time of writing, as tools do that set times: only the status change tells.
  rewrite: (files, path, nowMs) => {
    const facts = files.facts(path);
    if (facts?.kind !== 'file') return;
    const mtimeMs = Number(facts.mtimeNs / 1_000_000n);
    files.put(path, 'R'.repeat(facts.size), { mtimeMs, ctimeMs: nowMs });
  },
  replace: (files, path, nowMs) => {
    const facts = files.facts(path);
    if (facts?.kind !== 'file') return;
    remove(files, path);
    const mtimeMs = Number(facts.mtimeNs / 1_000_000n);
    files.put(path, 'S'.repeat(facts.size), { mtimeMs, ctimeMs: nowMs });
  },
  rename: (files, path) => move(files, path, `${posix.dirname(path)}/renamed-${posix.basename(path)}`),
  symlink: (files, path) => {
    files.put('/outside/target', 'not yours', { mtimeMs: 0 });
    if (files.facts(path) !== undefined) remove(files, path);
    files.symlink('/outside/target', path);
  },
  'folder-symlink': (files, path) => exchange(files, path, '/data/moved'),
  'folder-outside': (files, path) => exchange(files, path, '/outside/moved'),
  hardlink: (files, path) => {
    files.link(path, `${path}.second`);
    files.syncFolder(posix.dirname(path));
  },
  chmod: (files, path) => files.setMode(path, 0o000),
  delete: (files, path) => remove(files, path),
  create: (files, path, nowMs) => {
    if (files.facts(path) !== undefined) return;
    files.put(path, 'made again\n', { mtimeMs: nowMs - 50 * DAY_MS, ctimeMs: nowMs });
  },
  // Nobody may write into a folder any more.
  seal: (files, path) => {
    const folder = SEALED[KEEP_PATHS.findIndex((name) => path.endsWith(name)) % SEALED.length] ?? '/backups';
    if (files.facts(folder)?.kind === 'folder') files.setMode(folder, 0o500);
  },
};

/** Folders that may lose their rights, and get them back by `unseal`. */
export const SEALED = ['/backups', '/state/maintenance', '/state/logs/maintenance', '/data/raw'] as const;

/** An operator gives the folders their rights back. */
export function unseal(files: MemoryFiles): void {
  for (const folder of SEALED) if (files.facts(folder)?.kind === 'folder') files.setMode(folder, 0o700);
}

function isFile(files: MemoryFiles, path: string): boolean {
  return files.facts(path)?.kind === 'file';
}

function remove(files: MemoryFiles, path: string): void {
  files.unlink(path);
  files.syncFolder(posix.dirname(path));
}

function move(files: MemoryFiles, from: string, to: string): void {
  files.rename(from, to);
  files.syncFolder(posix.dirname(from));
  files.syncFolder(posix.dirname(to));
}

/** Moves a folder away and leaves a link to it in its place. */
function exchange(files: MemoryFiles, path: string, to: string): void {
  const folder = posix.dirname(path);
  if (files.facts(folder)?.kind !== 'folder' || files.facts(to) !== undefined || folder === '/data') return;
  files.put(`${posix.dirname(to)}/marker`, '', { mtimeMs: 0 });
  move(files, folder, to);
  files.symlink(to, folder);
}
