import { archiveError } from './archive-errors.ts';
import { pathOffence, shownPath } from './entry-path.ts';
import { paddedLength, TAR_UNIT } from './header-writing.ts';

/** What a header of ours says. `length` is that of the header itself with all its units. */
export interface OwnHeader {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  readonly mtimeMs: number;
  readonly length: number;
}

const MAGIC = Buffer.from('ustar\u000000');
const MAGIC_AT = 257;
const CHECKSUM_AT = 148;
const CHECKSUM_LENGTH = 8;
const TYPE_AT = 156;
const TYPE_FILE = 0x30;
const TYPE_EXTENDED = 0x78;
const SPACE = 0x20;
const DIGIT_ZERO = 0x30;
/** Marks a number that is not written in octal digits. */
const BINARY = 0x80;
/** Longest extended header, bytes. */
const EXTENDED_MAX = 65_536;

/**
 * Reads the header of an entry at `at`, which must be whole in the block.
 * Only what we write is taken: a regular file in ustar form, before it an extended header with its path and size.
 * @throws SYS-0121
 */
export function readOwnHeader(block: Buffer, at: number): OwnHeader {
  const first = readUnit(block, at);
  if (first.type === TYPE_FILE) return checked(first, at);
  if (first.size > EXTENDED_MAX) throw malformed(at, `an extended header of ${first.size} bytes`);
  const bodyAt = at + TAR_UNIT;
  const plainAt = bodyAt + paddedLength(first.size);
  if (plainAt + TAR_UNIT > block.length)
    throw malformed(at, 'an extended header that the block does not hold');
  const { path, size } = readExtended(block.subarray(bodyAt, bodyAt + first.size), at);
  requireZeros(block, bodyAt + first.size, plainAt);
  const plain = readUnit(block, plainAt);
  if (plain.type !== TYPE_FILE) throw malformed(plainAt, 'a second extended header');
  return checked({ ...plain, path, size, length: plainAt + TAR_UNIT - at }, at);
}

/** True when the unit at `at` holds zeros only. */
export function isZero(block: Buffer, at: number, end: number): boolean {
  for (let index = at; index < end; index += 1) if (block[index] !== 0) return false;
  return true;
}

/** @throws SYS-0121 when something stands where only filling may be. */
export function requireZeros(block: Buffer, at: number, end: number): void {
  if (!isZero(block, at, end)) throw malformed(at, 'something in the filling behind a body');
}

/** The error for what is not our tar. */
export function malformed(at: number, what: string): Error {
  return archiveError('SYS-0121', `archive: ${what} at byte ${at} of its block`);
}

interface Unit extends OwnHeader {
  readonly type: number;
}

function readUnit(block: Buffer, at: number): Unit {
  for (let index = 0; index < MAGIC.length; index += 1) {
    if (block[at + MAGIC_AT + index] !== MAGIC[index]) throw malformed(at, 'no ustar header');
  }
  if (readOctal(block, at + CHECKSUM_AT, CHECKSUM_LENGTH) !== sumOf(block, at)) {
    throw malformed(at, 'a header with a wrong checksum');
  }
  const type = block[at + TYPE_AT] ?? 0;
  if (type !== TYPE_FILE && type !== TYPE_EXTENDED) throw malformed(at, `an entry of type ${type}`);
  if (block[at + 157] !== 0) throw malformed(at, 'a file that links');
  const name = readText(block, at, 100);
  const prefix = readText(block, at + 345, 155);
  return {
    type,
    path: prefix === '' ? name : `${prefix}/${name}`,
    // A size in binary stands in the extended header too, which is what counts.
    size: (block[at + 124] ?? 0) & BINARY ? -1 : readOctal(block, at + 124, 12),
    mode: readOctal(block, at + 100, 8),
    mtimeMs: type === TYPE_FILE ? readOctal(block, at + 136, 12) * 1000 : 0,
    length: TAR_UNIT,
  };
}

function checked(header: OwnHeader, at: number): OwnHeader {
  const offence = pathOffence(header.path);
  if (offence !== undefined) throw malformed(at, `the path ${shownPath(header.path)}, which ${offence},`);
  if (header.size < 0) throw malformed(at, 'a size that cannot be read');
  return header;
}

/** The checksum counts its own place as spaces. */
function sumOf(block: Buffer, at: number): number {
  let sum = CHECKSUM_LENGTH * SPACE;
  for (let index = 0; index < CHECKSUM_AT; index += 1) sum += block[at + index] ?? 0;
  for (let index = TYPE_AT; index < TAR_UNIT; index += 1) sum += block[at + index] ?? 0;
  return sum;
}

/** Octal digits, then perhaps a space, then a NUL; digit by digit, because there are four for each file. */
function readOctal(block: Buffer, at: number, length: number): number {
  let value = 0;
  let digits = 0;
  for (; digits < length; digits += 1) {
    const digit = (block[at + digits] ?? 0) - DIGIT_ZERO;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  const end = digits + (digits < length && block[at + digits] === SPACE ? 1 : 0);
  if (digits > 0 && end < length && block[at + end] === 0) return value;
  throw malformed(at, 'a number that is not octal');
}

function readText(block: Buffer, at: number, length: number): string {
  let end = at;
  while (end < at + length && block[end] !== 0) end += 1;
  return end === at ? '' : block.toString('utf8', at, end);
}

/** Reads records of the form `<length> <key>=<value>\n`; the length counts bytes, so a value may hold anything. */
function readExtended(body: Buffer, at: number): { readonly path: string; readonly size: number } {
  const values = new Map<string, string>();
  for (let from = 0; from < body.length; ) {
    const length = Number(
      /^([1-9][0-9]{0,6}) /.exec(body.toString('latin1', from, from + 8))?.[1] ?? Number.NaN,
    );
    const record = body.subarray(from, from + length);
    const [, key, value] = /^[0-9]+ (path|size)=(.*)\n$/s.exec(record.toString('utf8')) ?? [];
    if (record.length !== length || key === undefined || value === undefined || values.has(key)) {
      throw malformed(at, 'an extended header of another form');
    }
    values.set(key, value);
    from += length;
  }
  const size = values.get('size') ?? '';
  const path = values.get('path');
  if (path === undefined || !/^[0-9]{1,16}$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw malformed(at, 'an extended header without path or size');
  }
  return { path, size: Number(size) };
}
