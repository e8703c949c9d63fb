import type { FileFacts, OpenedFile } from '../ports/keep-files.ts';
import { fileError, type MemoryNode } from './memory-files-tree.ts';

/** A file that is opened, and what its model needs of the files it belongs to. */
export interface NodeOpening {
  readonly node: MemoryNode;
  /** For messages. */
  readonly path: string;
  readonly writable: boolean;
  /** False after a crash: the process that held the file is gone. */
  alive(): boolean;
  freeBytes(): number;
  timeNs(): bigint;
}

/** An opened inode; it stays readable when its name is removed. */
export function openNode(opening: NodeOpening): OpenedFile {
  const { node, path, writable } = opening;
  let open = true;
  const requireOpen = (call: string) => {
    if (!open || !opening.alive()) throw fileError('EBADF', call, path);
  };
  return {
    facts(): FileFacts {
      requireOpen('fstat');
      const { bytes, mode, mtimeNs, ctimeNs } = node.now;
      const { kind, dev, ino, nlink } = node;
      return { kind, dev, ino, size: bytes.length, mtimeNs, ctimeNs, mode, nlink };
    },
    read(...asked) {
      requireOpen('read');
      if (node.kind === 'folder') throw fileError('EISDIR', 'read', path);
      const [buffer, offset, length, position] = asked;
      const piece = node.now.bytes.subarray(position, position + length);
      buffer.set(piece, offset);
      return piece.length;
    },
    write(buffer, offset, length) {
      requireOpen('write');
      if (!writable) throw fileError('EBADF', 'write', path);
      const room = Math.min(length, opening.freeBytes());
      if (room <= 0 && length > 0) throw fileError('ENOSPC', 'write', path);
      const bytes = appended(node.now.bytes, buffer.subarray(offset, offset + room));
      const timeNs = opening.timeNs();
      node.now = { ...node.now, bytes, mtimeNs: timeNs, ctimeNs: timeNs };
      return room;
    },
    truncate(length) {
      requireOpen('ftruncate');
      if (!writable) throw fileError('EINVAL', 'ftruncate', path);
      const timeNs = opening.timeNs();
      const bytes = node.now.bytes.slice(0, length);
      node.now = { ...node.now, bytes, mtimeNs: timeNs, ctimeNs: timeNs };
    },
    sync() {
      requireOpen('fsync');
      node.synced = node.now;
    },
    close() {
      open = false;
    },
  };
}

/** The bytes with more at their end; room is doubled, so that many small writes stay cheap. */
function appended(before: Uint8Array, more: Uint8Array): Uint8Array {
  const length = before.length + more.length;
  let room = before.buffer;
  if (before.byteOffset !== 0 || room.byteLength < length) {
    room = new ArrayBuffer(Math.max(64, length * 2));
    new Uint8Array(room).set(before);
  }
  const bytes = new Uint8Array(room, 0, length);
  bytes.set(more, before.length);
  return bytes;
}
