import type { KeepFiles, OpenedFile } from '../../ports/keep-files.ts';
import type { CatalogueEntry } from '../backup/backup-catalogue.ts';
import type { ArchiveBlock, BackupManifest, ManifestEntry } from '../backup/backup-manifest.ts';
import { loadManifest, readManifestLines } from '../backup/manifest-file.ts';
import { damaged } from '../backup/manifest-lines.ts';
import { compareInTree } from '../backup/tree-order.ts';
import { CountedList } from './counted-list.ts';
import { restoreError } from './restore-errors.ts';
import type { LostFile, RestoreRequest } from './restore-request.ts';
import { compileSelection, isWhole } from './restore-selection.ts';
import { diskBytesOf } from './target-folders.ts';

/** What is known of a restore before anything is written. */
export interface RestorePlan {
  readonly entry: CatalogueEntry;
  readonly manifest: BackupManifest;
  readonly manifestPath: string;
  readonly manifestSha256: string;
  readonly blocks: readonly ArchiveBlock[];
  /** Whether an entry is to be restored. */
  wanted(entry: ManifestEntry): boolean;
  readonly files: number;
  readonly bytes: number;
  /** Bytes on the disk of the target, each file in whole pages. */
  readonly diskBytes: number;
  /** How many files each backup of the chain gives; the backup itself too. */
  readonly filesOf: ReadonlyMap<string, number>;
  /** Set when so few are asked for that reading all of the backup would be a waste. */
  readonly few?: readonly ManifestEntry[];
  /** Files whose path cannot be restored; empty unless this is a salvage. */
  readonly refused: CountedList<LostFile>;
}

const FEW_MAX = 10_000;
/** Of the blocks and of the bytes. */
const FEW_SHARE = 0.25;
const NAME_BYTES_MAX = 255;

/**
 * Reads the whole manifest once and decides what will be restored. Every path is looked at before the first byte is
 * written.
 * @throws SYS-0143 when the manifest is damaged, SYS-0184 when a path cannot be restored, INP-0840 when nothing is
 * asked for.
 */
export function planRestore(files: KeepFiles, request: RestoreRequest, entry: CatalogueEntry): RestorePlan {
  const selected = compileSelection(request.selection, request.target.kind);
  const manifestPath = `${request.backupRoot}/${entry.names.manifest}`;
  const survey = new Survey(entry.id, selected, request.salvage ?? false);
  const loaded = loadManifest(files, manifestPath, ({ line }) => {
    if (line.kind === 'entry') survey.see(line.entry);
  });
  const { manifest } = loaded;
  if (manifest.id !== entry.id) throw damaged(`${entry.names.manifest} is the manifest of ${manifest.id}`);
  if (survey.files === 0 && survey.refused.count === 0) throw nothing(request);
  const few = isWhole(request.selection) ? undefined : survey.few(loaded.blocks.length, manifest.sourceBytes);
  return {
    entry,
    manifest,
    manifestPath,
    manifestSha256: loaded.sha256,
    blocks: loaded.blocks,
    wanted: (candidate) => selected(candidate) && !survey.unsafe.has(candidate.path),
    files: survey.files,
    bytes: survey.bytes,
    diskBytes: survey.diskBytes,
    filesOf: survey.filesOf,
    ...(few === undefined ? {} : { few }),
    refused: survey.refused,
  };
}

/** What is to be restored, read from the manifest one after another. */
export function* wantedEntries(
  plan: RestorePlan,
  manifest: OpenedFile,
): Generator<ManifestEntry, void, void> {
  for (const { line } of readManifestLines(manifest)) {
    if (line.kind === 'entry' && plan.wanted(line.entry)) yield line.entry;
  }
}

/** The few files that one backup of the chain holds. */
export function entriesOf(plan: RestorePlan, holder: string): readonly ManifestEntry[] {
  return (plan.few ?? []).filter((entry) => (entry.heldBy ?? plan.entry.id) === holder);
}

/** One look at every entry, in the order of the manifest. */
class Survey {
  readonly filesOf = new Map<string, number>();
  readonly refused = new CountedList<LostFile>();
  /** Paths that a salvage leaves out. */
  readonly unsafe = new Set<string>();
  readonly #backupId: string;
  readonly #selected: (entry: ManifestEntry) => boolean;
  readonly #salvage: boolean;
  readonly #extras = new Set<string>();
  readonly #firstBlocks = new Set<string>();
  #kept: ManifestEntry[] | undefined = [];
  #last = '';
  files = 0;
  bytes = 0;
  diskBytes = 0;

  constructor(backupId: string, selected: (entry: ManifestEntry) => boolean, salvage: boolean) {
    this.#backupId = backupId;
    this.#selected = selected;
    this.#salvage = salvage;
  }

  see(entry: ManifestEntry): void {
    const problem = this.#order(entry) ?? nameOffence(entry.path);
    if (!this.#selected(entry)) return;
    if (problem !== undefined) {
      this.#refuse(entry.path, problem);
      return;
    }
    const holder = entry.heldBy ?? this.#backupId;
    this.files += 1;
    this.bytes += entry.size;
    this.diskBytes += diskBytesOf(entry.size);
    this.filesOf.set(holder, (this.filesOf.get(holder) ?? 0) + 1);
    this.#firstBlocks.add(`${holder}:${entry.block ?? 0}`);
    if (this.#kept !== undefined && this.#kept.push(entry) > FEW_MAX) this.#kept = undefined;
  }

  /** The entries, when they are few in every sense. */
  few(blocks: number, sourceBytes: number): readonly ManifestEntry[] | undefined {
    const share = Math.max(this.filesOf.size, blocks * FEW_SHARE);
    const isFew = this.#firstBlocks.size <= share && this.bytes <= sourceBytes * FEW_SHARE;
    return isFew ? this.#kept : undefined;
  }

  /** A manifest has each path once, in order, and no file is a folder of another. */
  #order({ path, extra }: ManifestEntry): string | undefined {
    if (extra === true) {
      if (this.#extras.has(path)) throw damaged(`${path} is listed twice`);
      this.#extras.add(path);
      return undefined;
    }
    const last = this.#last;
    if (last !== '' && compareInTree(last, path) >= 0) throw damaged(`${path} stands after ${last}`);
    // What lies below a name comes right after it, so looking at one neighbour is enough.
    if (last !== '' && path.startsWith(`${last}/`)) return `${last} is a file, not a folder`;
    this.#last = path;
    return undefined;
  }

  #refuse(path: string, problem: string): void {
    if (!this.#salvage) {
      const message = `file ${JSON.stringify(path)}: ${problem}; nothing was restored`;
      throw restoreError('SYS-0184', message, { data: { path } });
    }
    this.unsafe.add(path);
    this.refused.add({ path, problem });
  }
}

/** Why no file can have this path; absent when one can. */
function nameOffence(path: string): string | undefined {
  // No character is longer than three bytes for each unit, so most paths need no counting.
  if (path.length * 3 <= NAME_BYTES_MAX) return undefined;
  const long = path.split('/').find((name) => Buffer.byteLength(name) > NAME_BYTES_MAX);
  return long === undefined
    ? undefined
    : `the name ${long.slice(0, 40)}… is longer than ${NAME_BYTES_MAX} bytes`;
}

function nothing({ id, selection }: RestoreRequest): Error {
  const asked = JSON.stringify(selection ?? {});
  const message = `backup ${id} has no file for ${asked}; list its files: qts-ops backup show ${id} --files`;
  return restoreError('INP-0840', message, { data: { id } });
}
