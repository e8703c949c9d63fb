import type { ManifestEntry } from '../backup/backup-manifest.ts';
import { isSafePath } from '../backup/manifest-lines.ts';
import { compileGlobs } from '../backup/path-glob.ts';
import { restoreError } from './restore-errors.ts';
import type { RestoreSelection, RestoreTarget } from './restore-request.ts';

const NS_PER_MS = 1_000_000n;

/**
 * Compiles a selection into one question about entries of a manifest.
 * @throws INP-0802 for a glob that cannot be read, INP-0840 for a path or instant that cannot be meant.
 */
export function compileSelection(
  selection: RestoreSelection = {},
  target: RestoreTarget['kind'],
): (entry: ManifestEntry) => boolean {
  const { globs, paths, changedFromMs, changedUntilMs, extras = target === 'folder' } = selection;
  const matcher = compileGlobs(globs);
  const inPaths = compilePaths(paths);
  const fromNs = instantNs('changedFromMs', changedFromMs);
  const untilNs = instantNs('changedUntilMs', changedUntilMs);
  const timed = fromNs !== undefined || untilNs !== undefined;
  return (entry) => {
    if (entry.extra === true && !extras) return false;
    if (!matcher.matches(entry.path) || !inPaths(entry.path)) return false;
    if (!timed) return true;
    const mtimeNs = BigInt(entry.mtimeNs);
    return (fromNs === undefined || mtimeNs >= fromNs) && (untilNs === undefined || mtimeNs < untilNs);
  };
}

/** True when everything of the source is asked for. */
export function isWhole({ globs, paths, changedFromMs, changedUntilMs }: RestoreSelection = {}): boolean {
  return (
    (globs === undefined || globs.length === 0) &&
    (paths === undefined || paths.length === 0) &&
    changedFromMs === undefined &&
    changedUntilMs === undefined
  );
}

function compilePaths(paths: readonly string[] | undefined): (path: string) => boolean {
  if (paths === undefined || paths.length === 0) return () => true;
  const asked = new Set(paths.map((path) => (path.length > 1 ? path.replace(/\/+$/, '') : path)));
  for (const path of asked) {
    if (isSafePath(path)) continue;
    throw restoreError('INP-0840', `path ${JSON.stringify(path)}: allowed: a path relative to the source`, {
      data: { path },
    });
  }
  return (path) => {
    if (asked.has(path)) return true;
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      if (asked.has(path.slice(0, slash))) return true;
    }
    return false;
  };
}

function instantNs(field: string, instantMs: number | undefined): bigint | undefined {
  if (instantMs === undefined) return undefined;
  if (!Number.isFinite(instantMs)) {
    throw restoreError('INP-0840', `${field}: ${instantMs}; allowed: an instant in ms`, { data: { field } });
  }
  return BigInt(Math.round(instantMs)) * NS_PER_MS;
}
