import { readdirSync, readFileSync } from 'node:fs';
import { BATCH_THREAD_NAME } from '../src/adapters/files-node/batch-threads.ts';

/** Characters of the name of a thread that Linux keeps. */
const NAME_LENGTH = 15;

/**
 * Program of a thread that writes files and comes to grief right before a call of its files, counted from 1: `kill`
 * ends the process, `exit` the thread, `memory` takes more than the thread may have, and a code such as `EMFILE` is
 * what the system says instead of doing the call.
 */
export function faultyThread({ at, does }: { readonly at: number; readonly does: string }): URL {
  const { href } = new URL('./faulty-thread-entry.ts', import.meta.url);
  // The first module of a thread does not see the query of its address, one that it imports does.
  const text = `import ${JSON.stringify(`${href}?at=${at}&does=${does}`)};`;
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}

/** Threads of this process that write files; always none where the system does not name threads. */
export function batchThreads(): readonly string[] {
  if (process.platform !== 'linux') return [];
  const names = readdirSync('/proc/self/task').map((id) => nameOf(id));
  return names.filter((name) => name === BATCH_THREAD_NAME.slice(0, NAME_LENGTH));
}

/** A thread that ends meanwhile has no name any more. */
function nameOf(id: string): string {
  try {
    return readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
