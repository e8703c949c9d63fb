import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { isOpsException } from '../../kernel/ops-exception.ts';
import type { OpenedFile } from '../../ports/keep-files.ts';
import { WorkTurns } from '../../ports/work-turns.ts';
import type { ArchivePlace, ArchiveSource, ReadHeader } from '../backup/archive-port.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import { damaged } from '../backup/manifest-lines.ts';
import { ManifestCursor, ManifestPass } from '../backup/manifest-pass.ts';
import type { ChainLink } from './backup-chain.ts';
import type { PinnedFolder } from './folder-pins.ts';
import { FolderWalk } from './folder-walk.ts';
import { SMALL_BYTES } from './restore-batch.ts';
import type { RestorePlan } from './restore-plan.ts';
import type { RestoreServices } from './restore-request.ts';
import type { RestoreWriter } from './restore-writer.ts';

/** What every way of reading needs. */
export interface Reading {
  readonly services: RestoreServices;
  readonly backupRoot: string;
  readonly plan: RestorePlan;
  readonly writer: RestoreWriter;
  readonly signal: AbortSignal | undefined;
}

const READ_BYTES = 1024 * 1024;

/**
 * Reads a whole archive beside its manifest and writes what is wanted. Every header must be the one the manifest has
 * at that place: a file that is not listed, twice there, or missing ends the restore.
 */
export async function readWholeLink(reading: Reading, link: ChainLink): Promise<void> {
  const { services, plan, writer, signal } = reading;
  const manifestFile = services.files.openRead(link.manifestPath);
  const planFile = services.files.openRead(plan.manifestPath);
  try {
    const pass = new ManifestPass(manifestFile);
    const wanted = wantedOf(reading, link, planFile);
    let taken: ManifestEntry | undefined;
    let count = 0;
    const totals = await services.archives.read(
      sourceOf(link),
      {
        entry(header) {
          const listed = pass.next();
          compareHeader(header, listed);
          taken = listed === undefined ? undefined : wanted(listed);
          if (taken !== undefined) writer.begin(taken);
        },
        body(chunk) {
          if (taken !== undefined) writer.body(chunk);
        },
        end(sha256) {
          if (taken === undefined) return;
          writer.end(sha256);
          count += 1;
        },
        pressure: () => writer.pressure(),
      },
      { signal, concurrency: blocksAhead(plan) },
    );
    pass.finish();
    if (totals.sha256 !== link.manifest.checksum) {
      throw damaged(`the archive of ${link.id} has digest ${totals.sha256}, not ${link.manifest.checksum}`);
    }
    requireAll(reading, link, count);
  } finally {
    manifestFile.close();
    planFile.close();
  }
}

/** Where files are small, writing them is what takes the time: blocks unpacked long before would only take memory. */
function blocksAhead({ files, bytes }: RestorePlan): number | undefined {
  return bytes < files * SMALL_BYTES ? 1 : undefined;
}

/** Which entry of the restored backup an entry of a backup in its chain stands for. */
function wantedOf(
  { plan }: Reading,
  link: ChainLink,
  planFile: OpenedFile,
): (listed: ManifestEntry) => ManifestEntry | undefined {
  if (link.id === plan.entry.id) return (listed) => (plan.wanted(listed) ? listed : undefined);
  const cursor = new ManifestCursor(planFile);
  return (listed) => {
    if (listed.extra === true) return undefined;
    const entry = cursor.seek(listed.path);
    if (entry === undefined || entry.heldBy !== link.id || !plan.wanted(entry)) return undefined;
    if (entry.sha256 === listed.sha256 && entry.size === listed.size) return entry;
    throw damaged(`${entry.path} is left to ${link.id}, which holds another content`);
  };
}

