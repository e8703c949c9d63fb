import { posix } from 'node:path';
import type { FileFacts } from '../../ports/keep-files.ts';
import { textDigest } from '../backup/manifest-file.ts';
import { isInside } from '../backup/source-scan.ts';
import { AsideNames } from './aside-names.ts';
import { holdsAll } from './final-check.ts';
import type { PinnedFolder } from './folder-pins.ts';
import { FolderWalk } from './folder-walk.ts';
import { guardTarget, restoreError } from './restore-errors.ts';
import { type RestorePlan, wantedEntries } from './restore-plan.ts';
import type { RestoreRequest, RestoreServices } from './restore-request.ts';
import { diskBytesOf, factsBelow, makeWay, realPlace } from './target-folders.ts';
import {
  readNote,
  removeNote,
  removePartials,
  STAGING_FOLDER,
  strangersIn,
  writeNote,
} from './target-note.ts';

const RESERVE_BYTES = 64 * 1024 * 1024;
const PRIVATE = 0o700;

/** A folder into which a restore writes. */
export interface OpenTarget {
  /** Without any link in it. */
  readonly root: string;
  readonly inPlace: boolean;
  /** Set when files may be there already: goes to them, and changes nothing. */
  readonly there: FolderWalk | undefined;
  readonly resumed: boolean;
  readonly leftovers: number;
  readonly walk: FolderWalk;
  readonly staging: PinnedFolder;
  /** Where names go that are in the way of a restore in place. */
  readonly aside: AsideNames;
  /** Ends the restore: what it needed for itself is removed. */
  finish(): void;
  /**
   * Gives up: what is not whole is removed, and everything when no file has its name yet. Otherwise the note stays,
   * so that the restore can be gone on with. Never throws.
   */
  giveUp(published: number): void;
}

/** Where a restore would write; nothing is made yet. @throws INP-0841. */
export function placeOf(request: RestoreRequest, plan: Pick<RestorePlan, 'manifest'>): string {
  const { target } = request;
  const folder = target.kind === 'folder' ? target.folder : (target.folder ?? plan.manifest.source);
  if (!folder.startsWith('/')) throw unusable(folder, 'it is not an absolute path');
  return posix.normalize(folder).replace(/(?<=.)\/+$/, '');
}

/**
 * Opens the target of a restore: makes it when it is missing, looks whether it may be one, removes what a dead run has
 * left, and checks that there is room.
 * @throws INP-0841 when it cannot be the target, SYS-0181 without room, SYS-0182 to SYS-0184.
 */
export function openTarget(
  services: RestoreServices,
  request: RestoreRequest,
  plan: RestorePlan,
): OpenTarget {
  const folder = placeOf(request, plan);
  return guardTarget(folder, () => new TargetOpening(services, request, { plan, folder }).open());
}

class TargetOpening {
  readonly #services: RestoreServices;
  readonly #request: RestoreRequest;
  readonly #plan: RestorePlan;
  readonly #folder: string;
  readonly #asked: string;
  #made = false;
  #resumed = false;
  #leftovers = 0;

  constructor(
    services: RestoreServices,
    request: RestoreRequest,
    { plan, folder }: { readonly plan: RestorePlan; readonly folder: string },
  ) {
    this.#services = services;
    this.#request = request;
    this.#plan = plan;
    this.#folder = folder;
    this.#asked = textDigest(JSON.stringify(request.selection ?? {}));
  }

