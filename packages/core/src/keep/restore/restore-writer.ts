import type { KeepFiles, OpenedFile } from '../../ports/keep-files.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import { writeAll } from '../backup/manifest-file.ts';
import { type FileBatches, FileFailure } from './file-batches.ts';
import { NameGiving } from './name-giving.ts';
import { BATCH_FILES, plainBatches, RestoreBatch, SMALL_BYTES, type WholePartial } from './restore-batch.ts';
import { guardTarget, restoreError, targetError } from './restore-errors.ts';
import type { OpenTarget } from './restore-target.ts';
import { partialOf } from './target-note.ts';

/** How files are to be written. */
export interface WriterOptions {
  readonly files: KeepFiles;
  /** Absent: everything happens on this thread. */
  readonly batches?: FileBatches | undefined;
  readonly target: OpenTarget;
  /** True: no file gets its name before `finish`. */
  readonly allOrNothing: boolean;
  /** Told of files that are about to get their names; what it throws keeps them from it. */
  readonly beforeNames: (entries: readonly ManifestEntry[]) => void;
  readonly onFile: (entry: ManifestEntry) => void;
  /** Told now and then, while a long file is written, how much of it was. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** A file that was begun. */
type OpenPartial = { readonly entry: ManifestEntry; missing: number } & (
  | { readonly kind: 'there' }
  | { readonly kind: 'small'; readonly at: number }
  | { readonly kind: 'long'; readonly file: OpenedFile; readonly name: string }
);

/** Batches under way at which a reader should wait. */
const AHEAD = 3;
const TELL_BYTES = 8 * 1024 * 1024;

/**
 * Writes restored files. Each one is written into the staging folder, compared with its digest, made durable, and only
 * then linked to its name: a name never stands for anything but the whole, right file, and never replaces another.
 * Small files go in batches, which are written while the next ones are read: `pressure` says when to wait.
 */
export class RestoreWriter {
  readonly #options: WriterOptions;
  readonly #files: KeepFiles;
  readonly #batches: FileBatches;
  readonly #target: OpenTarget;
  readonly #names: NameGiving;
  #batch = new RestoreBatch();
  readonly #spare: RestoreBatch['bytes'][] = [];
  /** Of `allOrNothing`: durable files that wait for the last one. */
  readonly #waiting: WholePartial[] = [];
  /** Batches under way, oldest first; none of them ever rejects. */
  readonly #underWay: Promise<void>[] = [];
  #failure: { readonly error: unknown } | undefined;
  #open: OpenPartial | undefined;
  #count = 0;
  #alreadyThere = 0;

  constructor(options: WriterOptions) {
    const { files, target } = options;
    this.#options = options;
    this.#files = files;
    this.#target = target;
    this.#batches = options.batches ?? plainBatches(files);
    this.#names = new NameGiving({ files, target });
  }

  /** Files that have their name from this run. */
  get published(): number {
    return this.#names.published;
  }

  get writtenBytes(): number {
    return this.#names.writtenBytes;
  }

  get unchanged(): number {
    return this.#alreadyThere + this.#names.unchanged;
  }

  /** Begins a file. @throws also what went wrong with an earlier one in the meantime. */
  begin(entry: ManifestEntry): void {
    this.#check();
    this.#guarded(entry, () => {
      const { there, staging } = this.#target;
      if (there !== undefined && this.#names.isThere(entry, there)) {
        this.#alreadyThere += 1;
        this.#open = { kind: 'there', entry, missing: entry.size };
        return;
      }
      if (entry.size <= SMALL_BYTES) {
        if (!this.#batch.holds(entry.size)) this.#submit();
        this.#open = { kind: 'small', entry, missing: entry.size, at: this.#batch.used };
        return;
      }
      const name = this.#nextName();
      const file = this.#files.createNew(`${staging.path}/${name}`, rightsOf(entry));
      this.#open = { kind: 'long', entry, missing: entry.size, file, name };
    });
  }

  /** More of the content. @throws SYS-0180 when it is longer than the manifest says. */
  body(chunk: Uint8Array): void {
    const open = this.#required();
    const told = Math.floor(open.missing / TELL_BYTES);
    open.missing -= chunk.length;
    if (open.missing < 0) throw differs(open.entry, `is longer than ${open.entry.size} bytes`);
    if (open.kind === 'small') this.#batch.append(chunk);
    else if (open.kind === 'long') this.#guarded(open.entry, () => writeAll(open.file, chunk));
    if (Math.floor(open.missing / TELL_BYTES) < told) this.#options.onBytes?.(open.entry.size - open.missing);
  }

