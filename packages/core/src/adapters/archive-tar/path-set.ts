import { randomInt } from 'node:crypto';

const FIRST_SLOTS = 1024;
const UINT32 = 2 ** 32;

/**
 * Paths seen so far, as 64-bit digests: 32 bytes or less for each where texts would take hundreds. Two different paths
 * share a digest once in 10^19 pairs, and then a good archive is refused, never a bad one accepted. The start of the
 * digests is random, so that no names can be made to collide.
 */
export class PathSet {
  #slots = new Uint32Array(2 * FIRST_SLOTS);
  #count = 0;
  readonly #seedA = randomInt(UINT32);
  readonly #seedB = randomInt(UINT32);

  has(path: string): boolean {
    const [a, b] = this.#digest(path);
    const slot = this.#find(a, b);
    return this.#slots[slot] === a && this.#slots[slot + 1] === b;
  }

  /** False when the path is there already. */
  add(path: string): boolean {
    const [a, b] = this.#digest(path);
    const slot = this.#find(a, b);
    if (this.#slots[slot] === a && this.#slots[slot + 1] === b) return false;
    this.#slots[slot] = a;
    this.#slots[slot + 1] = b;
    this.#count += 1;
    if (this.#count * 4 > this.#slots.length) this.#grow();
    return true;
  }

  /** The slot of a digest, or the free one where it belongs; a free slot holds two zeros. */
  #find(a: number, b: number): number {
    const mask = this.#slots.length / 2 - 1;
    let index = a & mask;
    for (;;) {
      const slot = 2 * index;
      const x = this.#slots[slot];
      const y = this.#slots[slot + 1];
      if ((x === a && y === b) || (x === 0 && y === 0)) return slot;
      index = (index + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) {
      const a = old[at] ?? 0;
      const b = old[at + 1] ?? 0;
      if (a === 0 && b === 0) continue;
      const slot = this.#find(a, b);
      this.#slots[slot] = a;
      this.#slots[slot + 1] = b;
    }
  }

  #digest(path: string): readonly [number, number] {
    let a = this.#seedA;
    let b = this.#seedB;
    for (let at = 0; at < path.length; at += 1) {
      const unit = path.charCodeAt(at);
      a = Math.imul(a ^ unit, 0x9e3779b1);
      b = Math.imul((b << 13) | (b >>> 19), 0x85ebca6b) + unit;
    }
    return [spread(a ^ path.length), spread(b) || 1];
  }
}

/** Lets every bit of the input change about half of the bits of the output. */
function spread(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
