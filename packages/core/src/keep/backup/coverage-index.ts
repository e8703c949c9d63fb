import { hash } from 'node:crypto';

/** Content that was deleted from a source on the strength of a backup. */
export interface DeletedContent {
  /** Root of the source it was deleted from, without any link in it. */
  readonly source: string;
  readonly path: string;
  readonly sha256: string;
  readonly deletedAtMs: number;
  /** Machine that deleted it; absent in records of older versions. */
  readonly host?: string | undefined;
}

const FREE = 0;
const FIRST_SLOTS = 1024;
const WORDS = 4;

/**
 * A set of contents (path and digest) that takes 32 bytes for each, not a few hundred: there may be a million. Contents
 * are told apart by 128 bits of a hash.
 */
export class ContentSet {
  /** Four words for each slot; the first is never 0 in a slot that is taken. */
  #slots = new Uint32Array(FIRST_SLOTS * WORDS);
  /** 1 while the content of the slot is in the set. */
  #present = new Uint8Array(FIRST_SLOTS);
  #used = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(path: string, sha256: string): void {
    if (this.#used * 2 >= this.#present.length) this.#grow();
    const key = keyOf(path, sha256);
    const slot = this.#find(key);
    if (this.#slots[slot * WORDS] === FREE) {
      this.#slots.set(key, slot * WORDS);
      this.#used++;
    }
    if (this.#present[slot] === 1) return;
    this.#present[slot] = 1;
    this.#size++;
  }

  has(path: string, sha256: string): boolean {
    return this.#present[this.#find(keyOf(path, sha256))] === 1;
  }

  /** True when it was in the set. */
  delete(path: string, sha256: string): boolean {
    const slot = this.#find(keyOf(path, sha256));
    if (this.#present[slot] !== 1) return false;
    this.#present[slot] = 0;
    this.#size--;
    return true;
  }

  #find(key: Uint32Array): number {
    const mask = this.#present.length - 1;
    let slot = (key[1] ?? 0) & mask;
    while (this.#slots[slot * WORDS] !== FREE && !this.#isAt(slot, key)) slot = (slot + 1) & mask;
    return slot;
  }

  #isAt(slot: number, key: Uint32Array): boolean {
    for (let word = 0; word < WORDS; word++) if (this.#slots[slot * WORDS + word] !== key[word]) return false;
    return true;
  }

  #grow(): void {
    const slots = this.#slots;
    const present = this.#present;
    this.#slots = new Uint32Array(slots.length * 2);
    this.#present = new Uint8Array(present.length * 2);
    for (let slot = 0; slot < present.length; slot++) {
      const key = slots.subarray(slot * WORDS, (slot + 1) * WORDS);
      if (key[0] === FREE) continue;
      const target = this.#find(key);
      this.#slots.set(key, target * WORDS);
      this.#present[target] = present[slot] ?? 0;
    }
  }
}

function keyOf(path: string, sha256: string): Uint32Array {
  const digest = hash('sha256', `${sha256}${path}`, 'buffer');
  const key = new Uint32Array(WORDS);
  for (let word = 0; word < WORDS; word++) key[word] = digest.readUInt32LE(word * 4);
  if (key[0] === FREE) key[0] = 1;
  return key;
}
