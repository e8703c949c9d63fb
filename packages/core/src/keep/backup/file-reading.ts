import type { FileFacts, KeepFiles, OpenedFile } from '../../ports/keep-files.ts';
import type { ArchivePlace } from './archive-port.ts';
import { problemText, systemCode } from './backup-errors.ts';
import type { SkippedReason } from './backup-manifest.ts';
import type { BackupSink } from './backup-strategy.ts';

/** A file that is to be read into a backup. */
export interface FileToRead {
  /** Where it is. */
  readonly full: string;
  /** What the backup calls it. */
  readonly path: string;
  /** Device it must be on. */
  readonly dev: bigint;
  /** Lets others have a turn now and then while a long file is read, and is told how many bytes of it were read. */
  readonly pause?: ((bytes: number) => Promise<void>) | undefined;
}

/** How reading one file ended. */
export type Taken =
  | {
      readonly kind: 'kept';
      /** As it was opened; `size` is what was kept. */
      readonly facts: FileFacts;
      readonly place: ArchivePlace | undefined;
      readonly sha256: string;
      readonly state: 'stable' | 'grown';
    }
  | { readonly kind: 'skipped'; readonly reason: SkippedReason; readonly detail?: string };

const ATTEMPTS = 3;
/** A stop is heard and progress is told at least so often, bytes. */
const PAUSE_BYTES = 8 * 1024 * 1024;
const NS_PER_MS = 1_000_000n;

/** Something went wrong with the source, not with the backup. */
class SourceTrouble extends Error {}

/**
 * Reads one file into a sink, in one pass. It yields what must be waited for, which is nothing for nearly every file.
 * Outcomes: gone → skipped `vanished`; became a link, pipe, socket or device → `symlink` or `special`; became a file of
 * another device → `other-device`; may not be read, or a read fails → `unreadable` with the system's code; got longer →
 * kept up to the length it had when it was opened, state `grown`; changed in any other way → tried three times, then
 * `changing`. What the sink throws is the failure of the run.
 */
export function* readIntoSink(
  files: KeepFiles,
  sink: BackupSink,
  file: FileToRead,
): Generator<Promise<void>, Taken, void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const opened = openFile(files, file);
    if (!('source' in opened)) return opened;
    try {
      const taken = yield* copyOnce(sink, file, opened);
      if (taken !== undefined) return taken;
    } finally {
      opened.source.close();
    }
  }
  return { kind: 'skipped', reason: 'changing', detail: `it changed during each of ${ATTEMPTS} readings` };
}

interface Opened {
  readonly source: OpenedFile;
  readonly facts: FileFacts;
}

function openFile(files: KeepFiles, { full, dev }: FileToRead): Opened | Taken {
  let source: OpenedFile;
  try {
    source = files.openRead(full);
  } catch (error) {
    return skippedBy(error);
  }
  try {
    const facts = source.facts();
    if (facts.kind === 'file' && facts.dev === dev) return { source, facts };
    source.close();
    return { kind: 'skipped', reason: facts.kind === 'file' ? 'other-device' : 'special' };
  } catch (error) {
    source.close();
    return skippedBy(error);
  }
}

function skippedBy(error: unknown): Taken {
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'skipped', reason: 'vanished' };
  if (code === 'ELOOP') return { kind: 'skipped', reason: 'symlink' };
  if (code === 'ENXIO') return { kind: 'skipped', reason: 'special' };
  return { kind: 'skipped', reason: 'unreadable', detail: code ?? problemText(error) };
}

/** Undefined: it changed and is out of the backup again. */
function* copyOnce(
  sink: BackupSink,
  { path, pause }: FileToRead,
  { source, facts }: Opened,
): Generator<Promise<void>, Taken | undefined, void> {
  const before = sink.pressure();
  if (before !== undefined) yield before;
  const place = sink.begin({
    path,
    size: facts.size,
    mode: facts.mode,
    mtimeMs: Number(facts.mtimeNs / NS_PER_MS),
    mtimeNs: facts.mtimeNs,
    uid: facts.uid,
    gid: facts.gid,
  });
  try {
    let position = 0;
    let pausedAt = 0;
    while (position < facts.size) {
      const pressure = sink.pressure();
      if (pressure !== undefined) yield pressure;
      if (pause !== undefined && position >= pausedAt + PAUSE_BYTES) {
        pausedAt = position;
        yield pause(position);
      }
      const room = sink.room();
      const got = fromSource(() => source.read(room, 0, room.length, position));
      if (got === 0) break;
      sink.filled(got);
      position += got;
    }
    const after = fromSource(() => source.facts());
    const state = position === facts.size ? stateAfter(facts, after) : undefined;
    if (state !== undefined) return { kind: 'kept', facts, place, sha256: sink.end(), state };
    yield sink.abandon();
    return undefined;
  } catch (error) {
    if (!(error instanceof SourceTrouble)) throw error;
    yield sink.abandon();
    return skippedBy(error.cause);
  }
}

function fromSource<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new SourceTrouble('source', { cause });
  }
}

/** Undefined when what was read may be a mixture of two contents. */
function stateAfter(before: FileFacts, after: FileFacts): 'stable' | 'grown' | undefined {
  if (after.size > before.size) return 'grown';
  const same =
    after.size === before.size && after.mtimeNs === before.mtimeNs && after.ctimeNs === before.ctimeNs;
  return same ? 'stable' : undefined;
}
