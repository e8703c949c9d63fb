import { problemText } from '../backup/backup-errors.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import type { BackupChain, ChainLink } from './backup-chain.ts';
import { CopyReader, placeOf, type Reading, sourceOf } from './content-reading.ts';
import type { CountedList } from './counted-list.ts';
import { isContentFailure } from './restore-errors.ts';
import { wantedEntries } from './restore-plan.ts';
import type { LostFile } from './restore-request.ts';

/** Files that begin in one block are read together. */
const GROUP_MAX = 4096;

/**
 * Reads whatever of a broken backup is right, file by file: a damaged block costs the files that lie in it and no
 * others. What the target refuses still ends the restore.
 */
export async function salvageAll(
  reading: Reading,
  chain: BackupChain,
  lost: CountedList<LostFile>,
): Promise<void> {
  const unreadable = new Map(chain.broken.map(({ id, problem }) => [id, problemText(problem)]));
  const links = new Map(chain.links.map((link) => [link.id, link]));
  const planFile = reading.services.files.openRead(reading.plan.manifestPath);
  try {
    const salvage = new Salvage(reading, lost);
    for (const entry of wantedEntries(reading.plan, planFile)) {
      reading.signal?.throwIfAborted();
      const holder = entry.heldBy ?? reading.plan.entry.id;
      const link = links.get(holder);
      if (link === undefined) {
        lost.add({ path: entry.path, problem: unreadable.get(holder) ?? `backup ${holder} is missing` });
      } else await salvage.take(link, entry);
    }
    await salvage.finish();
  } finally {
    planFile.close();
  }
}

class Salvage {
  readonly #reading: Reading;
  readonly #lost: CountedList<LostFile>;
  #copies: CopyReader | undefined;
  #link: ChainLink | undefined;
  #group: ManifestEntry[] = [];

  constructor(reading: Reading, lost: CountedList<LostFile>) {
    this.#reading = reading;
    this.#lost = lost;
  }

  async take(link: ChainLink, entry: ManifestEntry): Promise<void> {
    if (link.file === undefined) {
      await this.#takeCopy(link, entry);
      await this.#reading.writer.pressure();
      return;
    }
    const goesOn =
      this.#link === link && this.#group[0]?.block === entry.block && this.#group.length < GROUP_MAX;
    if (!goesOn) await this.#flush();
    this.#link = link;
    this.#group.push(entry);
  }

  async finish(): Promise<void> {
    await this.#flush();
    this.#copies?.close();
  }

  async #takeCopy(link: ChainLink, entry: ManifestEntry): Promise<void> {
    try {
      this.#copies ??= new CopyReader(this.#reading, link);
      await this.#copies.read(entry);
    } catch (error) {
      this.#giveUp(entry, error);
    }
  }

  /** Reads the group; what is behind a file that fails is tried again without it. */
  async #flush(): Promise<void> {
    const link = this.#link;
    let rest = this.#group;
    this.#group = [];
    while (link !== undefined && rest.length > 0) {
      const { done, begun, error } = await this.#readGroup(link, rest);
      if (error === undefined) return;
      // Nothing was found at all: the block cannot be unpacked, and no other try would change that.
      const failed = begun || done > 0 ? rest.slice(done, done + 1) : rest;
      for (const entry of failed) this.#giveUp(entry, error);
      rest = rest.slice(done + failed.length);
    }
  }

  async #readGroup(
    link: ChainLink,
    entries: readonly ManifestEntry[],
  ): Promise<{ readonly done: number; readonly begun: boolean; readonly error?: unknown }> {
    const { services, writer, signal } = this.#reading;
    let done = 0;
    let begun = false;
    try {
      await services.archives.readEntries(patient(link), entries.map(placeOf), {
        signal,
        visitor: {
          entry(header) {
            const entry = entries[done];
            if (entry === undefined || header.path !== entry.path) throw new Misplaced(header.path);
            begun = true;
            writer.begin(entry);
          },
          body: (chunk) => writer.body(chunk),
          end(sha256) {
            writer.end(sha256);
            done += 1;
          },
          pressure: () => writer.pressure(),
        },
      });
      return { done, begun };
    } catch (error) {
      return { done, begun, error };
    }
  }

  #giveUp(entry: ManifestEntry, error: unknown): void {
    this.#reading.signal?.throwIfAborted();
    if (!(error instanceof Misplaced) && !isContentFailure(error)) throw error;
    this.#reading.writer.abandon();
    this.#lost.add({ path: entry.path, problem: problemText(error) });
  }
}

/** The archive has another file at the place. */
class Misplaced extends Error {
  constructor(path: string) {
    super(`the archive holds ${path} at its place`);
  }
}

/** An archive that was cut or grew is read as far as it goes. */
function patient(link: ChainLink) {
  const source = sourceOf(link);
  const { file } = source;
  const size = link.manifest.archiveBytes;
  return { ...source, file: { ...file, facts: () => ({ ...file.facts(), size }) } };
}
