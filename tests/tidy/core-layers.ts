import { posix } from 'node:path';
import type { ImportEdge } from './import-list.ts';

/** The chapters of core in reading order; a chapter sees the pure files of those before it. */
export const CHAPTERS = [
  ...['run/targets', 'run/calendars', 'run/executions', 'run/scheduler', 'run/results', 'run/replay'],
  ...['watch/health', 'watch/alerts', 'watch/quality', 'watch/reports'],
  ...['keep/backup', 'keep/retention', 'keep/maintenance', 'keep/restore', 'keep/lineage'],
  ...['guard/access', 'guard/audit', 'guard/incidents'],
] as const;

/** Words of the audit that every chapter writes into its commits; types only. */
const AUDIT_WORDS = 'guard/audit/audit-entry.ts';

/** Node modules that read nothing of the world. */
const PURE_BUILTINS = ['node:buffer', 'node:crypto', 'node:path', 'node:url', 'node:util'];

/** Packages and where in core's sources they may be loaded; zod is allowed everywhere. */
const PACKAGE_PLACES: Readonly<Record<string, readonly string[]>> = {
  zod: [''],
  'node-cron': ['adapters/cron-node/', 'engine/config/'],
  kysely: ['adapters/store-sql/'],
  yaml: ['engine/config/'],
  tar: ['adapters/archive-tar/'],
  vitest: ['testing/'],
};

/** What the rules know about the file that is imported. */
export interface ImportedFile {
  /** True when it neither waits nor promises: its functions only take values and return values. */
  readonly pure: boolean;
}

type Layer =
  | 'kernel'
  | 'ports'
  | 'chapter'
  | 'adapters'
  | 'engine'
  | 'facade'
  | 'client'
  | 'testing'
  | 'surface';

/**
 * Why a file of core may not have an import; absent when it may. `path` is relative to `packages/core/src`,
 * `lookUp` tells about files there.
 */
export function layerOffence(
  path: string,
  edge: ImportEdge,
  lookUp: (path: string) => ImportedFile | undefined,
): string | undefined {
  if (!edge.specifier.startsWith('.')) return packageOffence(path, edge);
  const target = posix.normalize(posix.join(posix.dirname(path), edge.specifier));
  if (target.startsWith('..')) return 'leaves the package';
  if (edge.typeOnly && target === AUDIT_WORDS) return undefined;
  const from = layerOf(path);
  const to = layerOf(target);
  if (from === 'engine' || from === 'facade' || from === 'testing') return engineOffence(from, to);
  if (to === 'kernel') return undefined;
  if (from === 'kernel') return 'kernel imports nothing else';
  if (from === 'ports') return to === 'ports' ? undefined : 'ports import kernel only';
  if (to === 'ports') return undefined;
  const pure = lookUp(target)?.pure ?? false;
  if (from === 'chapter') return chapterOffence(path, target, { ...edge, pure });
  if (from === 'adapters') return adapterOffence(path, target, { ...edge, pure });
  if (from === 'client') return clientOffence(path, target, { ...edge, pure });
  return surfaceOffence(path, to);
}

/** The layer of a file; a file directly in `src` is part of the public surface. */
export function layerOf(path: string): Layer {
  if (chapterOf(path) !== undefined) return 'chapter';
  const folder = path.split('/')[0] ?? '';
  const known: readonly Layer[] = ['kernel', 'ports', 'adapters', 'engine', 'facade', 'client', 'testing'];
  return known.find((layer) => layer === folder) ?? 'surface';
}

/** A file that holds only rules, nouns and tables: it neither waits nor makes promises, and is no chapter's store. */
export function isPureFile(path: string, maskedCode: string): boolean {
  return (
    !path.endsWith('-store.ts') &&
    !isService(path) &&
    !/\b(async|await|new Promise)\b|\bPromise\s*\./.test(maskedCode)
  );
}

type Known = ImportEdge & ImportedFile;

function chapterOf(path: string): string | undefined {
  return CHAPTERS.find((chapter) => path.startsWith(`${chapter}/`));
}

function chapterOffence(path: string, target: string, known: Known): string | undefined {
  const own = chapterOf(path);
  const other = chapterOf(target);
  if (own === undefined || other === undefined) return `a chapter does not see ${layerOf(target)}`;
  if (own === other) return undefined;
  const samePart = own.split('/')[0] === other.split('/')[0];
  const earlier = indexOf(other) < indexOf(own);
  if (known.typeOnly) return earlier || samePart ? undefined : `${other} comes after ${own}`;
  if (!earlier) return `${other} comes after ${own}; only types of the same part may be imported`;
  return known.pure ? undefined : 'a value of another chapter must come from a pure file';
}

function adapterOffence(path: string, target: string, known: Known): string | undefined {
  if (layerOf(target) === 'adapters') {
    const folder = (file: string) => file.split('/').slice(0, 2).join('/');
    return folder(path) === folder(target) ? undefined : 'an adapter does not see another adapter';
  }
  if (known.typeOnly) return isService(target) ? 'an adapter does not see services' : undefined;
  return known.pure && ['chapter', 'client'].includes(layerOf(target))
    ? undefined
    : 'a value for an adapter must come from kernel, ports or a pure file of a chapter';
}

/** The index is a public entry: it also shows the client over a socket and where that socket is. */
function clientOffence(path: string, target: string, known: Known): string | undefined {
  if (layerOf(target) === 'client' || known.typeOnly) return undefined;
  const shown = target.startsWith('adapters/http-node/') || target.startsWith('engine/config/');
  if (path === 'client/index.ts' && shown) return undefined;
  return known.pure && layerOf(target) === 'chapter'
    ? undefined
    : 'the client carries types and pure files only';
}

function engineOffence(from: Layer, to: Layer): string | undefined {
  if (from !== 'testing' && to === 'testing') return 'only tests see testing';
  return from === 'engine' && (to === 'facade' || to === 'surface')
    ? `the engine does not see ${to}`
    : undefined;
}

/** `plugin.ts` shows kernel words and ports; `index.ts` everything a program may use or replace. */
function surfaceOffence(path: string, to: Layer): string | undefined {
  if (path === 'plugin.ts') return 'a plugin sees kernel words and ports only';
  return to === 'testing' ? 'the public surface does not show testing' : undefined;
}

/** A chapter's service has the chapter's name (`executions/executions.ts`). */
function isService(target: string): boolean {
  const [, chapter = '', file = ''] = target.split('/');
  return chapterOf(target) !== undefined && file === `${chapter}.ts`;
}

function packageOffence(path: string, edge: ImportEdge): string | undefined {
  const { specifier } = edge;
  if (specifier.startsWith('node:')) {
    const strict = ['kernel', 'ports', 'chapter', 'facade'].includes(layerOf(path));
    if (layerOf(path) === 'kernel')
      return specifier === 'node:crypto' ? undefined : 'kernel hashes and nothing else';
    return strict && !PURE_BUILTINS.includes(specifier) ? `${specifier} reads the world` : undefined;
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const places = PACKAGE_PLACES[name];
  if (places === undefined) return `${name} is not a package of core`;
  return places.some((place) => path.startsWith(place))
    ? undefined
    : `${name} is allowed in ${places.join(', ')} only`;
}

function indexOf(chapter: string): number {
  const names: readonly string[] = CHAPTERS;
  return names.indexOf(chapter);
}
