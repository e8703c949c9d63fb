/** So many pings may come from one address at once. */
export const PINGS_AT_ONCE = 60;
/** So many pings a second may come from one address for long. */
export const PINGS_PER_SECOND = 5;
/** Addresses that are remembered; beyond them the one that was quiet longest is forgotten. */
const ADDRESSES_MAX = 2000;

interface Bucket {
  readonly left: number;
  readonly atMono: number;
}

/** Counts what comes from each address, so that nobody who guesses or repeats keeps the engine from its work. */
export class PingRate {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes one ping in: 0 when it may come, else how long the sender is to wait, ms. */
  take(address: string, nowMono: number): number {
    const key = senderOf(address);
    const before = this.#buckets.get(key);
    const refilled = before === undefined ? 0 : ((nowMono - before.atMono) / 1000) * PINGS_PER_SECOND;
    const left = Math.min(PINGS_AT_ONCE, (before?.left ?? PINGS_AT_ONCE) + refilled);
    const may = left >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { left: may ? left - 1 : left, atMono: nowMono });
    this.#forgetQuietest();
    return may ? 0 : Math.ceil(((1 - left) / PINGS_PER_SECOND) * 1000);
  }

  #forgetQuietest(): void {
    if (this.#buckets.size <= ADDRESSES_MAX) return;
    const quietest = this.#buckets.keys().next().value;
    if (quietest !== undefined) this.#buckets.delete(quietest);
  }
}

/** Whoever has one IPv6 address has the 2^64 beside it as well: they count as one. */
export function senderOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  return [...groups, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':');
}
