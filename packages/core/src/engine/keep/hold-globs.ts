import { posix } from 'node:path';
import { systemCode } from '../../keep/backup/backup-errors.ts';
import { isInside } from '../../keep/backup/source-scan.ts';
import { fittingFiles } from '../../keep/retention/hold-fitting.ts';
import type { FileCount } from '../../keep/retention/retention-policy.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import type { BackupConfig } from '../config/keep-config.ts';
import { realPathOr } from './keep-roots.ts';

/** Globs that are counted at once: each is asked about every file of the sources. */
const COUNTED_MAX = 100;

/** Globs as somebody typed them, and where. */
export interface TypedGlobs {
  readonly globs: readonly string[];
  /** Folder that they may be relative to as well; absent: they are relative to a source. */
  readonly cwd?: string | undefined;
}

/** A glob relative to a source, and what it names now. */
export interface PlacedGlob {
  readonly glob: string;
  /** Absent when the sources cannot be read now, or too many globs are asked about. */
  readonly now?: FileCount;
}

/** Where the files are. */
export interface HoldSources {
  readonly files: KeepFiles;
  readonly backup: BackupConfig;
  readonly stateFolder: string;
}

/**
 * Turns what was typed into globs relative to a source: a shell completes paths from where it is, rules and listings
 * name them from the source. What names files now is meant; where nothing does, both are held.
 */
export function placeGlobs(at: HoldSources, { globs, cwd }: TypedGlobs): readonly PlacedGlob[] {
  const typed = globs.map((glob) => meaningsOf(at, glob, cwd));
  const counts = countsOf(at, new Set(typed.flat()));
  return typed.flatMap((meanings) => {
    const placed = meanings.map((meaning) => {
      const now = counts.get(meaning);
      return { glob: meaning, ...(now === undefined ? {} : { now }) };
    });
    const found = placed.find(({ now }) => now !== undefined && now.files > 0);
    return found === undefined ? placed : [found];
  });
}

/** From where one is, before from a source; a glob that fits neither is left to be refused. */
function meaningsOf(
  { files, backup }: HoldSources,
  typed: string,
  cwd: string | undefined,
): readonly string[] {
  const sign = typed.startsWith('!') ? '!' : '';
  const glob = typed.slice(sign.length);
  if (glob === '' || (cwd === undefined && posix.isAbsolute(glob))) return [typed];
  const meanings: string[] = [];
  if (cwd !== undefined) {
    const absolute = posix.resolve(cwd, glob);
    for (const { path } of backup.sources) {
      for (const root of [path, realPathOr(files, path)])
        if (isInside(root, absolute)) meanings.push(posix.relative(root, absolute) || '**');
    }
  }
  const plain = posix.normalize(glob).replace(/\/+$/, '');
  if (!posix.isAbsolute(glob) && !plain.startsWith('..')) meanings.push(plain === '.' ? '**' : plain);
  return meanings.length === 0 ? [typed] : [...new Set(meanings)].map((meaning) => sign + meaning);
}

/**
 * A source whose disk is away keeps nobody from holding its files. What a shell has made of a glob is a list of paths,
 * which are looked at one by one; of everything else only so many are counted, in one pass.
 */
function countsOf(at: HoldSources, globs: ReadonlySet<string>): ReadonlyMap<string, FileCount> {
  const counts = new Map<string, FileCount>();
  try {
    const patterns: string[] = [];
    for (const glob of globs) {
      const found = /[*?[\]{}\\!]/.test(glob) ? undefined : fileAt(at, glob);
      if (found === undefined) patterns.push(glob);
      else counts.set(glob, found);
    }
    for (const [glob, count] of countInOnePass(at, patterns)) counts.set(glob, count);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
  return counts;
}

/** A single file by its path; undefined where none of the sources has one. */
function fileAt({ files, backup }: HoldSources, path: string): FileCount | undefined {
  for (const source of backup.sources) {
    const facts = files.facts(`${source.path}/${path}`);
    if (facts?.kind === 'file') return { files: 1, bytes: facts.size };
  }
  return undefined;
}

function countInOnePass(
  { files, backup, stateFolder }: HoldSources,
  globs: readonly string[],
): readonly (readonly [string, FileCount])[] {
  if (globs.length === 0 || globs.length > COUNTED_MAX) return [];
  const { to, copyTo, sources } = backup;
  const excluded = [to, ...(copyTo === undefined ? [] : [copyTo]), stateFolder];
  const datasets = sources.map(({ path }) => ({ dataRoot: path, excluded }));
  const plain = globs.map((glob) => glob.replace(/^!/, ''));
  const found = fittingFiles(files, datasets, plain);
  return globs.flatMap((glob, index) => {
    const count = found[index];
    return count === undefined ? [] : [[glob, count] as const];
  });
}
