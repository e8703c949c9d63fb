import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../adapters/logger-json/json-logger.ts';
import type { OpsClient } from '../client/ops-client.ts';
import type { ExecutionView, FeedMessage, OpsSnapshot, TargetView } from '../client/ops-views.ts';
import type { ConfigInput } from '../engine/config/config-input.ts';
import { createConfig } from '../engine/config/load-config.ts';
import { createOps } from '../engine/create-ops.ts';
import type { Ops } from '../engine/ops.ts';
import { describeWatch } from './describe-ops-client-watch.ts';

/** A way to ask an engine: the client and whatever must be closed with it. */
export interface OpsDoor extends AsyncDisposable {
  readonly client: OpsClient;
}

const reason = 'because the contract says so';
const deadline = { timeout: 90_000, interval: 10 };

/** What every `OpsClient` promises, checked over a real engine with a real store and real processes. */
export function describeOpsClient(name: string, open: (ops: Ops) => Promise<OpsDoor>): void {
  describe(`${name} keeps the client contract`, () => {
    describeReading(open);
    describeActing(open);
    describeRefusals(open);
    describeWatch(open);
  });
}

function describeReading(open: (ops: Ops) => Promise<OpsDoor>): void {
  it('shows every target of the config and the engine in one snapshot', async () => {
    await using door = await openEngine(open);
    const snapshot = await door.client.snapshot();
    expect(snapshot.engine).toMatchObject({
      instance: 'contract',
      state: 'running',
      bootId: door.ops.bootId,
    });
    expect(snapshot.targets.map(({ id }) => id).sort()).toEqual(['patient', 'quick', 'speaker']);
    expect(await door.client.history()).toMatchObject({ keptDays: 90, executions: 0, outputFiles: 0 });
    expect(await door.client.jobs()).toContainEqual(
      expect.objectContaining({ jobId: 'quick', isActive: true }),
    );
  });

  it('gives deltas that turn the first snapshot into a fresh one', async () => {
    await using door = await openEngine(open);
    await using watched = await watch(door.client);
    await door.client.pause('quick', { reason });
    const { executionId = '' } = await door.client.trigger('speaker', { reason });
    await ended(door.client, executionId);
    const fresh = await door.client.snapshot();
    await vi.waitFor(() => expect(watched.state()).toEqual(stateOf(fresh)), deadline);
    expect(watched.audited).toEqual(['TARGET_PAUSE', 'BATCH_START']);
  });

  it('ends a watch when its signal aborts', async () => {
    await using door = await openEngine(open);
    const stop = new AbortController();
    const kinds: string[] = [];
    for await (const { kind } of door.client.watch(stop.signal)) {
      kinds.push(kind);
      stop.abort();
    }
    expect(kinds).toEqual(['snapshot']);
  });

  it('ends a watch with EXT-0105 when the engine ends', async () => {
    await using door = await openEngine(open);
    const watching = drainWatch(door.client.watch(new AbortController().signal));
    await watching.begun;
    await door.ops.drain();
    await expect(watching.done).rejects.toMatchObject({ code: 'EXT-0105' });
  });

  it('follows the output of a run from where the last piece ended', async () => {
    await using door = await openEngine(open);
    const { executionId = '' } = await door.client.trigger('speaker', { reason });
    let text = '';
    let offset = 0;
    await vi.waitFor(async () => {
      const chunk = await door.client.output(executionId, offset);
      text += chunk.text;
      offset = chunk.nextOffset;
      expect(chunk.ended).toBe(true);
    }, deadline);
    expect(text).toBe('one\n둘\nthree\n');
    expect(await door.client.output(executionId, 4)).toMatchObject({
      text: '둘\nthree\n',
      missedBytes: 0,
      ended: true,
    });
  });

  it('lists executions in pages and says how many there are', async () => {
    await using door = await openEngine(open);
    for (let run = 0; run < 5; run++) {
      const { executionId = '' } = await door.client.trigger('quick', { reason });
      await ended(door.client, executionId);
    }
    const page = await door.client.executions({ jobId: 'quick', limit: 2, offset: 1 });
    expect(page).toMatchObject({ count: 5, limit: 2, offset: 1 });
    const whole = await door.client.executions({ jobId: 'quick' });
    expect(page.items).toEqual(whole.items.slice(1, 3));
    expect((await door.client.executions({ status: 'FAILED' })).count).toBe(0);
    expect((await door.client.executions({ toMs: 1 })).count).toBe(0);
  });

  it.each([0, 1001, 1.5])('refuses a page of %d', async (limit) => {
    await using door = await openEngine(open);
    await expect(door.client.executions({ limit })).rejects.toMatchObject({ code: 'INP-0301' });
    await expect(door.client.auditLogs({ limit })).rejects.toMatchObject({ code: 'INP-0301' });
  });
}

