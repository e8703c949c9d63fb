import type { OpenedFile } from '../../ports/keep-files.ts';
import type { ManifestEntry } from './backup-manifest.ts';
import { readAt } from './manifest-file.ts';
import { parseManifestLine } from './manifest-lines.ts';

const FREE = -1;
const FIRST_SLOTS = 1024;
/** Entry lines are shorter than this; a longer one is read in a second step. */
const LINE_GUESS_BYTES = 512;

/**
 * Finds the line of a path in a manifest without holding its paths: 16 bytes for each file instead of a few hundred.
 * A place is only a guess until the line there has been read and its path compared.
 */
export class ManifestIndex {
  #hashes = new Uint32Array(FIRST_SLOTS);
  #places = new Float64Array(FIRST_SLOTS).fill(FREE);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** Remembers where the line of a path begins, in bytes. */
  add(path: string, at: number): void {
    if (this.#count * 2 >= this.#places.length) this.#grow();
    this.#put(hashPath(path), at);
    this.#count++;
  }

  /** The entry of a path, read from the manifest; undefined when it has none. */
  find(file: OpenedFile, path: string, sourceDev: string): ManifestEntry | undefined {
    const mask = this.#places.length - 1;
    const hash = hashPath(path);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = this.#places[slot] ?? FREE;
      if (at === FREE) return undefined;
      if (this.#hashes[slot] !== hash) continue;
      const line = parseManifestLine(readLine(file, at), sourceDev);
      if (line.kind === 'entry' && line.entry.path === path) return line.entry;
    }
  }

  #put(hash: number, at: number): void {
    const mask = this.#places.length - 1;
    let slot = hash & mask;
    while (this.#places[slot] !== FREE) slot = (slot + 1) & mask;
    this.#hashes[slot] = hash;
    this.#places[slot] = at;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const places = this.#places;
    this.#hashes = new Uint32Array(places.length * 2);
    this.#places = new Float64Array(places.length * 2).fill(FREE);
    for (const [slot, at] of places.entries()) if (at !== FREE) this.#put(hashes[slot] ?? 0, at);
  }
}

function readLine(file: OpenedFile, at: number): string {
  for (let length = LINE_GUESS_BYTES; ; length *= 4) {
    const bytes = readAt(file, at, length);
    const end = bytes.indexOf(0x0a);
    if (end !== -1) return bytes.toString('utf8', 0, end);
    if (bytes.length < length) return bytes.toString('utf8');
  }
}

/** FNV-1a over the characters, 32 bits. */
function hashPath(path: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < path.length; index++) {
    hash = Math.imul(hash ^ path.charCodeAt(index), 0x01000193);
  }
  // The low bits choose the slot, so the high ones are folded in.
  return (hash ^ (hash >>> 15)) >>> 0;
}
