/** A regular file that a scan saw. */
export interface PlannedFile {
  /** Relative to the source, '/' between names. */
  readonly path: string;
  readonly size: number;
  readonly ino: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

const FIRST_ROOM = 1024;

/**
 * The files of a plan in the order of the tree. A plan may have a million of them, so their facts stand in columns
 * (about 40 bytes each, and the name) instead of objects.
 */
export class PlannedFiles implements Iterable<PlannedFile> {
  /** Each with the '/' at its end; '' is the source itself. */
  readonly #folders: string[] = [];
  readonly #names: string[] = [];
  #folderOf = new Uint32Array(FIRST_ROOM);
  #sizes = new Float64Array(FIRST_ROOM);
  #inos = new BigUint64Array(FIRST_ROOM);
  #mtimes = new BigInt64Array(FIRST_ROOM);
  #ctimes = new BigInt64Array(FIRST_ROOM);
  #bytes = 0;

  get count(): number {
    return this.#names.length;
  }

  /** Bytes of all files as they were seen. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the next file; `folder` is '' or ends with '/'. */
  add(folder: string, name: string, facts: Omit<PlannedFile, 'path'>): void {
    const index = this.#names.length;
    if (index === this.#sizes.length) this.#grow();
    if (this.#folders.at(-1) !== folder) this.#folders.push(folder);
    this.#names.push(name);
    this.#folderOf[index] = this.#folders.length - 1;
    this.#sizes[index] = facts.size;
    this.#inos[index] = facts.ino;
    this.#mtimes[index] = facts.mtimeNs;
    this.#ctimes[index] = facts.ctimeNs;
    this.#bytes += facts.size;
  }

  /** The path of a file, 0 to `count` - 1. */
  pathAt(index: number): string {
    return `${this.#folders[this.#folderOf[index] ?? 0] ?? ''}${this.#names[index] ?? ''}`;
  }

  /** The size of a file, bytes. */
  sizeAt(index: number): number {
    return this.#sizes[index] ?? 0;
  }

  /** A file with its facts. */
  at(index: number): PlannedFile {
    return {
      path: this.pathAt(index),
      size: this.sizeAt(index),
      ino: this.#inos[index] ?? 0n,
      mtimeNs: this.#mtimes[index] ?? 0n,
      ctimeNs: this.#ctimes[index] ?? 0n,
    };
  }

  *[Symbol.iterator](): Iterator<PlannedFile> {
    for (let index = 0; index < this.count; index++) yield this.at(index);
  }

  #grow(): void {
    const room = this.#sizes.length * 2;
    this.#folderOf = copyInto(new Uint32Array(room), this.#folderOf);
    this.#sizes = copyInto(new Float64Array(room), this.#sizes);
    this.#inos = copyInto(new BigUint64Array(room), this.#inos);
    this.#mtimes = copyInto(new BigInt64Array(room), this.#mtimes);
    this.#ctimes = copyInto(new BigInt64Array(room), this.#ctimes);
  }
}

function copyInto<T extends { set(from: T): void }>(room: T, from: T): T {
  room.set(from);
  return room;
}
