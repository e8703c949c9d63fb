import { createHash, type Hash } from 'node:crypto';
import { Parser, type ReadEntry } from 'tar';
import type {
  ArchiveTotals,
  ForeignHeader,
  ForeignReadOptions,
  ForeignVisitor,
} from '../../keep/backup/archive-port.ts';
import type { OpenedFile } from '../../ports/keep-files.ts';
import { archiveError } from './archive-errors.ts';
import { pathOffence, shownPath } from './entry-path.ts';
import { unpackForeign } from './foreign-content.ts';
import { TAR_UNIT } from './header-writing.ts';
import { PathSet } from './path-set.ts';

const KINDS: Readonly<Record<string, ForeignHeader['kind']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  GNUDumpDir: 'folder',
  SymbolicLink: 'symlink',
  Link: 'hardlink',
};

/** Reads an archive of other origin; see `ArchivePort.readForeign`. */
export async function readForeign(
  file: OpenedFile,
  visitor: ForeignVisitor,
  options: ForeignReadOptions,
): Promise<ArchiveTotals> {
  const digest = createHash('sha256');
  let bytes = 0;
  const reader = new ForeignReader(visitor, options);
  const see = (packed: Uint8Array) => {
    options.signal?.throwIfAborted();
    digest.update(packed);
    bytes += packed.length;
  };
  await unpackForeign(file, see, (piece) => reader.take(piece));
  reader.finish();
  return { bytes, sha256: digest.digest('hex'), entries: reader.entries };
}

/** Feeds the parser, which is strict, and watches for what it lets through. */
class ForeignReader {
  readonly #visitor: ForeignVisitor;
  readonly #limits: ForeignReadOptions;
  readonly #parser: Parser;
  readonly #paths = new PathSet();
  #rest: Buffer = Buffer.alloc(0);
  #unpacked = 0;
  #wasZero = false;
  #sawEnd = false;
  #failure: Error | undefined;
  entries = 0;

  constructor(visitor: ForeignVisitor, limits: ForeignReadOptions) {
    this.#visitor = visitor;
    this.#limits = limits;
    this.#parser = new Parser({ strict: true, zstd: false, brotli: false });
    this.#parser.on('entry', (entry: ReadEntry) => this.#entry(entry));
    this.#parser.on('eof', () => {
      this.#sawEnd = true;
    });
    this.#parser.on('error', (error: Error) => this.#fail(unreadable(error)));
  }

  take(piece: Buffer): void {
    this.#unpacked += piece.length;
    if (this.#unpacked > this.#limits.maxBytes) {
      throw refused(`more than ${this.#limits.maxBytes} bytes unpacked (maxBytes)`);
    }
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const whole = bytes.length - (bytes.length % TAR_UNIT);
    this.#feed(bytes.subarray(0, whole));
    this.#rest = Buffer.from(bytes.subarray(whole));
  }

  finish(): void {
    if (this.#rest.length > 0) throw tooShort(`ends with ${this.#rest.length} bytes that are no whole unit`);
    // The parser also takes an archive that was cut between two entries.
    if (!this.#sawEnd) throw tooShort('has no end');
    // An archive without entries is whole, though the parser does not know it for one.
    if (this.entries > 0) this.#parser.end();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Where the end may be, units go in one by one, so that what follows the end is known. */
  #feed(bytes: Buffer): void {
    if (!this.#sawEnd && !this.#mayEnd(bytes)) {
      this.#write(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; at += TAR_UNIT) {
      const unit = bytes.subarray(at, at + TAR_UNIT);
      if (!this.#sawEnd) this.#write(unit);
      else if (!isZeroUnit(unit)) throw archiveError('SYS-0122', 'archive: something follows its end');
    }
  }

  #mayEnd(bytes: Buffer): boolean {
    let found = false;
    for (let at = 0; at < bytes.length; at += TAR_UNIT) {
      const isZero = isZeroUnit(bytes.subarray(at, at + TAR_UNIT));
      found ||= isZero && this.#wasZero;
      this.#wasZero = isZero;
    }
    return found;
  }

  #write(bytes: Buffer): void {
    if (bytes.length > 0) this.#parser.write(bytes);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #entry(entry: ReadEntry): void {
    // An error thrown in a listener would leave the parser in between; it is thrown where the parser was fed.
    try {
      this.#show(entry);
    } catch (error) {
      this.#fail(error);
      entry.resume();
    }
  }

  #show(entry: ReadEntry): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.entries += 1;
    if (this.entries > this.#limits.maxEntries) {
      throw refused(`more than ${this.#limits.maxEntries} entries (maxEntries)`);
    }
    const header = toHeader(entry);
    if (header.path === '') {
      // The root of the archive itself, as `tar` writes it for `.`.
      entry.resume();
      return;
    }
    const offence = pathOffence(header.path);
    if (offence !== undefined) throw refused(`the path ${shownPath(entry.path)} ${offence}`);
    if (!this.#paths.add(header.path)) throw refused(`the path ${shownPath(header.path)} comes twice`);
    this.#visitor.entry(header);
    const digest = createHash('sha256');
    entry.on('data', (chunk: Buffer) => this.#guard(() => this.#body(digest, chunk)));
    entry.on('end', () => this.#guard(() => this.#visitor.end(digest.digest('hex'))));
  }

  #body(digest: Hash, chunk: Buffer): void {
    digest.update(chunk);
    if (chunk.length > 0) this.#visitor.body(chunk);
  }

  #guard(act: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      act();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
  }
}

function toHeader(entry: ReadEntry): ForeignHeader {
  const kind = KINDS[entry.type] ?? 'other';
  const path = entry.path.replace(/^(\.\/)+/, '').replace(/^\.$/, '');
  return {
    path: kind === 'folder' ? path.replace(/\/+$/, '') : path,
    kind,
    size: kind === 'file' ? entry.size : 0,
    mode: (entry.mode ?? 0) & 0o7777,
    mtimeMs: entry.mtime?.getTime() ?? 0,
    ...(entry.linkpath === undefined || entry.linkpath === '' ? {} : { target: entry.linkpath }),
  };
}

function isZeroUnit(unit: Buffer): boolean {
  for (let at = 0; at < unit.length; at += 1) if (unit[at] !== 0) return false;
  return true;
}

function refused(what: string): Error {
  return archiveError('SYS-0123', `archive: ${what}; it was refused`);
}

function tooShort(what: string): Error {
  return archiveError('SYS-0122', `archive: it ${what}; it was cut off`);
}

function unreadable(cause: Error): Error {
  return archiveError('SYS-0121', `archive: ${cause.message}`, { cause });
}
