import type { KeepFiles, OpenedFile } from '../ports/keep-files.ts';
import { fileError } from './memory-files-tree.ts';

/** One call of the files port or of an opened file. */
export interface FileCall {
  /** From 1, over all calls of one `FaultFiles`. */
  readonly index: number;
  readonly name: keyof KeepFiles | keyof OpenedFile;
  /** First path of the call, or the path the file was opened with. */
  readonly path: string;
}

/**
 * What happens instead of a call. `crash`: the process dies before it and every later call dies too. `error`: the
 * system refuses, with `applied` after it has done the work all the same. `short`: a read or write moves half of what
 * was asked. `flip`: a read gives one wrong bit.
 */
export type Fault =
  | { readonly kind: 'crash' }
  | { readonly kind: 'error'; readonly code: string; readonly applied?: boolean }
  | { readonly kind: 'short' }
  | { readonly kind: 'flip' };

/** Thrown instead of every call of a process that is dead; nothing may recover from it. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}

/** Files that fail where they are told to, over any other files. */
export class FaultFiles implements KeepFiles {
  /** Every call so far, for choosing the next fault. */
  readonly calls: FileCall[] = [];
  readonly #files: KeepFiles;
  readonly #decide: (call: FileCall) => Fault | undefined;
  #dead = false;

  constructor(files: KeepFiles, decide: (call: FileCall) => Fault | undefined = () => undefined) {
    this.#files = files;
    this.#decide = decide;
  }

  /** True after a crash. */
  get dead(): boolean {
    return this.#dead;
  }

  facts(path: string) {
    return this.#call('facts', path, () => this.#files.facts(path));
  }

  realPath(path: string) {
    return this.#call('realPath', path, () => this.#files.realPath(path));
  }

  list(folder: string) {
    return this.#call('list', folder, () => this.#files.list(folder));
  }

  openRead(path: string) {
    return this.#call('openRead', path, () => this.#opened(path, this.#files.openRead(path)));
  }

  createNew(path: string, mode: number) {
    return this.#call('createNew', path, () => this.#opened(path, this.#files.createNew(path, mode)));
  }

  openAppend(path: string, mode: number) {
    return this.#call('openAppend', path, () => this.#opened(path, this.#files.openAppend(path, mode)));
  }

  makeFolder(path: string, mode: number) {
    this.#call('makeFolder', path, () => this.#files.makeFolder(path, mode));
  }

  link(existing: string, name: string) {
    this.#call('link', existing, () => this.#files.link(existing, name));
  }

  rename(from: string, to: string) {
    this.#call('rename', from, () => this.#files.rename(from, to));
  }

  unlink(path: string) {
    this.#call('unlink', path, () => this.#files.unlink(path));
  }

  removeFolder(path: string) {
    this.#call('removeFolder', path, () => this.#files.removeFolder(path));
  }

  syncFolder(path: string) {
    this.#call('syncFolder', path, () => this.#files.syncFolder(path));
  }

  setTimes(path: string, mtimeNs: bigint) {
    this.#call('setTimes', path, () => this.#files.setTimes(path, mtimeNs));
  }

  setMode(path: string, mode: number) {
    this.#call('setMode', path, () => this.#files.setMode(path, mode));
  }

  readLink(path: string) {
    return this.#call('readLink', path, () => this.#files.readLink(path));
  }

  space(path: string) {
    return this.#call('space', path, () => this.#files.space(path));
  }

  #opened(path: string, file: OpenedFile): OpenedFile {
    return {
      facts: () => this.#call('facts', path, () => file.facts()),
      read: (...asked) => this.#call('read', path, (fault) => readWith(file, asked, fault)),
      write: (buffer, offset, length) =>
        this.#call('write', path, (fault) =>
          file.write(buffer, offset, fault?.kind === 'short' ? halfOf(length) : length),
        ),
      truncate: (length) => this.#call('truncate', path, () => file.truncate(length)),
      sync: () => this.#call('sync', path, () => file.sync()),
      close: () => this.#call('close', path, () => file.close()),
    };
  }

  #call<T>(name: FileCall['name'], path: string, act: (fault: Fault | undefined) => T): T {
    if (this.#dead) throw new ProcessDied(`the process died before ${name} ${path}`);
    const call = { index: this.calls.length + 1, name, path };
    this.calls.push(call);
    const fault = this.#decide(call);
    if (fault?.kind === 'crash') {
      this.#dead = true;
      throw new ProcessDied(`the process died at call ${call.index}: ${name} ${path}`);
    }
    if (fault?.kind !== 'error') return act(fault);
    if (fault.applied === true) act(undefined);
    throw fileError(fault.code, name, path);
  }
}

/** The fault happens at the given call, counted from 1. */
export function faultAt(index: number, fault: Fault): (call: FileCall) => Fault | undefined {
  return (call) => (call.index === index ? fault : undefined);
}

/** The fault happens at the given occurrence, counted from 1, of calls that `wanted` picks. */
export function faultAtNth(
  wanted: (call: FileCall) => boolean,
  nth: number,
  fault: Fault,
): (call: FileCall) => Fault | undefined {
  let seen = 0;
  return (call) => {
    if (!wanted(call)) return undefined;
    seen += 1;
    return seen === nth ? fault : undefined;
  };
}

function readWith(file: OpenedFile, asked: Parameters<OpenedFile['read']>, fault: Fault | undefined): number {
  const [buffer, offset, length, position] = asked;
  const count = file.read(buffer, offset, fault?.kind === 'short' ? halfOf(length) : length, position);
  if (fault?.kind === 'flip' && count > 0) buffer[offset] = (buffer[offset] ?? 0) ^ 1;
  return count;
}

function halfOf(length: number): number {
  return Math.max(1, Math.floor(length / 2));
}
