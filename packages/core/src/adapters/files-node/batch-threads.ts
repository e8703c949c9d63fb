import { Worker } from 'node:worker_threads';
import { type FileBatch, type FileBatches, writeBatch } from '../../keep/restore/file-batches.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';

/** Each further thread takes 20 MB of memory; a restore is to stay below 200. */
const THREADS = 1;
/** With fewer files the start of the threads costs more than they save. */
const FILES_MIN = 2000;

/** What a thread is asked to do. */
export interface BatchRequest {
  readonly id: number;
  readonly batch: FileBatch;
}

/** What it answers: nothing, or what went wrong. The first answer has id 0: it is ready. */
export interface BatchAnswer {
  readonly id: number;
  readonly failure?: { readonly message: string; readonly code?: string };
}

/** How batches are spread. */
export interface BatchThreadOptions {
  readonly threads?: number | undefined;
  /** From so many files on. */
  readonly filesMin?: number | undefined;
  /** The file that a thread runs; another one is of use to tests only. */
  readonly entry?: URL | undefined;
}

/**
 * Batches on a thread of their own, so that files are on their way to the disk while the next ones are read and named.
 * Where no thread can be started the work is done on the thread of the caller.
 */
export function nodeFileBatches(
  files: KeepFiles,
  { threads = THREADS, filesMin = FILES_MIN, entry = ownEntry() }: BatchThreadOptions = {},
): (count: number) => FileBatches | undefined {
  return (count) => (count < filesMin ? undefined : new BatchThreads(files, { threads, entry }));
}

class BatchThreads implements FileBatches {
  readonly #files: KeepFiles;
  readonly #threads: readonly BatchThread[];

  constructor(files: KeepFiles, { threads, entry }: { readonly threads: number; readonly entry: URL }) {
    this.#files = files;
    this.#threads = Array.from({ length: threads }, () => new BatchThread(entry));
  }

  async write(batch: FileBatch): Promise<void> {
    const thread = await this.#leastBusy();
    if (thread === undefined) writeBatch(this.#files, batch);
    else await thread.write(batch);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** The first call waits until it is known which of them run. */
  async #leastBusy(): Promise<BatchThread | undefined> {
    const ready = await Promise.all(this.#threads.map((thread) => thread.ready));
    const running = this.#threads.filter((_, index) => ready[index]);
    return running.toSorted((a, b) => a.waiting - b.waiting)[0];
  }
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

class BatchThread {
  readonly #worker: Worker;
  readonly #asked = new Map<number, Waiting>();
  #count = 0;
  /** False when it could not be started. */
  readonly ready: Promise<boolean>;

  constructor(entry: URL) {
    this.#worker = new Worker(entry, {
      name: 'qts-file-batches',
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    });
    this.ready = new Promise((resolve) => {
      this.#worker.on('message', (answer: BatchAnswer) => {
        if (answer.id === 0) resolve(true);
        else this.#answer(answer);
      });
      // After the first answer this ends whatever waits; what was under way may or may not have happened.
      this.#worker.on('error', (error) => {
        resolve(false);
        this.#endAll(error instanceof Error ? error : new Error(String(error)));
      });
      this.#worker.on('exit', () => {
        resolve(false);
        this.#endAll(new Error('the thread that writes files has ended'));
      });
    });
  }

  get waiting(): number {
    return this.#asked.size;
  }

  write(batch: FileBatch): Promise<void> {
    this.#count += 1;
    const request: BatchRequest = { id: this.#count, batch };
    return new Promise((resolve, reject) => {
      this.#asked.set(request.id, { resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #answer({ id, failure }: BatchAnswer): void {
    const waiting = this.#asked.get(id);
    this.#asked.delete(id);
    if (failure === undefined) waiting?.resolve();
    else waiting?.reject(Object.assign(new Error(failure.message), { code: failure.code }));
  }

  #endAll(error: Error): void {
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}

function ownEntry(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./batch-thread-entry.${extension}`, import.meta.url);
}
