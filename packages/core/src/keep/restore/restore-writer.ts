import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { KeepFiles, OpenedFile } from '../../ports/keep-files.ts';
import { systemCode } from '../backup/backup-errors.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import { writeAll } from '../backup/manifest-file.ts';
import type { PinnedFolder } from './folder-pins.ts';
import { guardTarget, restoreError } from './restore-errors.ts';
import type { OpenTarget } from './restore-target.ts';
import { partialOf } from './target-note.ts';

/** How files are to get their names. */
export interface WriterOptions {
  readonly files: KeepFiles;
  readonly target: OpenTarget;
  /** True: no file gets its name before `finish`. */
  readonly allOrNothing: boolean;
  /** Told of files that are about to get their names; what it throws keeps them from it. */
  readonly beforeNames: (entries: readonly ManifestEntry[]) => void;
  readonly onFile: (entry: ManifestEntry) => void;
}

/** A file that is being written. */
interface OpenPartial {
  readonly entry: ManifestEntry;
  /** Absent when the right file is there already: then nothing is written. */
  readonly file?: OpenedFile;
  readonly name?: string;
  missing: number;
}

interface WholePartial {
  readonly entry: ManifestEntry;
  readonly name: string;
}

/** So many files get their names together: one hold, and one sync of each folder, covers them. */
const BATCH = 256;
const ATTEMPTS = 3;
const READ_BYTES = 1024 * 1024;

/**
 * Writes restored files. Each one is written into the staging folder, compared with its digest, made durable, and only
 * then linked to its name: a name never stands for anything but the whole, right file, and never replaces another.
 */