function describeActing(open: (ops: Ops) => Promise<OpsDoor>): void {
  it('runs a target with its parameters and keeps everything about the run', async () => {
    await using door = await openEngine(open);
    const act = await door.client.trigger('quick', { reason, params: { date: '2026-11-20' } });
    expect(act).toMatchObject({ repeated: false, executionId: expect.any(String) });
    const detail = await ended(door.client, act.executionId ?? '');
    expect(detail).toMatchObject({
      jobId: 'quick',
      runType: 'MANUAL',
      status: 'SUCCESS',
      operatorId: 'tester',
      params: { date: '2026-11-20' },
      outputTail: 'ran with {"date":"2026-11-20"}\n',
    });
    expect(detail.transitions.map(({ to }) => to)).toEqual(['READY', 'RUNNING', 'SUCCESS']);
  });

  it('stops a running execution and says who and why', async () => {
    await using door = await openEngine(open);
    const { executionId = '' } = await door.client.trigger('patient', { reason });
    await door.client.stop(executionId, { reason });
    expect(await ended(door.client, executionId)).toMatchObject({
      status: 'STOPPED',
      operatorId: 'tester',
      stopReason: reason,
    });
  });

  it('pauses, resumes and resets a target, each under a new revision and an audit row', async () => {
    await using door = await openEngine(open);
    const paused = await door.client.pause('quick', { reason });
    expect((await door.client.target('quick')).pause).toMatchObject({ operatorId: 'tester', reason });
    const resumed = await door.client.resume('quick', { reason });
    expect((await door.client.target('quick')).pause).toBeUndefined();
    const reset = await door.client.reset('quick', { reason });
    expect([resumed.auditSeq, reset.auditSeq]).toEqual([paused.auditSeq + 1, paused.auditSeq + 2]);
    const { items, count } = await door.client.auditLogs({ targetId: 'quick' });
    expect(count).toBe(3);
    expect(items.map(({ auditType }) => auditType)).toEqual([
      'TARGET_RESET',
      'TARGET_RESUME',
      'TARGET_PAUSE',
    ]);
    expect(items[0]).toMatchObject({ operatorId: 'tester', reason, outcome: 'OK' });
  });

  it('does a repeated request once and gives its first result', async () => {
    await using door = await openEngine(open);
    const request = { reason, requestId: 'request-0001', params: { n: 1 } };
    const first = await door.client.trigger('quick', request);
    await ended(door.client, first.executionId ?? '');
    expect(await door.client.trigger('quick', request)).toEqual({ ...first, repeated: true });
    expect((await door.client.executions({ jobId: 'quick' })).count).toBe(1);
    const paused = await door.client.pause('quick', { reason, requestId: 'request-0002' });
    const again = await door.client.pause('quick', { reason, requestId: 'request-0002' });
    expect(again).toMatchObject({ auditSeq: paused.auditSeq, repeated: true });
  });
}

function describeRefusals(open: (ops: Ops) => Promise<OpsDoor>): void {
  it('refuses the id of another request with BAT-0106', async () => {
    await using door = await openEngine(open);
    await door.client.trigger('quick', { reason, requestId: 'request-0003' });
    const other = door.client.trigger('quick', { reason, requestId: 'request-0003', params: { n: 2 } });
    await expect(other).rejects.toMatchObject({ code: 'BAT-0106' });
    const elsewhere = door.client.pause('quick', { reason, requestId: 'request-0003' });
    await expect(elsewhere).rejects.toMatchObject({ code: 'BAT-0106' });
  });

  it('refuses an act that was decided on an older revision with BAT-0105', async () => {
    await using door = await openEngine(open);
    const { revision } = await door.client.target('quick');
    await door.client.pause('quick', { reason, expectedRevision: revision });
    const late = door.client.trigger('quick', { reason, expectedRevision: revision });
    await expect(late).rejects.toMatchObject({ code: 'BAT-0105' });
  });

  it('refuses a short reason with INP-0302 and changes nothing', async () => {
    await using door = await openEngine(open);
    await expect(door.client.pause('quick', { reason: 'too short' })).rejects.toMatchObject({
      code: 'INP-0302',
    });
    await expect(door.client.trigger('quick', { reason: ' a b c ' })).rejects.toMatchObject({
      code: 'INP-0302',
    });
    expect((await door.client.target('quick')).pause).toBeUndefined();
    expect((await door.client.auditLogs({})).count).toBe(0);
  });

  it('refuses unknown names: targets with INP-0306, executions with INP-0308', async () => {
    await using door = await openEngine(open);
    const unknown = { code: 'INP-0306' };
    await expect(door.client.target('nobody')).rejects.toMatchObject(unknown);
    await expect(door.client.trigger('nobody', { reason })).rejects.toMatchObject(unknown);
    await expect(door.client.reset('../etc', { reason })).rejects.toMatchObject(unknown);
    const id = '01890000-0000-7000-8000-000000000000';
    await expect(door.client.execution(id)).rejects.toMatchObject({ code: 'INP-0308' });
    await expect(door.client.output(id, 0)).rejects.toMatchObject({ code: 'INP-0308' });
    await expect(door.client.stop(id, { reason })).rejects.toMatchObject({ code: 'INP-0308' });
  });

  it('refuses a second run of a busy target with BAT-0101 and an ended execution with BAT-0102', async () => {
    await using door = await openEngine(open);
    const { executionId = '' } = await door.client.trigger('patient', { reason });
    await expect(door.client.trigger('patient', { reason })).rejects.toMatchObject({ code: 'BAT-0101' });
    await door.client.stop(executionId, { reason });
    await ended(door.client, executionId);
    await expect(door.client.stop(executionId, { reason })).rejects.toMatchObject({ code: 'BAT-0102' });
  });
}

