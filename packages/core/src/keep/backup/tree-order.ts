/**
 * Orders relative paths as a scan meets them: names of one folder by their characters, a folder's content in its place.
 * Two lists in this order are compared in one pass without holding either. Negative: `a` comes first.
 */
export function compareInTree(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    // The end of a name comes before every character.
    return (left === SLASH ? -1 : left) - (right === SLASH ? -1 : right);
  }
  return a.length - b.length;
}

const SLASH = 0x2f;

/** Orders names of one folder by their characters. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
