import { hash } from 'node:crypto';

/** Namespace of every deterministic id we make (a fixed random UUID of this project). */
const NAMESPACE = bytesOf('a3a0c3c2-7a5c-5d0e-9b52-6f1f0d7f6b11');

/** The digit of a UUID that says how it was made, by the two bits of it that are free. */
const VARIANTS = '89ab';

/**
 * A name-based UUID in our own namespace: the same parts always give the same id.
 * Parts are joined with their lengths, so that ('ab', 'c') and ('a', 'bc') differ.
 */
export function uuidv5(...parts: readonly string[]): string {
  let name = '';
  for (const part of parts) name += `${part.length}:${part}`;
  return uuidOfName(NAMESPACE, name);
}

/** The UUID of a name in a namespace (RFC 9562, version 5). */
export function nameUuid(namespace: string, name: string): string {
  return uuidOfName(bytesOf(namespace), name);
}

/** One call for the whole digest and text until the end: ten thousand slots that are due at once wait for their ids. */
function uuidOfName(namespace: Buffer, name: string): string {
  const bytes = Buffer.allocUnsafe(namespace.length + Buffer.byteLength(name, 'utf8'));
  bytes.set(namespace);
  bytes.write(name, namespace.length, 'utf8');
  const hex = hash('sha1', bytes, 'hex');
  const variant = VARIANTS.charAt(Number.parseInt(hex.charAt(16), 16) & 0x3);
  const last = hex.slice(20, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${last}`;
}

function bytesOf(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

/** A time-ordered UUID (RFC 9562, version 7) from an instant in ms and 10 random bytes. */
export function uuidv7(nowMs: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** True for the text form of any UUID. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/**
 * A number from 0 to below 1 that always is the same for the same parts: spreads waits and starts without a source
 * of randomness, so that a preview and a test see what will really happen.
 */
export function spreadFraction(...parts: readonly string[]): number {
  return Number.parseInt(uuidv5(...parts).slice(0, 8), 16) / 2 ** 32;
}
