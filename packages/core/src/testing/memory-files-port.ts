import type { FileFacts, KeepFiles, ListedName, OpenedFile } from '../ports/keep-files.ts';
import { openNode } from './memory-files-open.ts';
import { fileError, type MemoryNode, MemoryTree, type NodeState } from './memory-files-tree.ts';

/** Whose time the files have, and how much room there is. */
export interface MemoryFilesOptions {
  /** Milliseconds since 1970 for times of files; times are as coarse as this clock. */
  readonly now: () => number;
  /** Default 1 TiB. */
  readonly capacityBytes?: number | undefined;
}

/** 1 TiB. */
const ROOMY_BYTES = 2 ** 40;
/** Marks a name that is not valid UTF-8 inside the model; the bytes follow in hexadecimal. */
export const BYTES_MARK = '\u0000';

/** The port alone: what a process can do with the files in memory. */
export class MemoryPort implements KeepFiles {
  protected readonly tree: MemoryTree;
  readonly #now: () => number;
  /** Bytes that fit; may be changed at any time. */
  capacityBytes: number;
  protected generation = 0;

  constructor(options: MemoryFilesOptions) {
    this.#now = options.now;
    this.capacityBytes = options.capacityBytes ?? ROOMY_BYTES;
    this.tree = new MemoryTree(this.timeNs());
  }

  facts(path: string): FileFacts | undefined {
    try {
      const { node } = this.tree.find(path, 'lstat');
      return node === undefined ? undefined : factsOf(node);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  realPath(path: string): string {
    const found = this.tree.find(path, 'realpath', true);
    if (found.node === undefined) throw fileError('ENOENT', 'realpath', path);
    return found.path;
  }

  list(folder: string): readonly ListedName[] {
    const node = this.folderOf(folder, 'scandir', 0o400);
    return [...node.names].map(([name, child]) => listed(name, child.kind));
  }

  openRead(path: string): OpenedFile {
    const node = this.tree.require(path, 'open');
    if (node.kind === 'symlink') throw fileError('ELOOP', 'open', path);
    if ((node.now.mode & 0o400) === 0) throw fileError('EACCES', 'open', path);
    return this.#open(node, path, false);
  }

  createNew(path: string, mode: number): OpenedFile {
    const found = this.tree.find(path, 'open');
    if (found.node !== undefined) throw fileError('EEXIST', 'open', path);
    this.#requireWritable(found.folder, 'open', path);
    const node = this.tree.make('file', { dev: found.folder.dev, mode, timeNs: this.timeNs() });
    this.#name(found.folder, found.name, node);
    return this.#open(node, path, true);
  }

  openAppend(path: string, mode: number): OpenedFile {
    const { node } = this.tree.find(path, 'open');
    if (node === undefined) return this.createNew(path, mode);
    if (node.kind === 'symlink') throw fileError('ELOOP', 'open', path);
    if (node.kind === 'folder') throw fileError('EISDIR', 'open', path);
    if ((node.now.mode & 0o200) === 0) throw fileError('EACCES', 'open', path);
    return this.#open(node, path, true);
  }

  makeFolder(path: string, mode: number): void {
    this.makeFolders(path, mode, false);
  }

  link(existing: string, name: string): void {
    const node = this.tree.require(existing, 'link');
    const to = this.tree.find(name, 'link');
    if (to.node !== undefined) throw fileError('EEXIST', 'link', name);
    if (to.folder.dev !== node.dev) throw fileError('EXDEV', 'link', name);
    this.#requireWritable(to.folder, 'link', name);
    this.#name(to.folder, to.name, node);
    this.touch(node, {});
  }

  rename(from: string, to: string): void {
    const source = this.tree.find(from, 'rename');
    const node = this.tree.require(from, 'rename');
    const goal = this.tree.find(to, 'rename');
    if (goal.folder.dev !== node.dev) throw fileError('EXDEV', 'rename', to);
    if (goal.node?.kind === 'folder' && goal.node.names.size > 0) throw fileError('ENOTEMPTY', 'rename', to);
    this.#requireWritable(source.folder, 'rename', from);
    this.#requireWritable(goal.folder, 'rename', to);
    if (goal.node === node) return;
    const removed = { folder: source.folder, name: source.name, node: undefined };
    this.tree.change([removed, { folder: goal.folder, name: goal.name, node }], false);
    this.touch(node, {});
  }

  unlink(path: string): void {
    const { folder, name, node } = this.tree.find(path, 'unlink');
    if (node === undefined) throw fileError('ENOENT', 'unlink', path);
    if (node.kind === 'folder') throw fileError('EISDIR', 'unlink', path);
    this.#requireWritable(folder, 'unlink', path);
    this.#name(folder, name, undefined);
    this.touch(node, {});
  }

  removeFolder(path: string): void {
    const { folder, name, node } = this.tree.find(path, 'rmdir');
    if (node === undefined) throw fileError('ENOENT', 'rmdir', path);
    if (node.kind !== 'folder') throw fileError('ENOTDIR', 'rmdir', path);
    if (node.names.size > 0) throw fileError('ENOTEMPTY', 'rmdir', path);
    this.#requireWritable(folder, 'rmdir', path);
    this.#name(folder, name, undefined);
  }

  syncFolder(path: string): void {
    const node = this.tree.require(path, 'open', true);
    if (node.kind !== 'folder') throw fileError('ENOTDIR', 'open', path);
    this.tree.syncNames(node);
  }

  setTimes(path: string, mtimeNs: bigint): void {
    this.touch(this.tree.require(path, 'utime', true), { mtimeNs });
  }

  setMode(path: string, mode: number): void {
    this.touch(this.tree.require(path, 'chmod', true), { mode });
  }

  readLink(path: string): string {
    const node = this.tree.require(path, 'readlink');
    if (node.kind !== 'symlink') throw fileError('EINVAL', 'readlink', path);
    return node.target;
  }

  space(path: string): { readonly freeBytes: number; readonly totalBytes: number } {
    this.tree.require(path, 'statfs', true);
    return {
      freeBytes: Math.max(0, this.#freeBytes()),
      totalBytes: this.capacityBytes,
    };
  }

  protected makeFolders(path: string, mode: number, durable: boolean): void {
    const names = path.split('/').filter((name) => name !== '');
    for (let length = 1; length <= names.length; length += 1) {
      const here = `/${names.slice(0, length).join('/')}`;
      const { folder, name, node } = this.tree.find(here, 'mkdir', true);
      if (node?.kind === 'folder') continue;
      if (node !== undefined) throw fileError(length === names.length ? 'EEXIST' : 'ENOTDIR', 'mkdir', path);
      this.#requireWritable(folder, 'mkdir', path);
      const made = this.tree.make('folder', { dev: folder.dev, mode, timeNs: this.timeNs() });
      this.tree.change([{ folder, name, node: made }], durable);
    }
  }

  #open(node: MemoryNode, path: string, writable: boolean): OpenedFile {
    const generation = this.generation;
    return openNode({
      ...{ node, path, writable },
      alive: () => generation === this.generation,
      freeBytes: () => this.#freeBytes(),
      timeNs: () => this.timeNs(),
    });
  }

  protected folderOf(path: string, call: string, right: number): MemoryNode {
    const node = this.tree.require(path, call, true);
    if (node.kind !== 'folder') throw fileError('ENOTDIR', call, path);
    if (right !== 0 && (node.now.mode & right) === 0) throw fileError('EACCES', call, path);
    return node;
  }

  #requireWritable(folder: MemoryNode, call: string, path: string): void {
    if ((folder.now.mode & 0o200) === 0) throw fileError('EACCES', call, path);
  }

  #name(folder: MemoryNode, name: string, node: MemoryNode | undefined): void {
    this.tree.change([{ folder, name, node }], false);
    this.touch(folder, { mtimeNs: this.timeNs() });
  }

