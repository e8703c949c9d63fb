import type { OpenedFile } from '../../ports/keep-files.ts';
import type { ManifestEntry } from './backup-manifest.ts';
import { readManifestLines } from './manifest-file.ts';
import { ManifestIndex } from './manifest-index.ts';
import { damaged } from './manifest-lines.ts';
import { compareInTree } from './tree-order.ts';

/**
 * One pass through a manifest beside a pass through its archive: gives the files the backup holds itself one after the
 * other, and gathers on the way what is needed of all lines. Nothing it gathered counts before `finish`.
 */
export class ManifestPass {
  readonly index = new ManifestIndex();
  /** Ids of the ancestors that hold something. */
  readonly holders = new Set<string>();
  readonly #lines: Generator<ManifestEntry, void, void>;
  #sha256 = '';
  #bytes = 0;
  #recordCount = -1;
  #sourceBytes = -1;
  #listedHolders: readonly string[] = [];

  constructor(file: OpenedFile) {
    this.#lines = this.#ownEntries(file);
  }

  /** The next file that the backup holds itself; undefined after the last. */
  next(): ManifestEntry | undefined {
    const step = this.#lines.next();
    return step.done === true ? undefined : step.value;
  }

  /**
   * Reads to the end. @throws SYS-0143 when the manifest is damaged, when its files are not each once and in order, or
   * when its counts are wrong. @returns the digest of the manifest.
   */
  finish(): string {
    const missing = this.next();
    if (missing !== undefined) throw damaged(`it lists ${missing.path}, which the archive does not hold`);
    if (this.index.size !== this.#recordCount || this.#bytes !== this.#sourceBytes) {
      const counted = `${this.#recordCount} files and ${this.#sourceBytes} bytes`;
      throw damaged(`it lists ${this.index.size} files and ${this.#bytes} bytes, and counts ${counted}`);
    }
    const listed = this.#listedHolders.join(', ');
    const found = [...this.holders].toSorted().join(', ');
    if (listed !== found)
      throw damaged(`it leaves files to ${found || 'nobody'} and names ${listed || 'nobody'}`);
    return this.#sha256;
  }

  *#ownEntries(file: OpenedFile): Generator<ManifestEntry, void, void> {
    let last: string | undefined;
    for (const { at, line } of readManifestLines(file)) {
      if (line.kind === 'entry') {
        const { entry } = line;
        if (last !== undefined && entry.extra !== true && compareInTree(last, entry.path) >= 0) {
          throw damaged(`${entry.path} stands after ${last}`);
        }
        if (entry.extra !== true) last = entry.path;
        this.index.add(entry.path, at);
        this.#bytes += entry.size;
        if (entry.heldBy === undefined) yield entry;
        else this.holders.add(entry.heldBy);
      } else if (line.kind === 'foot') {
        this.#recordCount = line.foot.recordCount;
        this.#sourceBytes = line.foot.sourceBytes;
        this.#listedHolders = line.foot.holders;
      } else if (line.kind === 'end') this.#sha256 = line.sha256;
    }
  }
}

/** Walks the entries of a manifest in order and finds paths that are asked for in that order. */
export class ManifestCursor {
  readonly #entries: Generator<ManifestEntry, void, void>;
  #current: ManifestEntry | undefined;

  constructor(file: OpenedFile) {
    this.#entries = sourceEntries(file);
    this.#advance();
  }

  /** The entry of a path; undefined when there is none. Paths must come in the order of the tree. */
  seek(path: string): ManifestEntry | undefined {
    while (this.#current !== undefined && compareInTree(this.#current.path, path) < 0) this.#advance();
    return this.#current?.path === path ? this.#current : undefined;
  }

  #advance(): void {
    const step = this.#entries.next();
    this.#current = step.done === true ? undefined : step.value;
  }
}

function* sourceEntries(file: OpenedFile): Generator<ManifestEntry, void, void> {
  for (const { line } of readManifestLines(file)) {
    if (line.kind === 'entry' && line.entry.extra !== true) yield line.entry;
  }
}
