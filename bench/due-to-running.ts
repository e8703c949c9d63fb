import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createConfig } from '../packages/core/src/index.ts';
import { createTestOps, type TestOps } from '../packages/core/src/testing/create-test-ops.ts';
import { withFolder } from './bench-folder.ts';
import { type Bench, type BenchRow, type Effort, median, timed } from './bench-row.ts';
import { useOf } from './process-meter.ts';
import { openRawExecutions } from './raw-executions.ts';

/** How long it takes until everything that is due at the same moment is on record as RUNNING, and later as ended. */
export const dueToRunning: Bench = {
  name: 'due-to-running',
  about: 'many targets due at the same moment: until all are committed as RUNNING, until all have ended',
  run: (effort) => withFolder((folder) => measure(folder, effort)),
};

interface Round {
  /** Until the last function was called. */
  readonly startMs: number;
  /** From then on until the loop was free again: screens have been told. */
  readonly tellMs: number;
  readonly endMs: number;
  readonly rawMs: number;
  readonly bytesMs: number;
  readonly writtenBytes: number;
}

async function measure(folder: string, effort: Effort): Promise<readonly BenchRow[]> {
  const { rounds, count } = effort === 'full' ? { rounds: 3, count: 10_000 } : { rounds: 1, count: 1000 };
  const taken: Round[] = [];
  for (let round = 0; round < rounds; round++) taken.push(await measureOnce(join(folder, `${round}`), count));
  return rowsOf((value) => median(taken.map(value)), count);
}

function rowsOf(middle: (value: (round: Round) => number) => number, count: number): readonly BenchRow[] {
  const raw = { name: 'hand-written SQL, as many rows, one commit', value: middle((round) => round.rawMs) };
  const bytes = { name: 'writing as many bytes and one sync', value: middle((round) => round.bytesMs) };
  const megabytes = middle((round) => round.writtenBytes) / 1_000_000;
  const of = `${count.toLocaleString('en')} targets due at once`;
  return [
    {
      id: `start-${count}`,
      name: `${of}: decided, committed as RUNNING at FULL, fifty in a transaction, all functions called`,
      value: middle((round) => round.startMs),
      unit: 'ms',
      better: 'less',
      peers: [raw],
      limit: bytes,
      goal: count / 10,
      note: `${megabytes.toFixed(1)} MB written`,
    },
    {
      id: `tell-${count}`,
      name: `${of}: then the loop is busy with views for screens`,
      value: middle((round) => round.tellMs),
      unit: 'ms',
      better: 'less',
      goal: count / 50,
    },
    {
      id: `end-rate-${count}`,
      name: `${of}: executions a second from the end of all functions until all are SUCCESS`,
      value: (count * 1000) / middle((round) => round.endMs),
      unit: 'executions/s',
      better: 'more',
      note: 'ends that wait for the store share commits, at most 250 each',
    },
  ];
}

async function measureOnce(path: string, count: number): Promise<Round> {
  const raw = openRawExecutions(`${path}-raw.db`);
  const rawMs = await timed(() => raw.startAtOnce(count));
  raw.close();
  const everybody = Promise.withResolvers<void>();
  let called = 0;
  let calledAtMs = 0;
  const run = () => {
    called += 1;
    if (called === count) calledAtMs = performance.now();
    return everybody.promise;
  };
  const targets = Array.from({ length: count }, (_, n) => ({ id: `target-${n}`, on: { every: '1s' }, run }));
  await using bench = await createTestOps({
    storePath: `${path}.db`,
    targets: createConfig({ instance: 'bench', targets }).targets,
  });
  const writtenBefore = useOf('self').writtenBytes;
  const begunMs = performance.now();
  // The virtual clock reaches the next second; the work that follows takes real time.
  await bench.clock.advance(1000);
  const toldMs = performance.now();
  const writtenBytes = useOf('self').writtenBytes - writtenBefore;
  if (called < count) throw new Error(`${called} of ${count} functions were called`);
  const ended = heard(bench, 'execution.succeeded', count);
  const endMs = await timed(() => {
    everybody.resolve();
    return ended;
  });
  return {
    startMs: calledAtMs - begunMs,
    tellMs: toldMs - calledAtMs,
    endMs,
    rawMs,
    bytesMs: await writeOnce(`${path}-bytes`, writtenBytes),
    writtenBytes,
  };
}

/** Resolves when `count` events of a kind were heard: they are told after their commit. */
function heard(bench: TestOps, name: 'execution.succeeded', count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  bench.ops.subscribe((event) => {
    if (event.name !== name) return;
    left -= 1;
    if (left === 0) resolve();
  });
  return promise;
}

function writeOnce(path: string, bytes: number): Promise<number> {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(1 << 20, 1);
  return timed(() => {
    for (let left = bytes; left > 0; left -= block.length) {
      writeSync(file, block, 0, Math.min(left, block.length));
    }
    fsyncSync(file);
    closeSync(file);
  });
}
