import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type BarSource, fileSource, generatedSource } from './bar-sources.ts';
import { countRows } from './counts.ts';
import { openCycleLog } from './cycle-log.ts';
import { DeskBusyError, lockDesk } from './desk-lock.ts';
import { type BatchResult, runBatch } from './desk-run.ts';
import { readState, writeState } from './desk-state.ts';
import { nodeDisk } from './durable-files.ts';
import { equityOf } from './ledger.ts';
import { loopPolicyFromConfig, runEtedaLoop } from './loop.ts';
import { type PipelineOptions, parsePipelineOptions, USAGE, UsageError } from './pipeline-options.ts';
import { progressWriter } from './progress.ts';
import { recover } from './records.ts';
import { stepSafety } from './safety.ts';

const EXIT = { ok: 0, failed: 1, usage: 2, busy: 75, terminated: 143 } as const;

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
// A reader of the output that goes away must not end the desk.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  process.exitCode = await main(parsePipelineOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof UsageError) process.stderr.write(`\n${USAGE}\n`);
  process.exitCode =
    error instanceof UsageError ? EXIT.usage : error instanceof DeskBusyError ? EXIT.busy : EXIT.failed;
}

async function main(options: PipelineOptions): Promise<number> {
  if (options.report) return report(options.dataDir);
  if (options.recoverBy !== undefined && !existsSync(options.dataDir)) {
    throw new UsageError(`${options.dataDir} does not exist; --recover needs the folder of a desk`);
  }
  using _lock = lockDesk(options.dataDir);
  if (options.recoverBy !== undefined) return recoverSafety(options.dataDir, options.recoverBy);
  const source =
    options.bars.kind === 'file'
      ? fileSource(options.bars.path, options.symbol)
      : generatedSource(options.bars.seed);
  warnOfRejected(options.dataDir, source);
  // Awaited here, because the lock lasts only as long as this function.
  return await (options.loop ? runLoop(options, source) : runSingle(options, source));
}

async function runSingle(options: PipelineOptions, source: BarSource): Promise<number> {
  const startedMs = performance.now();
  const before = readState(options.dataDir)?.cursor ?? 0;
  const total = Math.min(options.batch, (source.total ?? Number.POSITIVE_INFINITY) - before);
  const progress = progressWriter(process.env['QTS_PROGRESS_FD']);
  const result = await runBatch({
    ...batchOptions(options, source),
    onBar: async (done) => {
      progress(done, total);
      await pause(options.paceMs);
    },
  });
  print(summary(result, { source, durationMs: performance.now() - startedMs }));
  return result.ended === 'stopped' && result.consumed === 0 ? EXIT.terminated : EXIT.ok;
}

async function runLoop(options: PipelineOptions, source: BarSource): Promise<number> {
  const appendCycle = openCycleLog(options.dataDir);
  let isExhausted = false;
  const outcome = await runEtedaLoop({
    policy: loopPolicyFromConfig(process.env),
    shouldStop: () => stopping.signal.aborted,
    source: () => (isExhausted ? undefined : source),
    sleep: pause,
    log: (level, message) => process.stderr.write(`${level} ${message}\n`),
    runOnce: async () => {
      const startedMs = performance.now();
      let bars = 0;
      const finish = (outcome: 'ok' | 'error') => {
        const durationMs = round(performance.now() - startedMs);
        appendCycle({ timestamp: new Date().toISOString(), durationMs, bars, outcome });
        return durationMs;
      };
      try {
        const result = await runBatch({
          ...batchOptions(options, source),
          onBar: (done) => {
            bars = done;
            return pause(options.paceMs);
          },
        });
        isExhausted = result.ended === 'source-exhausted';
        print(summary(result, { source, durationMs: finish('ok') }));
        return { status: 'ok' };
      } catch (error) {
        finish('error');
        throw error;
      }
    },
  });
  print(`loop ended: ${outcome.ended} after ${outcome.cycles} cycles`);
  return outcome.ended === 'failed' ? EXIT.failed : EXIT.ok;
}

function batchOptions({ dataDir, batch, failAtBar }: PipelineOptions, source: BarSource) {
  return { dataDir, batch, failAtBar, source, shouldStop: () => stopping.signal.aborted };
}

async function report(dataDir: string): Promise<number> {
  const counted = await countRows(dataDir);
  print(JSON.stringify(counted, null, 2));
  return counted.complete ? EXIT.ok : EXIT.failed;
}

function recoverSafety(dataDir: string, operator: string): number {
  const state = recover(dataDir);
  if (state === undefined)
    throw new UsageError(`${dataDir} holds no desk-state.json; there is nothing to recover`);
  const { safety, refusal } = stepSafety(state.safety, { kind: 'recover', approvedBy: operator });
  if (refusal !== undefined) throw new Error(refusal);
  writeState(nodeDisk, dataDir, { ...state, safety });
  print(`safety ${state.safety.state} -> ${safety.state}, approved by ${operator}`);
  return EXIT.ok;
}

/** Says once per folder which rows of the file are left out; the full list is in rejected-rows.jsonl. */
function warnOfRejected(dataDir: string, { rejected }: BarSource): void {
  if (rejected.length === 0 || readState(dataDir)?.rejectedRows === rejected.length) return;
  for (const { line, reason } of rejected.slice(0, 10))
    process.stderr.write(`line ${line} rejected: ${reason}\n`);
  if (rejected.length > 10) process.stderr.write(`... ${rejected.length - 10} more in rejected-rows.jsonl\n`);
}

function summary(
  result: BatchResult,
  { source, durationMs }: { source: BarSource; durationMs: number },
): string {
  const { state, actions, consumed } = result;
  const equity = equityOf(state.ledger, (symbol) => state.closes[symbol]?.at(-1));
  const parts = [
    consumed === 0 ? 'no bars' : `${consumed} bars (${state.cursor - consumed + 1}-${state.cursor})`,
    `BUY ${actions.BUY} SELL ${actions.SELL} HOLD ${actions.HOLD} NONE ${actions.NONE}`,
    `equity ${Math.round(equity)}`,
    `safety ${state.safety.state}`,
    `${round(durationMs)} ms`,
  ];
  if (state.cursor === source.total) parts.push(`all ${source.total} rows consumed`);
  if (source.rejected.length > 0) parts.push(`${source.rejected.length} rows rejected (rejected-rows.jsonl)`);
  return `${source.id}: ${parts.join(', ')}`;
}

/** Waits, or returns at once when the process is asked to stop. */
async function pause(ms: number): Promise<void> {
  if (ms === 0 || stopping.signal.aborted) return;
  await wait(ms, undefined, { signal: stopping.signal }).catch(() => {});
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
