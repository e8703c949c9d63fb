import { Worker } from 'node:worker_threads';
import {
  type FileBatch,
  type FileBatches,
  FileFailure,
  writeBatch,
} from '../../keep/restore/file-batches.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';

/** Each further thread takes 20 MB of memory; a restore is to stay below 200. */
const THREADS = 1;
/** With fewer files the start of the threads costs more than they save. */
const FILES_MIN = 2000;

/** How the system names these threads, as far as it keeps long names. */
export const BATCH_THREAD_NAME = 'qts-file-batches';

/** What a thread is asked to do. */
export interface BatchRequest {
  readonly id: number;
  readonly batch: FileBatch;
}

/** What it answers: nothing, or what went wrong. The first answer has id 0: it is ready. */
export interface BatchAnswer {
  readonly id: number;
  readonly failure?: { readonly message: string; readonly code: string; readonly file: string };
}

/** How batches are spread. */
export interface BatchThreadOptions {
  readonly threads?: number | undefined;
  /** From so many files on. */
  readonly filesMin?: number | undefined;
  /** No batch has more files. */
  readonly filesMax?: number | undefined;
  /** The file that a thread runs; another one is of use to tests only. */
  readonly entry?: URL | undefined;
}

/**
 * Batches on a thread of their own, so that files are on their way to the disk while the next ones are read and named.
 * Where no thread can be started, or when it ends before its time, the work is done on the thread of the caller.
 */
export function nodeFileBatches(
  files: KeepFiles,
  { threads = THREADS, filesMin = FILES_MIN, filesMax, entry = ownEntry() }: BatchThreadOptions = {},
): (count: number) => FileBatches | undefined {
  return (count) =>
    count < filesMin
      ? undefined
      : new BatchThreads(files, { filesMax, workers: startWorkers(threads, entry) });
}

class BatchThreads implements FileBatches {
  readonly filesMax: number | undefined;
  readonly #files: KeepFiles;
  readonly #threads: readonly BatchThread[];
  #closed = false;

  constructor(
    files: KeepFiles,
    { filesMax, workers }: { readonly filesMax: number | undefined; readonly workers: readonly Worker[] },
  ) {
    this.filesMax = filesMax;
    this.#files = files;
    this.#threads = workers.map((worker) => new BatchThread(worker));
  }

  async write(batch: FileBatch): Promise<void> {
    const thread = await this.#leastBusy();
    if (thread !== undefined) {
      if (await thread.write(batch)) return;
      // It has ended, nobody knows where; nothing of the batch has another name yet.
      this.#removeBegun(batch);
    }
    if (this.#closed) throw new Error('the batches were closed before they were written');
    writeBatch(this.#files, batch);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** The first call waits until it is known which of them run. */
  async #leastBusy(): Promise<BatchThread | undefined> {
    await Promise.all(this.#threads.map((thread) => thread.ready));
    const running = this.#threads.filter((thread) => thread.runs);
    return running.toSorted((a, b) => a.waiting - b.waiting)[0];
  }

  #removeBegun({ folder, files }: FileBatch): void {
    for (const { name } of files) {
      const path = `${folder}/${name}`;
      if (this.#files.facts(path) !== undefined) this.#files.unlink(path);
    }
  }
}

/** A system that is out of memory, threads or descriptors starts none. */
function startWorkers(count: number, entry: URL): readonly Worker[] {
  const workers: Worker[] = [];
  try {
    while (workers.length < count) workers.push(startWorker(entry));
  } catch {
    // The ones that did start have to do.
  }
  return workers;
}

function startWorker(entry: URL): Worker {
  return new Worker(entry, {
    name: BATCH_THREAD_NAME,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  });
}

class BatchThread {
  readonly #worker: Worker;
  /** What to tell of each batch: that it is written or what went wrong, and false when nobody knows. */
  readonly #asked = new Map<number, (outcome: boolean | Error) => void>();
  #count = 0;
  #runs = false;
  /** Settled when it is known whether it could be started. */
  readonly ready: Promise<void>;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.ready = new Promise((resolve) => {
      worker.on('message', (answer: BatchAnswer) => {
        if (answer.id !== 0) return this.#answer(answer);
        this.#runs = true;
        resolve();
      });
      // Its end follows; until then it may still be writing.
      worker.on('error', () => undefined);
      worker.on('exit', () => {
        this.#runs = false;
        resolve();
        for (const tell of this.#asked.values()) tell(false);
        this.#asked.clear();
      });
    });
  }

  /** False before it is ready and after it has ended. */
  get runs(): boolean {
    return this.#runs;
  }

  get waiting(): number {
    return this.#asked.size;
  }

  /** False when it has ended before it could say what became of the batch. */
  write(batch: FileBatch): Promise<boolean> {
    this.#count += 1;
    const request: BatchRequest = { id: this.#count, batch };
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(request);
      this.#asked.set(request.id, (outcome) => {
        if (typeof outcome === 'boolean') resolve(outcome);
        else reject(outcome);
      });
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #answer({ id, failure }: BatchAnswer): void {
    const tell = this.#asked.get(id);
    this.#asked.delete(id);
    tell?.(failure === undefined ? true : new FileFailure(failure.message, failure));
  }
}

function ownEntry(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./batch-thread-entry.${extension}`, import.meta.url);
}
