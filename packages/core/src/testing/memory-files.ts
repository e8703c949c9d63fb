import { type CrashLoss, crashTree } from './memory-files-crash.ts';
import { BYTES_MARK, MemoryPort, nsOf } from './memory-files-port.ts';
import { fileError, type MemoryNode } from './memory-files-tree.ts';

export type { CrashLoss } from './memory-files-crash.ts';
export type { MemoryFilesOptions } from './memory-files-port.ts';

/** Facts given to a file by the test; absent ones are what a write would give now. */
export interface GivenFacts {
  readonly mtimeMs?: number | undefined;
  /** Default: `mtimeMs`, so that an old file looks untouched. */
  readonly ctimeMs?: number | undefined;
  readonly mode?: number | undefined;
}

/**
 * Files in memory with the semantics of POSIX: inodes, hard links, links that are followed on the way, permissions of
 * the owner, and a disk behind it all that only knows what was synced. `put` and its like are the outside world: what
 * they do is durable at once.
 */
export class MemoryFiles extends MemoryPort {
  /** Loses power: processes are gone, the disk keeps what was synced and what `loss` lets survive. */
  crash(loss: CrashLoss): void {
    this.generation += 1;
    crashTree(this.tree, loss);
  }

  /** Writes a file as the outside world does: folders are made, an existing file keeps its inode, all is durable. */
  put(path: string, content: string | Uint8Array, given: GivenFacts = {}): void {
    const slash = path.lastIndexOf('/');
    if (slash > 0) this.makeFolders(path.slice(0, slash), 0o755, true);
    const found = this.tree.find(path, 'open', true);
    const { folder, name } = found;
    const node =
      found.node ?? this.tree.make('file', { dev: folder.dev, mode: 0o644, timeNs: this.timeNs() });
    if (found.node === undefined) this.tree.change([{ folder, name, node }], true);
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content.slice();
    const mtimeNs = given.mtimeMs === undefined ? this.timeNs() : nsOf(given.mtimeMs);
    this.touch(node, { bytes, mtimeNs });
    const ctimeNs = given.ctimeMs === undefined ? mtimeNs : nsOf(given.ctimeMs);
    node.now = { ...node.now, ctimeNs, mode: given.mode ?? node.now.mode };
    node.synced = node.now;
  }

  /** Adds to the end of a file as a writer of logs does. */
  append(path: string, content: string): void {
    this.put(path, this.text(path) + content);
  }

  /** Turns one bit of a file without any trace in its times: a disk that forgets. */
  flipBit(path: string, at: number): void {
    const node = this.tree.require(path, 'open', true);
    const bytes = node.now.bytes.slice();
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    node.now = { ...node.now, bytes };
    node.synced = node.now;
  }

  /** Makes a link that leads to `target`, which need not exist. */
  symlink(target: string, path: string): void {
    this.#special('symlink', path, target);
  }

  /** Makes a socket, a pipe or a device. */
  special(path: string): void {
    this.#special('other', path, '');
  }

  /** Makes a file whose name is not UTF-8. */
  putBytesName(folder: string, name: Uint8Array): void {
    this.put(`${folder}/${BYTES_MARK}${Buffer.from(name).toString('hex')}`, 'x');
  }

  /** Makes a folder that is another file system. */
  mount(path: string): void {
    const { folder, name } = this.tree.find(path, 'mount');
    const given = { dev: this.tree.nextDev(), mode: 0o755, timeNs: this.timeNs() };
    this.tree.change([{ folder, name, node: this.tree.make('folder', given) }], true);
  }

  /** Content as text. */
  text(path: string): string {
    return new TextDecoder().decode(this.bytes(path));
  }

  bytes(path: string): Uint8Array {
    return this.tree.require(path, 'open', true).now.bytes.slice();
  }

  exists(path: string): boolean {
    return this.facts(path) !== undefined;
  }

  /** Paths of everything below a folder that is not a folder, relative to it, in order. */
  paths(folder: string): readonly string[] {
    const found: string[] = [];
    const walk = (node: MemoryNode, prefix: string) => {
      for (const [name, child] of node.names) {
        if (child.kind === 'folder') walk(child, `${prefix}${name}/`);
        else found.push(`${prefix}${name}`);
      }
    };
    walk(this.folderOf(folder, 'scandir', 0), '');
    return found.sort();
  }

  #special(kind: 'symlink' | 'other', path: string, target: string): void {
    const { folder, name, node } = this.tree.find(path, 'symlink');
    if (node !== undefined) throw fileError('EEXIST', 'symlink', path);
    const made = this.tree.make(kind, { dev: folder.dev, mode: 0o777, timeNs: this.timeNs(), target });
    this.tree.change([{ folder, name, node: made }], true);
  }
}
