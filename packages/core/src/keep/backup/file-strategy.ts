import { createHash, type Hash } from 'node:crypto';
import { posix } from 'node:path';
import type { OpenedFile } from '../../ports/keep-files.ts';
import { closeQuietly, removeQuietly } from './archive-strategy.ts';
import type { BackupSink, BackupStrategy, SinkHeader, SinkPlace, SinkResult } from './backup-strategy.ts';
import { writeAll } from './manifest-file.ts';
import { removeOwn } from './remove-own.ts';

const BUFFER_BYTES = 1024 * 1024;

/** Plain copies in a folder: the tree, times and rights are kept, so that any program can use them. */
export function fileStrategy(): BackupStrategy {
  return { name: 'file', codec: 'store', level: 0, open: (place) => new CopySink(place) };
}

interface OpenCopy {
  readonly header: SinkHeader;
  readonly file: OpenedFile;
  readonly digest: Hash;
  missing: number;
}

class CopySink implements BackupSink {
  readonly #place: SinkPlace;
  readonly #folder: string;
  readonly #made = new Set<string>();
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  readonly #digests = createHash('sha256');
  #bytes = 0;
  #copy: OpenCopy | undefined;

  constructor(place: SinkPlace) {
    this.#place = place;
    this.#folder = `${place.backupRoot}/${place.partial}`;
    place.files.makeFolder(this.#folder, 0o700);
  }

  pressure(): undefined {
    return undefined;
  }

  begin(header: SinkHeader): undefined {
    this.#makeFolders(posix.dirname(header.path));
    const file = this.#place.files.createNew(`${this.#folder}/${header.path}`, 0o600);
    this.#copy = { header, file, digest: createHash('sha256'), missing: header.size };
  }

  room(): Uint8Array {
    return this.#buffer.subarray(0, Math.min(this.#buffer.length, this.#copy?.missing ?? 0));
  }

  filled(length: number): void {
    const copy = this.#required();
    const bytes = this.#buffer.subarray(0, length);
    copy.digest.update(bytes);
    writeAll(copy.file, bytes);
    copy.missing -= length;
    this.#bytes += length;
  }

  end(): string {
    const { header, file, digest } = this.#required();
    const { files } = this.#place;
    const path = `${this.#folder}/${header.path}`;
    file.sync();
    file.close();
    // The owner must be able to read a copy back, and a copy must not run as somebody else.
    files.setMode(path, (header.mode & 0o777) | 0o400);
    files.setTimes(path, header.mtimeNs);
    this.#copy = undefined;
    const sha256 = digest.digest('hex');
    this.#digests.update(sha256);
    return sha256;
  }

  async abandon(): Promise<void> {
    const { header, file, missing } = this.#required();
    file.close();
    this.#bytes -= header.size - missing;
    this.#copy = undefined;
    removeOwn(this.#place.files, this.#place.backupRoot, `${this.#place.partial}/${header.path}`);
  }

  async finish(): Promise<SinkResult> {
    for (const folder of this.#made) this.#place.files.syncFolder(`${this.#folder}/${folder}`);
    this.#place.files.syncFolder(this.#folder);
    return { bytes: this.#bytes, sha256: this.#digests.digest('hex'), blocks: [] };
  }

  async discard(): Promise<void> {
    if (this.#copy !== undefined) closeQuietly(this.#copy.file);
    removeQuietly(this.#place);
  }

  #makeFolders(folder: string): void {
    if (folder === '.' || this.#made.has(folder)) return;
    this.#makeFolders(posix.dirname(folder));
    this.#place.files.makeFolder(`${this.#folder}/${folder}`, 0o700);
    this.#made.add(folder);
  }

  #required(): OpenCopy {
    if (this.#copy === undefined) throw new Error('no copy was begun');
    return this.#copy;
  }
}