/** Reads a few entries of an archive at their places, and only the blocks they lie in. */
export async function readPlaces(
  reading: Reading,
  link: ChainLink,
  entries: readonly ManifestEntry[],
): Promise<void> {
  const { services, writer, signal } = reading;
  const byPlace = new Map(entries.map((entry) => [placeKey(placeOf(entry)), entry]));
  let count = 0;
  await services.archives.readEntries(sourceOf(link), entries.map(placeOf), {
    signal,
    visitor: {
      entry(header) {
        const entry = byPlace.get(placeKey(header.place));
        compareHeader(header, entry);
        if (entry !== undefined) writer.begin(entry);
      },
      body: (chunk) => writer.body(chunk),
      end(sha256) {
        writer.end(sha256);
        count += 1;
      },
      pressure: () => writer.pressure(),
    },
  });
  if (count !== entries.length)
    throw damaged(`the archive of ${link.id} gave ${count} of ${entries.length} files`);
}

/** Reads copies one after the other. */
export class CopyReader {
  readonly #reading: Reading;
  readonly #walk: FolderWalk;
  readonly #turns: WorkTurns;
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);

  constructor(reading: Reading, link: ChainLink) {
    const { files, pins, clock } = reading.services;
    this.#reading = reading;
    this.#turns = new WorkTurns(clock, reading.signal);
    this.#walk = new FolderWalk({
      files,
      pins,
      root: `${files.realPath(reading.backupRoot)}/${link.entry.names.archive}`,
    });
  }

  async read(entry: ManifestEntry): Promise<void> {
    const { services, writer } = this.#reading;
    await this.#turns.spendFile();
    const pin = this.#folderOf(entry);
    if (pin === undefined) throw damaged(`the copy ${entry.path} is missing`);
    const file = services.files.openRead(`${pin.path}/${posix.basename(entry.path)}`);
    try {
      const { kind, size } = file.facts();
      if (kind !== 'file' || size !== entry.size)
        throw damaged(`the copy ${entry.path} is a ${kind} of ${size} bytes`);
      const digest = createHash('sha256');
      writer.begin(entry);
      for (let position = 0; position < size; ) {
        const got = file.read(this.#buffer, 0, Math.min(this.#buffer.length, size - position), position);
        if (got === 0) break;
        const piece = this.#buffer.subarray(0, got);
        digest.update(piece);
        writer.body(piece);
        position += got;
        const turn = this.#turns.spend(got);
        if (turn !== undefined) await turn;
      }
      writer.end(digest.digest('hex'));
    } finally {
      file.close();
    }
  }

  close(): void {
    this.#walk.close();
  }

  /** A link in the backup is damage of the backup, not of the target. */
  #folderOf({ path }: ManifestEntry): PinnedFolder | undefined {
    const folder = posix.dirname(path);
    try {
      return this.#walk.find(folder === '.' ? '' : folder);
    } catch (error) {
      if (!isOpsException(error)) throw error;
      throw damaged(`a link is on the way to the copy ${path}; it was not followed`, error);
    }
  }
}

/** Every wanted file was given; one backup of a chain may not hold less than another leaves to it. */
export function requireAll({ plan }: Reading, { id }: Pick<ChainLink, 'id'>, count: number): void {
  const expected = plan.filesOf.get(id) ?? 0;
  if (count !== expected) throw damaged(`backup ${id} gave ${count} of ${expected} files`);
}

/** What an archive is read from. @throws SYS-0143 when the backup has none. */
export function sourceOf({ file, manifest, blocks, id }: ChainLink): ArchiveSource {
  if (file === undefined) throw damaged(`backup ${id} has no archive`);
  return { file, codec: manifest.codec, blocks };
}

/** Where an entry lies. @throws SYS-0143 when the manifest does not say so. */
export function placeOf({ path, block, offset }: ManifestEntry): ArchivePlace {
  if (block === undefined || offset === undefined) throw damaged(`${path} has no place in an archive`);
  return { block, offset };
}

function placeKey({ block, offset }: ArchivePlace): string {
  return `${block}:${offset}`;
}

function compareHeader(header: ReadHeader, listed: ManifestEntry | undefined): void {
  if (listed === undefined)
    throw damaged(`the archive holds ${header.path}, which the manifest does not list`);
  const same =
    header.path === listed.path &&
    header.size === listed.size &&
    header.place.block === listed.block &&
    header.place.offset === listed.offset;
  if (same) return;
  throw damaged(`the archive holds ${header.path} (${header.size} bytes) where ${listed.path} should be`);
}
