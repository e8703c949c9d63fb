import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { BarSource } from './bar-sources.ts';
import { type DeskState, freshState } from './desk-state.ts';
import { type Disk, ensureFolder, nodeDisk, replaceFile } from './durable-files.ts';
import { type Cycle, runEteda } from './eteda.ts';
import { commitBatch, recover, toBatch } from './records.ts';

/** What one run of the pipeline shall do. */
export interface BatchRequest {
  readonly dataDir: string;
  readonly source: BarSource;
  /** Largest number of bars to consume, 1..100,000. */
  readonly batch: number;
  /** Asked before each bar; what was consumed until then is kept. */
  readonly shouldStop?: (() => boolean) | undefined;
  /** Called after each bar with the number done in this run; awaited, so it can also set the pace. */
  readonly onBar?: ((done: number) => Promise<void> | void) | undefined;
  /** Fail before the n-th bar of this run (from 1), to rehearse failures. */
  readonly failAtBar?: number | undefined;
  readonly disk?: Disk | undefined;
}

/** What one run did; `state` is what is now on the disk. */
export interface BatchResult {
  readonly consumed: number;
  readonly ended: 'batch-full' | 'source-exhausted' | 'stopped';
  readonly actions: Readonly<Record<'BUY' | 'SELL' | 'HOLD' | 'NONE', number>>;
  readonly state: DeskState;
}

/** Consumes the next bars of a source and commits their rows with the state; the caller holds the desk's lock. */
export async function runBatch(request: BatchRequest): Promise<BatchResult> {
  const { dataDir, source, disk = nodeDisk } = request;
  ensureFolder(disk, dataDir);
  const before = recover(dataDir, disk) ?? freshState(source.id);
  checkSource(before, source);
  reportRejected(request, before);
  const { cycles, ended, failure } = await runCycles(request, before);
  const state = stateAfter(before, cycles, source);
  if (cycles.length > 0) commitBatch(dataDir, { before, after: state, rows: toBatch(cycles) }, disk);
  if (failure !== undefined) throw failure.error;
  return { consumed: cycles.length, ended, actions: countActions(cycles), state };
}

interface CycleRun {
  readonly cycles: readonly Cycle[];
  readonly ended: BatchResult['ended'];
  /** Set when a bar failed; the bars before it are kept. */
  readonly failure?: { readonly error: unknown };
}

async function runCycles(request: BatchRequest, before: DeskState): Promise<CycleRun> {
  const { source, batch, shouldStop, onBar, failAtBar } = request;
  const cycles: Cycle[] = [];
  try {
    while (cycles.length < batch) {
      // One turn of the event loop per bar lets a signal arrive between two bars.
      await setImmediate();
      if (shouldStop?.()) return { cycles, ended: 'stopped' };
      const desk = cycles.at(-1)?.desk ?? before;
      const seq = before.cursor + cycles.length;
      const bar = source.barAt(seq, (symbol) => desk.closes[symbol]?.at(-1));
      if (bar === undefined) return { cycles, ended: 'source-exhausted' };
      if (cycles.length + 1 === failAtBar)
        throw new Error(`bar ${seq + 1} failed because --fail-at asked for it`);
      cycles.push(runEteda(desk, bar, { seq, sourceId: source.id }));
      await onBar?.(cycles.length);
    }
    return { cycles, ended: 'batch-full' };
  } catch (error) {
    return { cycles, ended: 'stopped', failure: { error } };
  }
}

function stateAfter(before: DeskState, cycles: readonly Cycle[], source: BarSource): DeskState {
  const last = cycles.at(-1);
  if (last === undefined) return before;
  return {
    ...before,
    ...last.desk,
    cursor: last.snapshot.seq + 1,
    batches: before.batches + 1,
    rejectedRows: source.rejected.length,
    lastBarMs: last.snapshot.bar.timeMs,
  };
}

function checkSource(state: DeskState, source: BarSource): void {
  if (state.sourceId !== source.id) {
    throw new Error(
      `the data folder belongs to ${state.sourceId}, not to ${source.id}; use another --data folder`,
    );
  }
  if (source.total !== undefined && state.cursor > source.total) {
    throw new Error(
      `${state.cursor} bars were consumed but ${source.id} now has only ${source.total}; restore the file`,
    );
  }
}

/** Keeps rejected rows where an operator can read them; they are found anew each time, so they are replaced whole. */
function reportRejected({ dataDir, source, disk = nodeDisk }: BatchRequest, state: DeskState): void {
  if (source.rejected.length === 0 || (state.cursor > 0 && state.rejectedRows === source.rejected.length))
    return;
  const lines = source.rejected.map((row) => `${JSON.stringify(row)}\n`);
  replaceFile(disk, join(dataDir, 'rejected-rows.jsonl'), lines.join(''));
}

function countActions(cycles: readonly Cycle[]): BatchResult['actions'] {
  const counts = { BUY: 0, SELL: 0, HOLD: 0, NONE: 0 };
  for (const { decision } of cycles) counts[decision.action]++;
  return counts;
}