interface ContractEngine extends OpsDoor {
  readonly ops: Ops;
}

const contractConfig: ConfigInput = {
  instance: 'contract',
  targets: [
    {
      id: 'quick',
      on: 'demand',
      run: (context) => context.log(`ran with ${JSON.stringify(context.params)}`),
    },
    {
      id: 'patient',
      on: 'demand',
      stopGrace: '2s',
      run: ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    },
    {
      id: 'speaker',
      on: 'demand',
      run: {
        exec: [process.execPath, '-e', 'console.log("one\\n둘"); setTimeout(() => console.log("three"), 30)'],
      },
    },
  ],
};

async function openEngine(open: (ops: Ops) => Promise<OpsDoor>): Promise<ContractEngine> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'qts-ops-contract-'));
  const ops = createOps({ config: createConfig(contractConfig), stateFolder, logger: silentLogger });
  await ops.start();
  const door = await open(ops);
  return {
    ops,
    client: door.client,
    async [Symbol.asyncDispose]() {
      await ops.abort();
      await door[Symbol.asyncDispose]();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

async function ended(client: OpsClient, executionId: string) {
  return await vi.waitFor(async () => {
    const detail = await client.execution(executionId);
    expect(detail.endedAtMs).toBeDefined();
    return detail;
  }, deadline);
}

/** What is compared: everything a screen shows, in an order of its own. */
interface WatchedState {
  readonly targets: ReadonlyMap<string, TargetView>;
  readonly executions: ReadonlyMap<string, ExecutionView>;
}

function stateOf(snapshot: OpsSnapshot): WatchedState {
  return {
    targets: new Map(snapshot.targets.map((target) => [target.id, target])),
    executions: new Map(snapshot.executions.map((execution) => [execution.id, execution])),
  };
}

/** A watch that has received its snapshot and goes on applying deltas, checking their numbers. */
async function watch(client: OpsClient) {
  const stop = new AbortController();
  const audited: string[] = [];
  const targets = new Map<string, TargetView>();
  const executions = new Map<string, ExecutionView>();
  const first = Promise.withResolvers<void>();
  let seq = 0;
  const take = (message: FeedMessage) => {
    if (message.kind === 'snapshot') {
      for (const target of message.snapshot.targets) targets.set(target.id, target);
      for (const execution of message.snapshot.executions) executions.set(execution.id, execution);
      seq = message.snapshot.seq;
      first.resolve();
    } else if (message.kind === 'delta') {
      const { delta } = message;
      expect(delta.seq).toBe(seq + 1);
      seq = delta.seq;
      if (delta.kind === 'target') targets.set(delta.target.id, delta.target);
      if (delta.kind === 'execution') executions.set(delta.execution.id, delta.execution);
      if (delta.kind === 'audit') audited.push(delta.entry.auditType);
    }
  };
  const reading = (async () => {
    for await (const message of client.watch(stop.signal)) take(message);
  })();
  await Promise.race([first.promise, reading]);
  return {
    audited,
    state: (): WatchedState => ({ targets, executions }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await reading;
    },
  };
}

function drainWatch(messages: AsyncIterable<FeedMessage>) {
  const begun = Promise.withResolvers<void>();
  const done = (async () => {
    for await (const message of messages) if (message.kind === 'snapshot') begun.resolve();
  })();
  done.catch(() => undefined);
  return { begun: begun.promise, done };
}
