import { parentPort } from 'node:worker_threads';
import { FileFailure, writeBatch } from '../../keep/restore/file-batches.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import type { BatchAnswer, BatchRequest } from './batch-threads.ts';

/** Writes every batch that this thread is asked for, one after the other, and answers each. */
export function serveBatches(files: KeepFiles): void {
  parentPort?.on('message', (request: BatchRequest) => parentPort?.postMessage(perform(files, request)));
  parentPort?.postMessage({ id: 0 } satisfies BatchAnswer);
}

function perform(files: KeepFiles, { id, batch }: BatchRequest): BatchAnswer {
  try {
    writeBatch(files, batch);
    return { id };
  } catch (error) {
    // What no system has said is a fault of this program: the thread ends.
    if (!(error instanceof FileFailure)) throw error;
    const { message, code, file } = error;
    return { id, failure: { message, code, file } };
  }
}
