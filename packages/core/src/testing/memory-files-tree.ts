import type { FileFacts } from '../ports/keep-files.ts';

/** One inode of the files in memory, with what a loss of power would leave of it. */
export interface MemoryNode {
  readonly ino: bigint;
  readonly dev: bigint;
  readonly kind: FileFacts['kind'];
  /** What every process sees now. */
  now: NodeState;
  /** What reached the disk at the last sync; absent for a file that was never synced. */
  synced: NodeState | undefined;
  /** Names of a folder as they are seen now. */
  readonly names: Map<string, MemoryNode>;
  /** Names of a folder that reached the disk. */
  readonly syncedNames: Map<string, MemoryNode>;
  /** Where a symlink leads. */
  readonly target: string;
  nlink: number;
}

/** Content and facts of an inode at one moment; never changed, only replaced. */
export interface NodeState {
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** One change of names that reaches the disk as a whole or not at all; a rename has two parts. */
export interface NameChange {
  readonly parts: readonly NamePart[];
}

/** `node` undefined: the name is removed. */
export interface NamePart {
  readonly folder: MemoryNode;
  readonly name: string;
  readonly node: MemoryNode | undefined;
}

/** Where a path leads: the folder that holds its last name, and what has that name. */
export interface FoundName {
  readonly folder: MemoryNode;
  readonly name: string;
  readonly node: MemoryNode | undefined;
  /** The path without any link in it. */
  readonly path: string;
}

const LINKS_MAX = 40;
const NAME_BYTES_MAX = 255;
const MESSAGES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBADF: 'bad file descriptor',
  EEXIST: 'file already exists',
  EIO: 'i/o error',
  EISDIR: 'illegal operation on a directory',
  ELOOP: 'too many symbolic links encountered',
  ENAMETOOLONG: 'name too long',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  EXDEV: 'cross-device link not permitted',
};

/** An error as the system gives it: with `code`, `syscall` and `path`. */
export function fileError(code: string, call: string, path: string): Error {
  const text = `${code}: ${MESSAGES[code] ?? 'failed'}, ${call} '${path}'`;
  return Object.assign(new Error(text), { code, syscall: call, path });
}

/** The inodes and names of the files in memory: finding names, and which changes reached the disk. */
export class MemoryTree {
  readonly root: MemoryNode;
  /** Changes of names that no sync has made durable yet, in order. */
  pending: NameChange[] = [];
  #lastIno = 1n;
  #lastDev = 1n;

  constructor(timeNs: bigint) {
    this.root = this.make('folder', { dev: 1n, mode: 0o755, timeNs });
    this.root.synced = this.root.now;
  }

  make(
    kind: MemoryNode['kind'],
    given: { readonly dev: bigint; readonly mode: number; readonly timeNs: bigint; readonly target?: string },
  ): MemoryNode {
    const { dev, mode, timeNs, target = '' } = given;
    this.#lastIno += 1n;
    return {
      ...{ ino: this.#lastIno, dev, kind, target, nlink: 0 },
      now: { bytes: new Uint8Array(), mode, mtimeNs: timeNs, ctimeNs: timeNs },
      synced: undefined,
      ...{ names: new Map(), syncedNames: new Map() },
    };
  }

  nextDev(): bigint {
    this.#lastDev += 1n;
    return this.#lastDev;
  }

  /** Finds the last name of a path; links on the way are followed, a link at the end only with `follow`. */
  find(path: string, call: string, follow = false): FoundName {
    const rest = path.split('/').filter((name) => name !== '' && name !== '.');
    const way: { readonly folder: MemoryNode; readonly name: string }[] = [];
    let here = this.root;
    for (let links = 0; rest.length > 0; ) {
      const name = rest.shift() ?? '';
      if (name === '..') {
        here = way.pop()?.folder ?? this.root;
        continue;
      }
      if (new TextEncoder().encode(name).length > NAME_BYTES_MAX) throw fileError('ENAMETOOLONG', call, path);
      if (here.kind !== 'folder') throw fileError('ENOTDIR', call, path);
      if ((here.now.mode & 0o100) === 0) throw fileError('EACCES', call, path);
      const node = here.names.get(name);
      const last = rest.length === 0;
      if (node?.kind === 'symlink' && (!last || follow)) {
        links += 1;
        if (links > LINKS_MAX) throw fileError('ELOOP', call, path);
        if (node.target.startsWith('/')) {
          way.length = 0;
          here = this.root;
        }
        rest.unshift(...node.target.split('/').filter((part) => part !== '' && part !== '.'));
        continue;
      }
      if (last) return { folder: here, name, node, path: pathOf(way, name) };
      if (node === undefined) throw fileError('ENOENT', call, path);
      way.push({ folder: here, name });
      here = node;
    }
    const top = way.pop();
    if (top === undefined) return { folder: this.root, name: '', node: this.root, path: '/' };
    return { folder: top.folder, name: top.name, node: here, path: pathOf(way, top.name) };
  }

  /** What has the path's name; throws ENOENT. */
  require(path: string, call: string, follow = false): MemoryNode {
    const { node } = this.find(path, call, follow);
    if (node === undefined) throw fileError('ENOENT', call, path);
    return node;
  }

  /** Changes names for every process; the disk learns it at a sync of a folder, or at once with `durable`. */
  change(parts: readonly NamePart[], durable: boolean): void {
    for (const { folder, name, node } of parts) {
      const before = folder.names.get(name);
      if (before !== undefined) before.nlink -= 1;
      if (node !== undefined) node.nlink += 1;
      setName(folder.names, name, node);
    }
    if (!durable) {
      this.pending.push({ parts });
      return;
    }
    for (const { folder, name, node } of parts) {
      this.#forget(folder, name);
      setName(folder.syncedNames, name, node);
    }
  }

  /** Makes the names in a folder durable; a rename between two folders comes along whole. */
  syncNames(folder: MemoryNode): void {
    this.pending = this.pending.filter((change) => {
      if (!change.parts.some((part) => part.folder === folder)) return true;
      applyToDisk(change);
      return false;
    });
  }

  /** An outside change of a name comes after ours: ours must not come back in a crash. */
  #forget(folder: MemoryNode, name: string): void {
    this.pending = this.pending
      .map(({ parts }) => ({
        parts: parts.filter((part) => part.folder !== folder || part.name !== name),
      }))
      .filter(({ parts }) => parts.length > 0);
  }
}

/** Lets a change of names reach the disk. */
export function applyToDisk(change: NameChange): void {
  for (const { folder, name, node } of change.parts) setName(folder.syncedNames, name, node);
}

function setName(names: Map<string, MemoryNode>, name: string, node: MemoryNode | undefined): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}

function pathOf(way: readonly { readonly name: string }[], name: string): string {
  return `/${[...way.map((step) => step.name), name].join('/')}`;
}
