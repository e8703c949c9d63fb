import { posix } from 'node:path';
import { STAGING_FOLDER } from '../src/keep/restore/target-note.ts';
import type { KeepFiles } from '../src/ports/keep-files.ts';
import type { MemoryFiles } from '../src/testing/memory-files.ts';
import {
  type BackupFolder,
  digestOf,
  type ReadBackup,
  readBackups,
  restorableContents,
} from '../test/keep-reader.ts';

/** Folders in which the chapter may change anything at all. */
const OWN_ROOTS = ['/backups', '/state', '/second', '/restored'] as const;

/** What the step that is under way may do to the data, and what it must respect. */
export interface WatchedStep {
  readonly name: string;
  readonly mayDelete: boolean;
  readonly mayAdd: boolean;
  /** Why a file is too young or never to be deleted; undefined when it may go by its age. */
  tooYoung(path: string, mtimeMs: number): string | undefined;
}

/**
 * Stands between the chapter and the files, sees every change that really happens, and judges each at that moment by
 * what the backups hold as a reader of its own finds it.
 */
export class KeepWitness {
  readonly findings: string[] = [];
  /** Contents the chapter deleted from the data, each owed by the backups from then on. */
  readonly owed = new Set<string>();
  /** Paths deleted in the step under way. */
  deleted: string[] = [];
  deletions = 0;
  readonly heldPaths = new Set<string>();
  /** Ids of backups whose bytes somebody flipped. */
  readonly damagedIds = new Set<string>();
  /** True once a read gave a wrong bit: then a backup may be published that its verification finds broken. */
  misread = false;
  /** Contents that a damaged backup held: whoever trusts its last check may believe that they are safe. */
  readonly atRisk = new Set<string>();
  readonly #files: MemoryFiles;
  #step: WatchedStep = { name: 'nothing', mayDelete: false, mayAdd: false, tooYoung: () => undefined };
  #seen = '';
  #backups: readonly ReadBackup[] = [];
  #damages = 0;

  constructor(files: MemoryFiles) {
    this.#files = files;
  }

  begin(step: WatchedStep): void {
    this.#step = step;
    this.deleted = [];
  }

  /** The files as the chapter is given them. */
  watched(): KeepFiles {
    const files = this.#files;
    return {
      facts: (path) => files.facts(path),
      realPath: (path) => files.realPath(path),
      list: (folder) => files.list(folder),
      openRead: (path) => files.openRead(path),
      createNew: (path, mode) => this.#adding(path, 'makes', () => files.createNew(path, mode)),
      openAppend: (path, mode) => this.#adding(path, 'opens', () => files.openAppend(path, mode)),
      makeFolder: (path, mode) => this.#adding(path, 'makes', () => files.makeFolder(path, mode)),
      link: (existing, name) => this.#adding(name, 'links', () => files.link(existing, name)),
      rename: (from, to) => {
        const removed = this.#removing(to);
        this.#adding(from, 'moves', () => this.#adding(to, 'moves to', () => files.rename(from, to)));
        removed();
      },
      unlink: (path) => {
        const removed = this.#removing(path);
        files.unlink(path);
        removed();
      },
      removeFolder: (path) => this.#adding(path, 'removes', () => files.removeFolder(path)),
      syncFolder: (path) => files.syncFolder(path),
      setTimes: (path, mtimeNs) =>
        this.#adding(path, 'changes the times of', () => files.setTimes(path, mtimeNs)),
      setMode: (path, mode) => this.#adding(path, 'changes the rights of', () => files.setMode(path, mode)),
      readLink: (path) => files.readLink(path),
      space: (path) => files.space(path),
    };
  }

