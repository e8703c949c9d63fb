import { createHash } from 'node:crypto';
import type { FileFacts, KeepFiles } from '../../ports/keep-files.ts';
import { backupError, problemText, systemCode } from './backup-errors.ts';
import type { SkippedEntry } from './backup-manifest.ts';
import { compileGlobs } from './path-glob.ts';
import { PlannedFiles } from './planned-files.ts';
import { isInside, scanSource } from './source-scan.ts';

/** What to back up, from where to where. */
export interface PlanRequest {
  readonly sourceRoot: string;
  readonly backupRoot: string;
  /** What to take, relative to the source; a glob that begins with `!` leaves out. Absent: everything. */
  readonly globs?: readonly string[] | undefined;
  /** Other folders that are left out wherever they lie, such as a second place of backups. Default: none. */
  readonly leftOut?: readonly string[] | undefined;
}

/** The files of one backup, seen once and then fixed. */
export interface BackupPlan {
  /** Without any link in it. */
  readonly sourceRoot: string;
  /** As it was given; it may not exist yet. */
  readonly backupRoot: string;
  readonly globs?: readonly string[];
  readonly sourceDev: bigint;
  readonly sourceIno: bigint;
  readonly files: PlannedFiles;
  readonly skipped: readonly SkippedEntry[];
  /** Digest of the roots, the globs and the facts of every file. */
  readonly planHash: string;
}

const HASH_CHARACTERS = 64 * 1024;

/**
 * Scans a source once and fixes what a backup will hold. A backup root inside the source is left out, recognised by
 * device and inode.
 * @throws BAT-0501 when the source is missing or no folder, BAT-0503 when it cannot be listed completely, INP-0801 when
 * it is or lies inside the backup root, INP-0802 when a glob cannot be read.
 */
export function planBackup(files: KeepFiles, request: PlanRequest): BackupPlan {
  const wanted = compileGlobs(request.globs);
  const source = openSource(files, request.sourceRoot);
  const backupFacts = checkRoots(files, source, request.backupRoot);
  const planned = new PlannedFiles();
  const skipped: SkippedEntry[] = [];
  const digest = createHash('sha256');
  let text = JSON.stringify([source.root, request.backupRoot, request.globs ?? []]);
  for (const met of scanSource(files, {
    root: source.root,
    rootFacts: source.facts,
    wanted,
    excluded: [
      ...(backupFacts === undefined ? [] : [backupFacts]),
      ...(request.leftOut ?? []).flatMap((folder) => rootFactsOf(files, folder)?.facts ?? []),
    ],
  })) {
    if (met.kind === 'skipped') {
      skipped.push(met.skipped);
      continue;
    }
    const { folder, name, facts } = met;
    planned.add(folder, name, facts);
    text += `${folder}${name}\0${facts.size}\0${facts.ino}\0${facts.mtimeNs}\0${facts.ctimeNs}\n`;
    if (text.length >= HASH_CHARACTERS) {
      digest.update(text);
      text = '';
    }
  }
  return {
    sourceRoot: source.root,
    backupRoot: request.backupRoot,
    ...(request.globs === undefined ? {} : { globs: request.globs }),
    sourceDev: source.facts.dev,
    sourceIno: source.facts.ino,
    files: planned,
    skipped,
    planHash: digest.update(text).digest('hex'),
  };
}

interface OpenSource {
  readonly root: string;
  readonly facts: FileFacts;
}

function openSource(files: KeepFiles, sourceRoot: string): OpenSource {
  try {
    const root = files.realPath(sourceRoot);
    const facts = files.facts(root);
    if (facts?.kind === 'folder') return { root, facts };
  } catch (error) {
    throw missingSource(sourceRoot, problemText(error), error);
  }
  throw missingSource(sourceRoot, 'it is not a folder');
}

function missingSource(sourceRoot: string, what: string, cause?: unknown): Error {
  return backupError('BAT-0501', `source ${sourceRoot}: ${what}; check that its disk is mounted`, {
    data: { source: sourceRoot },
    cause,
  });
}

/** Facts of the backup root, if it is there; a root that holds the source would back itself up or be pruned away. */
function checkRoots(files: KeepFiles, source: OpenSource, backupRoot: string): FileFacts | undefined {
  const found = rootFactsOf(files, backupRoot);
  if (found === undefined) return undefined;
  const { real, facts } = found;
  const same = facts !== undefined && facts.dev === source.facts.dev && facts.ino === source.facts.ino;
  if (!same && !isInside(real, source.root)) return facts;
  const message = `source ${source.root} ${same ? 'is' : 'lies inside'} the backup root ${backupRoot}; choose another`;
  throw backupError('INP-0801', message, { data: { source: source.root, backupRoot } });
}

/** A folder without any link on the way to it; undefined when it is not there. */
function rootFactsOf(
  files: KeepFiles,
  folder: string,
): { readonly real: string; readonly facts: FileFacts | undefined } | undefined {
  try {
    const real = files.realPath(folder);
    return { real, facts: files.facts(real) };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw backupError('SYS-0142', `backup root ${folder}: ${problemText(error)}`, { cause: error });
  }
}