  protected touch(node: MemoryNode, change: Partial<NodeState>): void {
    node.now = { ...node.now, ctimeNs: this.timeNs(), ...change };
  }

  /** Counting is left out while there is more room than any test fills. */
  #freeBytes(): number {
    return this.capacityBytes >= ROOMY_BYTES ? this.capacityBytes : this.capacityBytes - this.#usedBytes();
  }

  #usedBytes(): number {
    const seen = new Set<MemoryNode>([this.tree.root]);
    let bytes = 0;
    for (const node of seen) {
      bytes += node.now.bytes.length;
      for (const child of node.names.values()) seen.add(child);
    }
    return bytes;
  }

  protected timeNs(): bigint {
    return nsOf(this.#now());
  }
}

function factsOf(node: MemoryNode): FileFacts {
  const { mode, mtimeNs, ctimeNs, bytes } = node.now;
  const { kind, dev, ino } = node;
  const nlink = kind === 'folder' ? 2 : node.nlink;
  return { kind, dev, ino, size: bytes.length, mtimeNs, ctimeNs, mode, nlink };
}

function listed(name: string, kind: ListedName['kind']): ListedName {
  if (!name.startsWith(BYTES_MARK)) return { name, kind };
  const bytes = Buffer.from(name.slice(BYTES_MARK.length), 'hex');
  return { name: bytes.toString('utf8'), bytes, kind };
}

/** Nanoseconds of milliseconds. */
export function nsOf(ms: number): bigint {
  return BigInt(Math.round(ms * 1000)) * 1000n;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
