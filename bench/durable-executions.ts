import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openSqliteStore, type SqliteStore } from '../packages/core/src/adapters/store-sql/sqlite-store.ts';
import { createConfig, createOps, silentLogger } from '../packages/core/src/index.ts';
import {
  claimExecution,
  createExecution,
  succeedExecution,
} from '../packages/core/src/run/executions/execution-rules.ts';
import type { TargetState } from '../packages/core/src/run/targets/target.ts';
import { newTargetState, updateOf } from '../packages/core/src/run/targets/target-rules.ts';
import { withFolder } from './bench-folder.ts';
import { type Bench, type BenchRow, type Effort, median, perSecond } from './bench-row.ts';
import { openSyncedFile } from './disk-limit.ts';
import { useOf } from './process-meter.ts';
import { openRawExecutions } from './raw-executions.ts';

/** How many executions a second become durable: two commits each, with transitions, state and an audit row, at FULL. */
export const durableExecutions: Bench = {
  name: 'durable-executions',
  about:
    'executions a second at synchronous=FULL with the audit row, beside hand-written SQL and the sync limit',
  run: (effort) => withFolder((folder) => measure(folder, effort)),
};

interface Taken {
  readonly rates: number[];
  readonly bytes: number[];
}

async function measure(folder: string, effort: Effort): Promise<readonly BenchRow[]> {
  const { rounds, count } = effort === 'full' ? { rounds: 15, count: 300 } : { rounds: 3, count: 100 };
  const subjects = {
    sync: openSyncedFile(join(folder, 'synced')),
    raw: openRawExecutions(join(folder, 'raw.db')),
    store: await openStoreExecutions(join(folder, 'store.db')),
    engine: await openEngineExecutions(join(folder, 'engine')),
  };
  const work = {
    sync: () => subjects.sync.sync(2 * count),
    raw: () => subjects.raw.oneByOne(count),
    store: () => subjects.store.oneByOne(count),
    engine: () => subjects.engine.oneByOne(count),
  };
  const taken = new Map<string, Taken>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(work)) {
      const { rates, bytes } = taken.get(name) ?? { rates: [], bytes: [] };
      const before = useOf('self').writtenBytes;
      rates.push(await perSecond(count, run));
      bytes.push((useOf('self').writtenBytes - before) / count);
      taken.set(name, { rates, bytes });
    }
  }
  for (const subject of Object.values(subjects)) await subject.close();
  return rowsOf((name) => taken.get(name) ?? { rates: [], bytes: [] });
}

function rowsOf(taken: (name: 'sync' | 'raw' | 'store' | 'engine') => Taken): readonly BenchRow[] {
  const rate = (name: 'sync' | 'raw' | 'store' | 'engine') => median(taken(name).rates);
  const limit = { name: 'two syncs of one overwritten page, nothing else', value: rate('sync') };
  const raw = { name: 'hand-written SQL, as many rows, one index a table, no checks', value: rate('raw') };
  const unit = 'executions/s';
  return [
    {
      id: 'store',
      name: 'durable executions, store alone: insert, three transitions, target state, chained audit row, two commits at FULL',
      value: rate('store'),
      unit,
      better: 'more',
      peers: [raw],
      limit,
      goal: 2000,
      note: 'one at a time; each commit writes every page it touched, and every index of a table is one of them',
    },
    {
      id: 'engine',
      name: 'durable executions, whole engine: trigger with audit, run, end, one after another through the client',
      value: rate('engine'),
      unit,
      better: 'more',
      peers: [raw],
      limit,
    },
    {
      id: 'store-bytes',
      name: 'written to disk for one execution, store alone',
      value: median(taken('store').bytes) / 1024,
      unit: 'KiB',
      better: 'less',
      peers: [{ name: raw.name, value: median(taken('raw').bytes) / 1024 }],
    },
  ];
}

interface ExecutionWriter {
  oneByOne(count: number): Promise<void>;
  close(): Promise<void>;
}

/** The changes the engine commits for a manual run, without the engine. */
async function openStoreExecutions(path: string): Promise<ExecutionWriter> {
  const store = await openSqliteStore({ path, now: () => Date.now() });
  const job = { jobId: 't', jobName: 't', jobType: 'ON_DEMAND', isActive: true } as const;
  let state = newTargetState('t', Date.now());
  await store.commit([
    { kind: 'job.upsert', job, atMs: 1 },
    { kind: 'target.insert', state },
  ]);
  return {
    oneByOne: async (count) => {
      for (let n = 0; n < count; n++) state = await storeExecution(store, state);
    },
    close: () => store.close(),
  };
}

async function storeExecution(store: SqliteStore, state: TargetState): Promise<TargetState> {
  const owner = { host: 'bench', bootId: 'boot', pid: 1, startTick: 1 };
  const atMs = Date.now();
  const created = createExecution({ id: randomUUID(), jobId: 't', runType: 'MANUAL', atMs }, 'bench');
  const claimed = claimExecution(created.execution, owner, atMs);
  await store.commit([...created.changes, ...claimed.changes, auditRow(created.execution.id, atMs)]);
  const next: TargetState = {
    ...state,
    revision: state.revision + 1,
    lastEndedAtMs: atMs,
    lastStatus: 'SUCCESS',
  };
  const ended = succeedExecution(claimed.execution, { atMs, by: 'bench' });
  await store.commit([...ended.changes, updateOf(state, next, 'run-ended')]);
  return next;
}

function auditRow(executionId: string, atMs: number) {
  const entry = {
    atMs,
    auditType: 'BATCH_START',
    targetType: 'BATCH_EXECUTION',
    targetId: 't',
    action: 'START',
    after: { executionId },
    operatorId: 'bench',
    operatorMethod: 'library',
    operatorReason: 'measured by the bench',
    outcome: 'OK',
    requestId: executionId,
    executionId,
    host: 'bench',
  } as const;
  return { kind: 'audit.append', entry } as const;
}

async function openEngineExecutions(stateFolder: string): Promise<ExecutionWriter> {
  let ended: () => void = () => {};
  const config = createConfig({
    instance: 'bench',
    targets: [{ id: 't', on: 'demand', run: () => undefined }],
  });
  const ops = createOps({ config, stateFolder, logger: silentLogger });
  await ops.start();
  // The books of the run are closed a moment after the event.
  ops.subscribe((event) => {
    if (event.name === 'execution.succeeded') setImmediate(() => ended());
  });
  const client = ops.client({ operatorId: 'bench', method: 'library' });
  return {
    oneByOne: async (count) => {
      for (let n = 0; n < count; n++) {
        const { promise, resolve } = Promise.withResolvers<void>();
        ended = resolve;
        await client.trigger('t', { reason: 'measured by the bench' });
        await promise;
      }
    },
    close: () => ops.drain(),
  };
}
