/** Entry of a thread that writes files, see `nodeFileBatches`. */
import { parentPort } from 'node:worker_threads';
import { writeBatch } from '../../keep/restore/file-batches.ts';
import type { BatchAnswer, BatchRequest } from './batch-threads.ts';
import { nodeKeepFiles } from './keep-files.ts';

const files = nodeKeepFiles();

function perform({ id, batch }: BatchRequest): BatchAnswer {
  try {
    writeBatch(files, batch);
    return { id };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? { code: String(error.code) } : {};
    return { id, failure: { message, ...code } };
  }
}

parentPort?.on('message', (request: BatchRequest) => parentPort?.postMessage(perform(request)));
parentPort?.postMessage({ id: 0 } satisfies BatchAnswer);