  /** Every backup as its bytes are now. */
  backups(): readonly ReadBackup[] {
    const folder = memoryFolder(this.#files, '/backups');
    const seen = [this.#damages, ...folder.paths().map((path) => this.#mark(path))].join();
    if (seen !== this.#seen) this.#backups = readBackups(folder);
    this.#seen = seen;
    return this.#backups;
  }

  /** Somebody flipped a bit of a backup, and nothing shows it. */
  damaged(id: string): void {
    for (const [path, sha256] of this.backups().find((backup) => backup.id === id)?.contents ?? []) {
      this.atRisk.add(`${path}\0${sha256}`);
    }
    this.damagedIds.add(id);
  }

  /** To be called after the bytes of a backup were changed behind its back. */
  lookAgain(): void {
    this.#damages += 1;
  }

  /** What must hold after every step, whatever happened in it. */
  checkAfter(): void {
    const backups = this.backups();
    const restorable = restorableContents(backups, '/data');
    for (const content of this.owed) {
      if (restorable.has(content)) continue;
      this.owed.delete(content);
      if (!this.atRisk.has(content)) this.#find(`what was deleted cannot be restored: ${shown(content)}`);
    }
    for (const { id, problems, verified } of backups) {
      const excused =
        (this.misread && !verified) ||
        this.damagedIds.has(id) ||
        [...this.damagedIds].some((bad) => problems.join().includes(bad));
      if (problems.length > 0 && !excused) this.#find(`${id} has its name and is broken: ${problems[0]}`);
    }
  }

  #mark(path: string): string {
    const facts = this.#files.facts(`/backups/${path}`);
    return `${path}:${facts?.ino}:${facts?.ctimeNs}:${facts?.size}`;
  }

  /** Judges a removal before it happens; what it returns is to be called when it has. */
  #removing(path: string): () => void {
    const files = this.#files;
    const facts = files.facts(path);
    const real = this.#real(path);
    if (facts === undefined || isOwn(real)) return () => undefined;
    const relative = real.slice('/data/'.length);
    if (!real.startsWith('/data/')) this.#find(`removes ${real}, outside of its roots`);
    if (facts.kind !== 'file') this.#find(`removes ${relative}, a ${facts.kind}`);
    if (!real.startsWith('/data/') || facts.kind !== 'file') return () => undefined;
    const content = `${relative}\0${digestOf(files.bytes(path))}`;
    if (!this.#step.mayDelete) this.#find(`removes ${relative}`);
    if (this.heldPaths.has(relative)) this.#find(`removes ${relative}, which is held`);
    const young = this.#step.tooYoung(relative, Number(facts.mtimeNs / 1_000_000n));
    if (young !== undefined) this.#find(`removes ${relative}: ${young}`);
    if (facts.nlink === 1 && !restorableContents(this.backups(), '/data', true).has(content)) {
      this.#find(`removes ${shown(content)}, which no verified backup holds`);
    }
    return () => {
      this.owed.add(content);
      this.deleted.push(relative);
      this.deletions += 1;
    };
  }

  #adding<T>(path: string, what: string, act: () => T): T {
    const real = this.#real(path);
    const allowed = isOwn(real) || (this.#step.mayAdd && isInside('/data', real));
    if (!allowed && what !== 'makes') this.#find(`${what} ${real}`);
    else if (!allowed && this.#files.facts(path) === undefined) this.#find(`makes ${real}`);
    return act();
  }

  /** The path with its folder's links followed. */
  #real(path: string): string {
    for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
      try {
        return posix.join(this.#files.realPath(folder), posix.relative(folder, path));
      } catch {
        if (folder === '/') return path;
      }
    }
  }

  #find(text: string): void {
    this.findings.push(`${this.#step.name}: ${text}`);
  }
}

/** A backup folder in memory. */
export function memoryFolder(files: MemoryFiles, root: string): BackupFolder {
  return {
    paths: () => (files.exists(root) ? files.paths(root) : []),
    bytes: (path) => files.bytes(`${root}/${path}`),
  };
}

function isOwn(real: string): boolean {
  return OWN_ROOTS.some((root) => isInside(root, real)) || real.startsWith(`/data/${STAGING_FOLDER}`);
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

function shown(content: string): string {
  return content.replace('\0', ' ').slice(0, 60);
}