  open(): OpenTarget {
    const { files, pins, clock } = this.#services;
    const inPlace = this.#request.target.kind === 'in-place';
    this.#requireApart();
    const facts = files.facts(this.#folder);
    this.#requireUsable(facts, inPlace);
    this.#requireRoom(facts !== undefined);
    if (facts === undefined) this.#make();
    const root = files.realPath(this.#folder);
    const aside = new AsideNames(files, { runId: this.#request.runId, nowMs: clock.now() });
    const clear = inPlace ? aside.move.bind(aside) : undefined;
    const walk = new FolderWalk({ files, pins, root, clear });
    try {
      const staging = this.#openStaging(walk);
      return this.#opened(walk, { root, inPlace, staging, aside });
    } catch (error) {
      walk.close();
      if (this.#made) quietly(() => files.removeFolder(root));
      throw error;
    }
  }

  #opened(
    walk: FolderWalk,
    { root, inPlace, staging, aside }: Pick<OpenTarget, 'root' | 'inPlace' | 'staging' | 'aside'>,
  ): OpenTarget {
    const { files, pins } = this.#services;
    const mayHold = inPlace || this.#resumed;
    // A walk of its own: the other one stays where files get their names.
    const there = mayHold ? new FolderWalk({ files, pins, root }) : undefined;
    const close = () => {
      staging.close();
      there?.close();
      walk.close();
    };
    const clean = () => {
      removeNote(files, staging.path);
      files.removeFolder(`${walk.root.path}/${STAGING_FOLDER}`);
      files.syncFolder(walk.root.path);
    };
    return {
      ...{ root, inPlace, walk, staging, aside },
      ...{ there, resumed: this.#resumed, leftovers: this.#leftovers },
      finish: () =>
        guardTarget(root, () => {
          clean();
          close();
        }),
      giveUp: (published) => {
        quietly(() => removePartials(files, staging.path));
        if (inPlace || (published === 0 && !this.#resumed)) quietly(clean);
        quietly(close);
        if (this.#made && published === 0) quietly(() => files.removeFolder(root));
      },
    };
  }

  /** Restored files inside the backups would be taken for backups, and backups inside the target for restored files. */
  #requireApart(): void {
    const { files } = this.#services;
    const backups = files.realPath(this.#request.backupRoot);
    const target = realPlace(files, this.#folder);
    const ownFolder = this.#request.target.kind === 'folder';
    if (ownFolder && target === realPlace(files, this.#plan.manifest.source)) {
      throw unusable(this.#folder, 'it is the source of the backup; ask for a restore in place');
    }
    if (isInside(backups, target)) throw unusable(this.#folder, `it lies in the backup root ${backups}`);
    if (ownFolder && isInside(target, backups)) {
      throw unusable(this.#folder, `the backup root ${backups} lies in it`);
    }
  }

  #requireUsable(facts: FileFacts | undefined, inPlace: boolean): void {
    const { files } = this.#services;
    if (facts === undefined) return;
    if (facts.kind === 'symlink' && inPlace) return;
    if (facts.kind !== 'folder') throw unusable(this.#folder, `it is a ${facts.kind}, not a folder`);
    if (inPlace) return;
    const names = files.list(this.#folder).map(({ name }) => name);
    if (names.length === 0) return;
    const staging = `${this.#folder}/${STAGING_FOLDER}`;
    const note = files.facts(staging)?.kind === 'folder' ? readNote(files, staging) : undefined;
    if (note === undefined) {
      if (names.length === 1 && names[0] === STAGING_FOLDER) return;
      // A run that died after its last file, or simply a second one: whatever is there is compared by digest.
      this.#resumed = holdsAll(files, { plan: this.#plan, target: { root: this.#folder, inPlace: false } });
      if (this.#resumed) return;
      throw unusable(this.#folder, `it is not empty: it holds ${names.slice(0, 3).join(', ')}`);
    }
    if (note.backupId !== this.#request.id || note.asked !== this.#asked) {
      throw unusable(
        this.#folder,
        `an unfinished restore of backup ${note.backupId} with another selection is in it`,
      );
    }
    this.#resumed = true;
  }

  #requireRoom(exists: boolean): void {
    const { files } = this.#services;
    const { reserveBytes = RESERVE_BYTES } = this.#request;
    let place = this.#folder;
    while (!exists && place !== '/' && files.facts(place) === undefined) place = posix.dirname(place);
    const neededBytes = Math.max(0, this.#plan.diskBytes - this.#bytesThere()) + reserveBytes;
    const { freeBytes } = files.space(place);
    if (freeBytes >= neededBytes) return;
    const message = `restore into ${this.#folder}: ${freeBytes} bytes are free, ${neededBytes} are needed`;
    throw restoreError('SYS-0181', message, { data: { target: this.#folder, freeBytes, neededBytes } });
  }

  /** What is there already needs no room a second time: an earlier run brought it back, or it was never lost. */
  #bytesThere(): number {
    const { files } = this.#services;
    if (!this.#resumed && this.#request.target.kind === 'folder') return 0;
    const manifest = files.openRead(this.#plan.manifestPath);
    try {
      let bytes = 0;
      for (const { path, size } of wantedEntries(this.#plan, manifest)) {
        const facts = factsBelow(files, `${this.#folder}/${path}`);
        if (facts?.kind === 'file' && facts.size === size) bytes += diskBytesOf(size);
      }
      return bytes;
    } finally {
      manifest.close();
    }
  }

  #make(): void {
    const { files } = this.#services;
    makeWay(files, posix.dirname(this.#folder));
    files.makeFolder(this.#folder, PRIVATE);
    files.syncFolder(posix.dirname(this.#folder));
    this.#made = true;
  }

  #openStaging(walk: FolderWalk): PinnedFolder {
    const { files, pins, clock } = this.#services;
    const path = `${walk.root.path}/${STAGING_FOLDER}`;
    files.makeFolder(path, PRIVATE);
    const staging = pins.open(path);
    try {
      const strangers = strangersIn(files, staging.path);
      if (strangers.length > 0) throw unusable(this.#folder, `${STAGING_FOLDER} holds ${strangers[0]}`);
      this.#leftovers = removePartials(files, staging.path);
      const { id, runId } = this.#request;
      writeNote(files, staging.path, { backupId: id, asked: this.#asked, runId, startedAtMs: clock.now() });
      files.syncFolder(walk.root.path);
      return staging;
    } catch (error) {
      quietly(() => removePartials(files, staging.path));
      // Of a restore that is gone on with, the note of before stays.
      if (!this.#resumed) {
        quietly(() => removeNote(files, staging.path));
        quietly(() => files.removeFolder(path));
      }
      staging.close();
      throw error;
    }
  }
}

function unusable(folder: string, why: string): Error {
  return restoreError('INP-0841', `target ${folder}: ${why}; choose a folder that does not exist yet`, {
    data: { target: folder },
  });
}

/** For a way out on which another failure is already to be reported. */
function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // The next run finds and removes it.
  }
}
