import { posix } from 'node:path';
import type { FileFacts, KeepFiles, ListedName } from '../../ports/keep-files.ts';
import { backupError, problemText, systemCode } from './backup-errors.ts';
import type { SkippedEntry } from './backup-manifest.ts';
import type { PathMatcher } from './path-glob.ts';
import { compareNames } from './tree-order.ts';

/** What a scan looks at. */
export interface ScanRequest {
  /** Without any link in it. */
  readonly root: string;
  readonly rootFacts: FileFacts;
  readonly wanted: PathMatcher;
  /** Folders that are not entered, by device and inode: a backup root inside the source. */
  readonly excluded: readonly Pick<FileFacts, 'dev' | 'ino'>[];
}

/** What a scan meets: a regular file, or a name that is left out. */
export type ScannedName =
  | { readonly kind: 'file'; readonly folder: string; readonly name: string; readonly facts: FileFacts }
  | { readonly kind: 'skipped'; readonly skipped: SkippedEntry };

interface OpenFolder {
  /** '' or with '/' at its end. */
  readonly path: string;
  readonly names: readonly ListedName[];
  next: number;
}

/**
 * Walks a tree in the order of its names; memory grows with its depth and its largest folder only. Outcomes:
 * regular file (hard links too, each name for itself, holes as zeros) → yielded; link → skipped `symlink`, or
 * `symlink-outside` when it leads out of the root; socket, pipe, device → `special`; another file system →
 * `other-device`, not entered; a name that is not UTF-8 → `not-utf8`, a folder with such a name is not entered; gone
 * since its folder was listed → `vanished`. Names that begin with a dot are names like any other.
 * @throws BAT-0503 when a folder cannot be listed or a name not be looked at: files might be missed.
 */
export function* scanSource(files: KeepFiles, request: ScanRequest): Generator<ScannedName, void, void> {
  const open: OpenFolder[] = [openFolder(files, request, '')];
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const listed = folder.names[folder.next++];
    if (listed === undefined) {
      open.pop();
      continue;
    }
    const path = folder.path + listed.name;
    if (listed.bytes !== undefined) {
      if (mayConcern(request.wanted, path)) yield skipped(path, 'not-utf8', hexOf(listed.bytes));
      continue;
    }
    if (listed.kind === 'folder' ? !request.wanted.mayHold(path) : !request.wanted.matches(path)) continue;
    const facts = look(files, request.root, path);
    if (facts === undefined) yield skipped(path, 'vanished');
    else if (facts.kind === 'symlink') yield linkOf(files, request.root, path);
    else if (facts.kind === 'other') yield skipped(path, 'special');
    else if (facts.dev !== request.rootFacts.dev) yield skipped(path, 'other-device');
    else if (facts.kind === 'file') {
      if (listed.kind === 'file' || request.wanted.matches(path)) {
        yield { kind: 'file', folder: folder.path, name: listed.name, facts };
      }
    } else if (!request.excluded.some(({ dev, ino }) => dev === facts.dev && ino === facts.ino)) {
      const inner = enter(files, request, path);
      if (inner === undefined) yield skipped(path, 'vanished');
      else open.push(inner);
    }
  }
}

function mayConcern(wanted: PathMatcher, path: string): boolean {
  return wanted.matches(path) || wanted.mayHold(path);
}

function skipped(path: string, reason: SkippedEntry['reason'], detail?: string): ScannedName {
  return { kind: 'skipped', skipped: { path, reason, ...(detail === undefined ? {} : { detail }) } };
}

function enter(files: KeepFiles, request: ScanRequest, path: string): OpenFolder | undefined {
  try {
    return openFolder(files, request, `${path}/`);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function openFolder(files: KeepFiles, { root }: ScanRequest, path: string): OpenFolder {
  try {
    const names = [...files.list(path === '' ? root : `${root}/${path.slice(0, -1)}`)];
    names.sort((a, b) => compareNames(a.name, b.name));
    return { path, names, next: 0 };
  } catch (error) {
    if (path !== '' && systemCode(error) === 'ENOENT') throw error;
    throw incomplete(root, path, error);
  }
}

function look(files: KeepFiles, root: string, path: string): FileFacts | undefined {
  try {
    return files.facts(`${root}/${path}`);
  } catch (error) {
    throw incomplete(root, path, error);
  }
}

/** A link is never followed; where it leads is told, so that an operator sees what is not in the backup. */
function linkOf(files: KeepFiles, root: string, path: string): ScannedName {
  const full = `${root}/${path}`;
  let target: string;
  try {
    target = files.readLink(full);
  } catch {
    return skipped(path, 'vanished');
  }
  const inside = isInside(root, leadsTo(files, full, target));
  return skipped(path, inside ? 'symlink' : 'symlink-outside', target);
}

function leadsTo(files: KeepFiles, link: string, target: string): string {
  try {
    return files.realPath(link);
  } catch {
    // It leads nowhere; then its text is all there is.
    return posix.resolve(posix.dirname(link), target);
  }
}

/** True when a path is a folder or lies below it; both without links. */
export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function incomplete(root: string, path: string, cause: unknown): Error {
  const shown = path === '' ? root : `${root}/${path}`;
  return backupError('BAT-0503', `source ${root}: ${shown} cannot be looked at: ${problemText(cause)}`, {
    data: { source: root, path: shown, code: systemCode(cause) ?? 'unknown' },
    cause,
  });
}
