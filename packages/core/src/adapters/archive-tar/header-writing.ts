import { Header, type HeaderData, Pax } from 'tar';
import type { ArchiveHeader } from '../../keep/backup/archive-port.ts';
import { archiveError } from './archive-errors.ts';

import { pathOffence, shownPath } from './entry-path.ts';

/** Everything in a tar file comes in pieces of this length, bytes. */
export const TAR_UNIT = 512;
/** Two empty units end an archive, bytes. */
export const TAR_END = 2 * TAR_UNIT;
/** The last second an ordinary header can hold. */
const SECONDS_MAX = 0o77777777777;

/**
 * The header of an entry: one unit, before it an extended one where the path or the size does not fit.
 * @throws SYS-0124 for a path that cannot stand in an archive.
 */
export function encodeHeader(header: ArchiveHeader): Uint8Array {
  const offence = pathOffence(header.path);
  if (offence !== undefined) {
    const message = `path ${shownPath(header.path)} ${offence}; allowed: a relative path without '.' and '..'`;
    throw archiveError('SYS-0124', message, { data: { path: header.path } });
  }
  if (!Number.isSafeInteger(header.size) || header.size < 0) {
    throw new RangeError(`size of ${shownPath(header.path)}: ${header.size}; allowed: 0 to 2^53 - 1`);
  }
  const plain = Buffer.alloc(TAR_UNIT);
  const needsMore = new Header(toFields(header)).encode(plain, 0);
  if (!needsMore) return plain;
  return Buffer.concat([new Pax({ path: header.path, size: header.size }).encode(), plain]);
}

/** How much of the archive a body takes, bytes. */
export function paddedLength(size: number): number {
  return Math.ceil(size / TAR_UNIT) * TAR_UNIT;
}

function toFields({ path, size, mode, mtimeMs, uid = 0, gid = 0 }: ArchiveHeader): HeaderData {
  const seconds = Math.min(Math.max(Math.floor(mtimeMs / 1000), 0), SECONDS_MAX);
  return { path, size, mode: mode & 0o7777, mtime: new Date(seconds * 1000), uid, gid, type: 'File' };
}
