import { nodeKeepFiles } from '../src/adapters/files-node/keep-files.ts';
import { FaultFiles } from '../src/testing/fault-files.ts';
import { type KilledWork, performKilled } from './keep-kill-work.ts';

/*
 * A process that backs up, verifies, cleans up or restores, and is gone before a given call of its files.
 * First argument: JSON of `KilledWork` and `at`.
 */

// Only `keep-kill-rounds.ts` starts it.
const work = JSON.parse(process.argv[2] ?? '') as KilledWork & { readonly at: number };
const files = new FaultFiles(nodeKeepFiles(), ({ index }) => {
  // No handler, no flush: what the system has is all that is left.
  if (index === work.at) process.kill(process.pid, 'SIGKILL');
  return undefined;
});
process.stdout.write('started\n');
await performKilled(work, files);
