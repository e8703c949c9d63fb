import { serveBatches } from '../src/adapters/files-node/batch-serving.ts';
import { nodeKeepFiles } from '../src/adapters/files-node/keep-files.ts';
import { type Fault, FaultFiles } from '../src/testing/fault-files.ts';

/* A thread that writes files, as every other, until a given call of its files; see `faultyThread`. */

const { searchParams } = new URL(import.meta.url);
const at = Number(searchParams.get('at'));
const does = searchParams.get('does') ?? '';

function fault(): Fault {
  if (does === 'kill') process.kill(process.pid, 'SIGKILL');
  // In a thread this ends the thread alone.
  if (does === 'exit') process.exit(3);
  if (does === 'memory')
    for (const taken: number[][] = []; ; ) taken.push(new Array<number>(100_000).fill(1.5));
  return { kind: 'error', code: does };
}

serveBatches(new FaultFiles(nodeKeepFiles(), ({ index }) => (index === at ? fault() : undefined)));