  /** The content is complete. @throws SYS-0180 when it is not what the manifest says. */
  end(sha256: string): void {
    const open = this.#required();
    const { entry, missing } = open;
    if (missing !== 0) throw differs(entry, `is ${missing} bytes shorter than ${entry.size}`);
    if (sha256 !== entry.sha256) throw differs(entry, `has digest ${sha256}, not ${entry.sha256}`);
    this.#open = undefined;
    if (open.kind === 'small') this.#addSmall(entry, open.at);
    else if (open.kind === 'long') {
      const { file, name } = open;
      this.#guarded(entry, () => {
        this.#files.setTimes(`${this.#target.staging.path}/${name}`, BigInt(entry.mtimeNs));
        file.sync();
        file.close();
      });
      this.#batch.whole.push({ entry, name });
    }
    if (this.#batch.isFull(this.#batches.filesMax)) this.#submit();
    this.#options.onFile(entry);
  }

  /** Undefined while more may be written; otherwise to be awaited before the next file. */
  pressure(): Promise<void> | undefined {
    return this.#underWay.length < AHEAD ? undefined : this.#waitBelow(AHEAD);
  }

  /** Drops the file that was begun and not ended. */
  abandon(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    if (open.kind === 'there') this.#alreadyThere -= 1;
    else if (open.kind === 'small') this.#batch.cutBack(open.at);
    else {
      this.#guarded(open.entry, () => {
        open.file.close();
        this.#files.unlink(`${this.#target.staging.path}/${open.name}`);
      });
    }
  }

  /** Gives every file its name; all of them are durable then. */
  async finish(): Promise<void> {
    this.#submit();
    await this.#waitBelow(1);
    this.#check();
    for (let at = 0; at < this.#waiting.length; at += BATCH_FILES) {
      this.#give(this.#waiting.slice(at, at + BATCH_FILES));
    }
    guardTarget(this.#target.root, () => this.#target.walk.rest());
    await this.#batches.close();
  }

  /** Waits for what still runs and lets go, for a way out on which another failure is to be reported. Never throws. */
  async discard(): Promise<void> {
    this.#failure ??= { error: new Error('the restore was given up') };
    await this.#waitBelow(1);
    try {
      if (this.#open?.kind === 'long') this.#open.file.close();
    } catch {
      // What is left of it is removed next.
    }
    this.#open = undefined;
    await this.#batches.close().catch(() => undefined);
  }

  #addSmall(entry: ManifestEntry, at: number): void {
    const name = this.#nextName();
    const { mtimeNs, size } = entry;
    this.#batch.small.push({ name, mode: rightsOf(entry), mtimeNs, at, length: size });
    this.#batch.whole.push({ entry, name });
  }

  #nextName(): string {
    this.#count += 1;
    return partialOf(this.#count);
  }

  /** Sends the batch on its way: it is written at once, and named after the ones before it. */
  #submit(): void {
    const batch = this.#batch;
    if (batch.whole.length === 0) return;
    this.#batch = new RestoreBatch(this.#spare.pop());
    const { small, bytes } = batch;
    const written =
      small.length === 0
        ? Promise.resolve()
        : this.#batches.write({ folder: this.#target.staging.path, bytes, files: small });
    // It is awaited when its turn has come, which may be after it has failed.
    written.catch(() => undefined);
    const before = this.#underWay.at(-1);
    const named = this.#follow(batch, before, written).then(() => {
      void this.#underWay.splice(this.#underWay.indexOf(named), 1);
    });
    this.#underWay.push(named);
  }

  async #follow(
    batch: RestoreBatch,
    before: Promise<void> | undefined,
    written: Promise<void>,
  ): Promise<void> {
    try {
      await before;
      await written;
      this.#spare.push(batch.bytes);
      if (this.#failure !== undefined) return;
      if (this.#options.allOrNothing) this.#waiting.push(...batch.whole);
      else this.#give(batch.whole);
    } catch (error) {
      const path = error instanceof FileFailure ? batch.pathOf(error.file) : undefined;
      this.#failure ??= { error: targetError(this.#target.root, error, path) };
    }
  }

  #give(whole: readonly WholePartial[]): void {
    this.#options.beforeNames(whole.map(({ entry }) => entry));
    this.#names.give(whole);
  }

  async #waitBelow(count: number): Promise<void> {
    while (this.#underWay.length >= count) await this.#underWay[0];
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #required(): OpenPartial {
    if (this.#open === undefined) throw new Error('no file was begun');
    return this.#open;
  }

  #guarded<T>({ path }: ManifestEntry, work: () => T): T {
    return guardTarget(this.#target.root, work, path);
  }
}

/** Who set a file to run as somebody else did so for the place it was in. */
function rightsOf({ mode }: ManifestEntry): number {
  return mode & 0o777;
}

function differs({ path }: ManifestEntry, how: string): Error {
  return restoreError('SYS-0180', `${path} ${how} in the backup`, { data: { path } });
}