export class RestoreWriter {
  readonly #options: WriterOptions;
  readonly #files: KeepFiles;
  readonly #target: OpenTarget;
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);
  #open: OpenPartial | undefined;
  #whole: WholePartial[] = [];
  #count = 0;
  /** Files that have their name from this run. */
  published = 0;
  writtenBytes = 0;
  unchanged = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#files = options.files;
    this.#target = options.target;
  }

  /** Begins a file. */
  begin(entry: ManifestEntry): void {
    this.#guarded(() => {
      if (this.#target.mayHold && this.#isThere(entry)) {
        this.unchanged += 1;
        this.#open = { entry, missing: entry.size };
        return;
      }
      this.#count += 1;
      const name = partialOf(this.#count);
      // Who set a file to run as somebody else did so for the place it was in.
      const file = this.#files.createNew(`${this.#target.staging.path}/${name}`, entry.mode & 0o777);
      this.#open = { entry, file, name, missing: entry.size };
    });
  }

  /** More of the content. @throws SYS-0180 when it is longer than the manifest says. */
  body(chunk: Uint8Array): void {
    const open = this.#required();
    open.missing -= chunk.length;
    if (open.missing < 0) throw this.#differs(open.entry, `is longer than ${open.entry.size} bytes`);
    const { file } = open;
    if (file !== undefined) this.#guarded(() => writeAll(file, chunk));
  }

  /** The content is complete. @throws SYS-0180 when it is not what the manifest says. */
  end(sha256: string): void {
    const { entry, file, name, missing } = this.#required();
    if (missing !== 0) throw this.#differs(entry, `is ${missing} bytes shorter than ${entry.size}`);
    if (sha256 !== entry.sha256) throw this.#differs(entry, `has digest ${sha256}, not ${entry.sha256}`);
    this.#open = undefined;
    if (file !== undefined && name !== undefined) {
      this.#guarded(() => {
        this.#files.setTimes(`${this.#target.staging.path}/${name}`, BigInt(entry.mtimeNs));
        file.sync();
        file.close();
      });
      this.#whole.push({ entry, name });
      if (!this.#options.allOrNothing && this.#whole.length >= BATCH) this.#giveNames();
    }
    this.#options.onFile(entry);
  }

  /** Drops the file that was begun and not ended. */
  abandon(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    if (open.file === undefined) {
      this.unchanged -= 1;
      return;
    }
    const { file, name } = open;
    this.#guarded(() => {
      file.close();
      this.#files.unlink(`${this.#target.staging.path}/${name}`);
    });
  }

  /** Gives every file its name; all of them are durable then. */
  finish(): void {
    this.#giveNames();
    this.#guarded(() => this.#target.walk.rest());
  }

  /** Lets go of an open file, for a way out on which another failure is to be reported. */
  discard(): void {
    try {
      this.#open?.file?.close();
    } catch {
      // It is removed next.
    }
    this.#open = undefined;
  }

  #giveNames(): void {
    if (this.#whole.length === 0) return;
    const whole = this.#whole;
    this.#whole = [];
    this.#options.beforeNames(whole.map(({ entry }) => entry));
    for (const one of whole) this.#guarded(() => this.#giveName(one));
  }

  #giveName({ entry, name }: WholePartial): void {
    const { staging, walk, inPlace, aside } = this.#target;
    const partial = `${staging.path}/${name}`;
    const last = posix.basename(entry.path);
    const folder = walk.make(folderOf(entry));
    for (let attempt = 1; !this.#link(partial, `${folder.path}/${last}`); attempt += 1) {
      if (this.#isRight(folder, entry)) {
        this.unchanged += 1;
        this.#files.unlink(partial);
        return;
      }
      if (!inPlace || attempt === ATTEMPTS) throw inTheWay(this.#target.root, entry.path);
      aside.move(folder, last, entry.path);
      walk.touch();
    }
    walk.touch();
    this.published += 1;
    this.writtenBytes += entry.size;
    this.#files.unlink(partial);
  }

  /** False when the name is taken. */
  #link(partial: string, name: string): boolean {
    try {
      this.#files.link(partial, name);
      return true;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      return false;
    }
  }

  #isThere(entry: ManifestEntry): boolean {
    const folder = this.#target.walk.find(folderOf(entry));
    return folder !== undefined && this.#isRight(folder, entry);
  }

  /** True when the file in the target is the one of the backup, by length and digest. */
  #isRight(folder: PinnedFolder, { path, size, sha256 }: ManifestEntry): boolean {
    const full = `${folder.path}/${posix.basename(path)}`;
    const facts = this.#files.facts(full);
    if (facts?.kind !== 'file' || facts.size !== size) return false;
    const file = openIfAllowed(this.#files, full);
    if (file === undefined) return false;
    try {
      return digestOf(file, this.#buffer) === sha256;
    } finally {
      file.close();
    }
  }

  #required(): OpenPartial {
    if (this.#open === undefined) throw new Error('no file was begun');
    return this.#open;
  }

  #guarded<T>(work: () => T): T {
    return guardTarget(this.#target.root, work);
  }

  #differs({ path }: ManifestEntry, how: string): Error {
    return restoreError('SYS-0180', `${path} ${how} in the backup`, { data: { path } });
  }
}

/** SHA-256 of what an open file holds, hexadecimal. */
export function digestOf(file: OpenedFile, buffer: Buffer): string {
  const digest = createHash('sha256');
  let position = 0;
  for (;;) {
    const got = file.read(buffer, 0, buffer.length, position);
    if (got === 0) return digest.digest('hex');
    digest.update(buffer.subarray(0, got));
    position += got;
  }
}

/** A file that may not be read cannot be known to be right. */
function openIfAllowed(files: KeepFiles, full: string): OpenedFile | undefined {
  try {
    return files.openRead(full);
  } catch (error) {
    if (systemCode(error) === 'EACCES') return undefined;
    throw error;
  }
}

function folderOf({ path }: ManifestEntry): string {
  const folder = posix.dirname(path);
  return folder === '.' ? '' : folder;
}

function inTheWay(root: string, path: string): Error {
  const message = `restore into ${root}: ${path} is there with another content; it was left as it is`;
  return restoreError('SYS-0184', message, { data: { target: root, path } });
}
