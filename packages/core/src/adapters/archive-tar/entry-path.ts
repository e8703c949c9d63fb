/** Longest path of an entry, bytes: eight times what systems allow, and small beside the smallest block. */
const PATH_BYTES_MAX = 32_768;

/** Names that begin with a letter or digit, a few dozen of them at most: nothing can be wrong with such a path. */
const PLAIN_PATH = /^[A-Za-z0-9_][\w.-]{0,99}(?:\/[A-Za-z0-9_][\w.-]{0,99}){0,30}$/;

/** Why a path may not stand in an archive; absent when it may. */
export function pathOffence(path: string): string | undefined {
  if (PLAIN_PATH.test(path)) return undefined;
  if (path === '') return 'is empty';
  if (!path.isWellFormed()) return 'is not valid text';
  if (path.includes('\0')) return 'holds a NUL';
  if (path.startsWith('/')) return 'is absolute';
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) return `is longer than ${PATH_BYTES_MAX} bytes`;
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..') return `holds the name ${JSON.stringify(name)}`;
  }
  return undefined;
}

/** A path for a message: quoted, and cut when very long. */
export function shownPath(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}
