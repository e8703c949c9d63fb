import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { KeepFiles, OpenedFile } from '../../ports/keep-files.ts';
import { systemCode } from '../backup/backup-errors.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import type { PinnedFolder } from './folder-pins.ts';
import type { FolderWalk } from './folder-walk.ts';
import type { WholePartial } from './restore-batch.ts';
import { guardTarget, restoreError } from './restore-errors.ts';
import type { OpenTarget } from './restore-target.ts';

const ATTEMPTS = 3;
const READ_BYTES = 1024 * 1024;

/** How files are to get their names. */
export interface NamingOptions {
  readonly files: KeepFiles;
  readonly target: OpenTarget;
}

/** Gives durable files their last names. A name never replaces another. */
export class NameGiving {
  readonly #options: NamingOptions;
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);
  /** Files that have their name from this run. */
  published = 0;
  writtenBytes = 0;
  /** Files that were there already, as they should be. */
  unchanged = 0;

  constructor(options: NamingOptions) {
    this.#options = options;
  }

  /** Names files in their order. @throws SYS-0184 when another file has a name, and what the system says. */
  give(whole: readonly WholePartial[]): void {
    const { root } = this.#options.target;
    for (const one of whole) guardTarget(root, () => this.#giveOne(one), one.entry.path);
  }

  /** True when a file of the target is the one of the backup, by length and digest. `walk` is one to look with. */
  isThere(entry: ManifestEntry, walk: FolderWalk): boolean {
    const folder = walk.find(folderOf(entry));
    return folder !== undefined && this.#isRight(folder, entry);
  }

  #giveOne({ entry, name }: WholePartial): void {
    const { files, target } = this.#options;
    const { staging, walk, inPlace, aside } = target;
    const partial = `${staging.path}/${name}`;
    const last = posix.basename(entry.path);
    const folder = walk.make(folderOf(entry));
    for (let attempt = 1; !linkNew(files, partial, `${folder.path}/${last}`); attempt += 1) {
      if (this.#isRight(folder, entry)) {
        this.unchanged += 1;
        files.unlink(partial);
        return;
      }
      if (!inPlace || attempt === ATTEMPTS) throw inTheWay(target.root, entry.path);
      aside.move(folder, last, entry.path);
      walk.touch();
    }
    walk.touch();
    this.published += 1;
    this.writtenBytes += entry.size;
    files.unlink(partial);
  }

  #isRight(folder: PinnedFolder, { path, size, sha256 }: ManifestEntry): boolean {
    const { files } = this.#options;
    const full = `${folder.path}/${posix.basename(path)}`;
    const facts = files.facts(full);
    if (facts?.kind !== 'file' || facts.size !== size) return false;
    const file = openIfAllowed(files, full);
    if (file === undefined) return false;
    try {
      return digestOf(file, this.#buffer) === sha256;
    } finally {
      file.close();
    }
  }
}

/** SHA-256 of what an open file holds, hexadecimal. */
function digestOf(file: OpenedFile, buffer: Buffer): string {
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

/** Gives a file a second name; false when that name is taken. */
function linkNew(files: KeepFiles, existing: string, name: string): boolean {
  try {
    files.link(existing, name);
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    return false;
  }
}

function folderOf({ path }: ManifestEntry): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

function inTheWay(root: string, path: string): Error {
  const message = `restore into ${root}: ${path} is there with another content; it was left as it is`;
  return restoreError('SYS-0184', message, { data: { target: root, path } });
}
