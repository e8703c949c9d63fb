import { opsException } from '../../kernel/ops-exception.ts';
import type { FileFacts, KeepFiles } from '../../ports/keep-files.ts';
import { problemText, systemCode } from '../backup/backup-errors.ts';
import type { SkippedReason } from '../backup/backup-manifest.ts';
import { EVERYTHING } from '../backup/path-glob.ts';
import { type ScannedName, scanSource } from '../backup/source-scan.ts';
import './retention-errors.ts';
import type { KeptReason, RetentionPolicy, SeenFile } from './retention-policy.ts';
import { type JudgedAt, type Judgement, judgeFiles } from './retention-rules.ts';

/** What is scanned for files that may go. */
export interface ScanExpiredRequest extends JudgedAt {
  readonly dataRoot: string;
  readonly policy: RetentionPolicy;
  /** Folders that do not belong to the data: the backup root and the state folder, wherever they are. */
  readonly excluded: readonly string[];
  readonly onKept?: ((file: SeenFile, reason: KeptReason) => void) | undefined;
}

/**
 * Finds what may go by the rules; deletes nothing. Names that begin with a dot are files like any other.
 * @throws SYS-0160 when the data set cannot be read whole: what is not seen might be what must stay.
 */
export function scanExpired(files: KeepFiles, request: ScanExpiredRequest): Judgement {
  return readWhole(request.dataRoot, () => judgeFiles(seenFiles(files, request), request.policy, request));
}

/** Every name of a data set that is not a folder. @throws SYS-0160 when it cannot be read whole. */
export function readDataset(
  files: KeepFiles,
  request: Pick<ScanExpiredRequest, 'dataRoot' | 'excluded'>,
): readonly SeenFile[] {
  return readWhole(request.dataRoot, () => [...seenFiles(files, request)]);
}

function readWhole<T>(dataRoot: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw opsException('SYS-0160', `data ${dataRoot}: ${problemText(error)}`, {
      data: { dataRoot },
      cause: error,
    });
  }
}

/** Every name that is not a folder, in the order of the tree, one after the other. @throws what the system says. */
export function* seenFiles(
  files: KeepFiles,
  { dataRoot, excluded }: { readonly dataRoot: string; readonly excluded: readonly string[] },
): Generator<SeenFile, void, void> {
  const root = files.realPath(dataRoot);
  const rootFacts = files.facts(root);
  if (rootFacts?.kind !== 'folder') {
    throw Object.assign(new Error('it is not a folder'), { code: 'ENOTDIR' });
  }
  const left = excluded.flatMap((path) => factsOf(files, path) ?? []);
  for (const met of scanSource(files, { root, rootFacts, wanted: EVERYTHING, excluded: left })) {
    const seen = seenFile(met);
    if (seen !== undefined) yield seen;
  }
}

/** A file as the rules see it. */
function seenOf(path: string, { kind, size, mtimeNs, ctimeNs }: FileFacts): SeenFile {
  return { path, kind, size, mtimeMs: msOf(mtimeNs), ctimeMs: msOf(ctimeNs) };
}

function seenFile(met: ScannedName): SeenFile | undefined {
  if (met.kind === 'file') return seenOf(met.folder + met.name, met.facts);
  const { path, reason } = met.skipped;
  if (reason === 'vanished') return undefined;
  const nothing = { path, size: 0, mtimeMs: 0, ctimeMs: 0 };
  if (reason === 'not-utf8' || reason === 'other-device')
    return { ...nothing, kind: 'file', outside: reason };
  return { ...nothing, kind: isLink(reason) ? 'symlink' : 'other' };
}

function isLink(reason: SkippedReason): boolean {
  return reason === 'symlink' || reason === 'symlink-outside';
}

/** Facts of a folder that is left out; one that is not there needs no leaving out. */
function factsOf(files: KeepFiles, path: string): FileFacts | undefined {
  try {
    return files.facts(files.realPath(path));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Rounded up: a file is never older in milliseconds than it is. */
function msOf(ns: bigint): number {
  return Number((ns + 999_999n) / 1_000_000n);
}
