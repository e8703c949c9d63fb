import type { FileFacts, KeepFiles } from '../../ports/keep-files.ts';
import { systemCode } from '../backup/backup-errors.ts';
import type { FolderPins, PinnedFolder } from './folder-pins.ts';
import { restoreError } from './restore-errors.ts';

/** How folders below a root are to be reached. */
export interface WalkOptions {
  readonly files: KeepFiles;
  readonly pins: FolderPins;
  /** Without any link in it. */
  readonly root: string;
  /** Makes room for a folder where a file is; absent: that is an error. */
  readonly clear?: ((folder: PinnedFolder, name: string, path: string) => void) | undefined;
}

interface Step {
  readonly name: string;
  readonly pin: PinnedFolder;
  readonly facts: FileFacts | undefined;
  /** Names in it were changed and are not durable yet. */
  dirty: boolean;
}

/**
 * Goes through the folders of a tree, one after the other in the order of their paths, and holds the way to the
 * current one. A folder that is left has been synced when names in it changed.
 */
export class FolderWalk {
  readonly #options: WalkOptions;
  readonly #root: Step;
  readonly #way: Step[] = [];

  constructor(options: WalkOptions) {
    this.#options = options;
    const { files, pins, root } = options;
    this.#root = { name: '', pin: pins.open(root), facts: files.facts(root), dirty: false };
  }

  /** The root itself. */
  get root(): PinnedFolder {
    return this.#root.pin;
  }

  /** The folder of a relative path, '' for the root; undefined when it does not exist. @throws SYS-0184 at a link. */
  find(folder: string): PinnedFolder | undefined {
    const names = this.#leaveUnlike(folder);
    for (const name of names.slice(this.#way.length)) {
      const kind = this.#options.files.facts(`${this.#current.pin.path}/${name}`)?.kind;
      if (kind === undefined || kind === 'file' || kind === 'other') return undefined;
      this.#enter(name);
    }
    return this.#current.pin;
  }

  /** The folder of a relative path, made with what is missing on the way. @throws SYS-0184 at a link. */
  make(folder: string): PinnedFolder {
    const names = this.#leaveUnlike(folder);
    for (const name of names.slice(this.#way.length)) {
      const { files, clear } = this.#options;
      const parent = this.#current;
      const full = `${parent.pin.path}/${name}`;
      const kind = files.facts(full)?.kind;
      if (kind === 'file' || kind === 'other') {
        if (clear === undefined) throw inTheWay(this.#options.root, `${this.#pathOf(name)} is a ${kind}`);
        clear(parent.pin, name, this.#pathOf(name));
        parent.dirty = true;
      }
      if (kind !== 'folder' && kind !== 'symlink') {
        // Rights of folders are not kept in a backup: a new one has those of the folder it lies in.
        files.makeFolder(full, (parent.facts?.mode ?? 0o700) & 0o777);
        parent.dirty = true;
      }
      this.#enter(name);
    }
    return this.#current.pin;
  }

  /** Names in the current folder were changed. */
  touch(): void {
    this.#current.dirty = true;
  }

  /** Leaves every folder but the root; all names are durable then. */
  rest(): void {
    this.#leaveTo(0);
    if (this.#root.dirty) this.#options.files.syncFolder(this.#root.pin.path);
    this.#root.dirty = false;
  }

  /** Lets go of everything without syncing; may be called twice. */
  close(): void {
    for (const step of this.#way.splice(0)) step.pin.close();
    this.#root.pin.close();
  }

  get #current(): Step {
    return this.#way.at(-1) ?? this.#root;
  }

  #pathOf(name: string): string {
    return [...this.#way.map((step) => step.name), name].join('/');
  }

  #leaveUnlike(folder: string): readonly string[] {
    const names = folder === '' ? [] : folder.split('/');
    let same = 0;
    while (same < this.#way.length && this.#way[same]?.name === names[same]) same += 1;
    this.#leaveTo(same);
    return names;
  }

  #leaveTo(length: number): void {
    while (this.#way.length > length) {
      const step = this.#current;
      if (step.dirty) this.#options.files.syncFolder(step.pin.path);
      step.pin.close();
      this.#way.pop();
    }
  }

  #enter(name: string): void {
    const { files, pins, root } = this.#options;
    const full = `${this.#current.pin.path}/${name}`;
    try {
      const pin = pins.open(full);
      this.#way.push({ name, pin, facts: files.facts(pin.path), dirty: false });
    } catch (error) {
      const code = systemCode(error);
      if (code !== 'ELOOP' && code !== 'ENOTDIR') throw error;
      throw inTheWay(root, `${this.#pathOf(name)} is a link or no folder`, error);
    }
  }
}

function inTheWay(root: string, what: string, cause?: unknown): Error {
  return restoreError('SYS-0184', `restore into ${root}: ${what}; it was not followed`, {
    data: { target: root },
    cause,
  });
}
