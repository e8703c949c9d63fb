import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../packages/core/src/adapters/store-sql/sqlite-store.ts';
import { createConfig, createOps, silentLogger } from '../packages/core/src/index.ts';
import type { Execution } from '../packages/core/src/run/executions/execution.ts';
import {
  claimExecution,
  createExecution,
  succeedExecution,
} from '../packages/core/src/run/executions/execution-rules.ts';
import { type Bench, type BenchRow, median, perSecond } from './bench-row.ts';

const ROUNDS = 5;
const COUNT = 1500;

/** How many executions a second become durable: two commits each, with transitions, state and an audit row, at FULL. */
export const durableExecutions: Bench = {
  name: 'durable-executions',
  about: 'executions per second at synchronous=FULL with the audit row, as a share of the fsync limit',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'qts-bench-'));
    try {
      return await measure(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(folder: string): Promise<readonly BenchRow[]> {
  const taken = { fsync: [] as number[], raw: [] as number[], store: [] as number[], engine: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    taken.fsync.push(await fsyncsPerSecond(join(folder, `fsync-${round}`)));
    taken.raw.push(await rawExecutions(join(folder, `raw-${round}.db`)));
    taken.store.push(await storeExecutions(join(folder, `store-${round}.db`)));
    taken.engine.push(await engineExecutions(join(folder, `engine-${round}`)));
  }
  const limit = { name: 'fdatasync per second / 2', value: median(taken.fsync) / 2 };
  const raw = median(taken.raw);
  const store = median(taken.store);
  return [
    {
      name: 'durable executions, store: start and end, transitions, target state and audit row, 2 commits at FULL',
      value: store,
      unit: 'executions/s',
      peer: { name: 'hand-written SQL on node:sqlite, the same number of rows without checks', value: raw },
      limit,
      goal: 'at least 2,000',
      met: store >= 2000,
    },
    {
      name: 'durable executions, whole engine: trigger with audit, run, end, one after another through the client',
      value: median(taken.engine),
      unit: 'executions/s',
      peer: { name: 'the store alone', value: store },
      limit,
    },
  ];
}

function fsyncsPerSecond(path: string): Promise<number> {
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4096, 1);
  return perSecond(COUNT, () => {
    for (let n = 0; n < COUNT; n++) {
      writeSync(file, page);
      fdatasyncSync(file);
    }
    closeSync(file);
  });
}

/** The floor of any implementation on this database: five inserts and two updates in two transactions. */
function rawExecutions(path: string): Promise<number> {
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode=wal; pragma synchronous=full');
  database.exec(`create table execution (id text primary key, status text, body text) strict;
    create table transition (id text, status text, at integer) strict; create table audit (seq integer primary key, body text) strict;
    create table state (id text primary key, revision integer) strict; insert into state values ('t', 0)`);
  const insert = database.prepare('insert into execution values (?, ?, ?)');
  const step = database.prepare('insert into transition values (?, ?, ?)');
  const audit = database.prepare('insert into audit (body) values (?)');
  const update = database.prepare('update execution set status = ? where id = ? and status = ?');
  const state = database.prepare('update state set revision = revision + 1 where id = ?');
  const body = JSON.stringify({ owner: 'x'.repeat(200) });
  return perSecond(COUNT, () => {
    for (let n = 0; n < COUNT; n++) {
      const id = `execution-${n}`;
      database.exec('begin immediate');
      insert.run(id, 'RUNNING', body);
      step.run(id, 'READY', n);
      step.run(id, 'RUNNING', n);
      audit.run(body);
      state.run('t');
      database.exec('commit; begin immediate');
      update.run('SUCCESS', id, 'RUNNING');
      step.run(id, 'SUCCESS', n);
      state.run('t');
      database.exec('commit');
    }
    database.close();
  });
}

async function storeExecutions(path: string): Promise<number> {
  const store = await openSqliteStore({ path, now: () => Date.now() });
  const job = { jobId: 't', jobName: 't', jobType: 'ON_DEMAND', isActive: true } as const;
  await store.commit([{ kind: 'job.upsert', job, atMs: 1 }]);
  const owner = { host: 'bench', bootId: 'boot', pid: 1, startTick: 1 };
  const rate = await perSecond(COUNT, async () => {
    for (let n = 0; n < COUNT; n++) {
      const created = createExecution({ id: crypto.randomUUID(), jobId: 't', runType: 'MANUAL', atMs: n }, 'bench');
      const claimed = claimExecution(created.execution, owner, n);
      await store.commit([...created.changes, ...claimed.changes, auditRow(created.execution, n)]);
      await store.commit(succeedExecution(claimed.execution, { atMs: n, by: 'bench' }).changes);
    }
  });
  await store.close();
  return rate;
}

function auditRow(execution: Execution, atMs: number) {
  const entry = {
    atMs,
    auditType: 'BATCH_START',
    targetType: 'BATCH_EXECUTION',
    targetId: 't',
    action: 'START',
    after: { executionId: execution.id },
    operatorId: 'bench',
    operatorMethod: 'library',
    operatorReason: 'measured by the bench',
    outcome: 'OK',
    requestId: execution.id,
    executionId: execution.id,
    host: 'bench',
  } as const;
  return { kind: 'audit.append', entry } as const;
}

async function engineExecutions(stateFolder: string): Promise<number> {
  let ended: () => void = () => {};
  const config = createConfig({ instance: 'bench', targets: [{ id: 't', on: 'demand', run: () => undefined }] });
  const ops = createOps({ config, stateFolder, logger: silentLogger });
  await ops.start();
  ops.subscribe((event) => {
    if (event.name === 'execution.succeeded') setImmediate(ended);
  });
  const client = ops.client({ operatorId: 'bench', method: 'library' });
  const rate = await perSecond(COUNT, async () => {
    for (let n = 0; n < COUNT; n++) {
      const end = new Promise<void>((resolve) => {
        ended = resolve;
      });
      await client.trigger('t', { reason: 'measured by the bench' });
      await end;
    }
  });
  await ops.drain();
  return rate;
}
