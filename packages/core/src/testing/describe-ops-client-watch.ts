import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { silentLogger } from '../adapters/logger-json/json-logger.ts';
import type { OpsClient } from '../client/ops-client.ts';
import type { FeedMessage } from '../client/ops-views.ts';
import { type AlertDetail, checkStatusAt, healthStatusAt } from '../client/watch-views.ts';
import { createConfig } from '../engine/config/load-config.ts';
import { createOps } from '../engine/create-ops.ts';
import type { Ops } from '../engine/ops.ts';
import type { AlertNotice, SendResult } from '../ports/alert-channel.ts';
import { defineAlertChannel } from '../ports/define-alert-channel.ts';
import { defineHealthCheck } from '../ports/define-health-check.ts';
import type { CheckFinding } from '../ports/health-check.ts';
import type { OpsDoor } from './describe-ops-client.ts';

const reason = 'because the contract says so';
const deadline = { timeout: 90_000, interval: 10 };

/** What every client promises about alerts, channels, checks and pings. */
export function describeWatch(open: (ops: Ops) => Promise<OpsDoor>): void {
  describeChecks(open);
  describeAlerts(open);
  describeSilences(open);
  describePings(open);
}

function describeChecks(open: (ops: Ops) => Promise<OpsDoor>): void {
  it('lets checks look now and shows what they find, with the checks of the engine itself', async () => {
    await using door = await openWatched(open);
    const health = await door.client.runChecks(['broker']);
    const broker = health.checks.find(({ id }) => id === 'broker');
    expect(broker).toMatchObject({ kind: 'lamp', critical: true, status: 'pass', message: 'all is well' });
    expect(broker?.staleAtMs).toBeGreaterThan(broker?.lookedAtMs ?? 0);
    expect(Object.keys(broker?.day ?? {})).toContain('pass');
    const own = health.checks.filter(({ id }) => id.startsWith('self-')).map(({ id }) => id);
    for (const id of ['self-scheduler', 'self-store', 'self-outbox', 'self-disk', 'self-channels']) {
      expect(own).toContain(id);
    }
    await expect(door.client.runChecks(['nobody'])).rejects.toMatchObject({ code: 'INP-0904' });
  });

  it('says fail for the whole when a critical check fails, and unknown once nobody looks any more', async () => {
    await using door = await openWatched(open);
    door.world.finding = { status: 'fail', message: 'the broker is silent' };
    const health = await door.client.runChecks(['broker']);
    expect(health.status).toBe('fail');
    const broker = health.checks.find(({ id }) => id === 'broker');
    expect(broker).toMatchObject({ status: 'fail', alertLevel: 'CRITICAL' });
    const later = (broker?.staleAtMs ?? 0) + 1;
    expect(broker && checkStatusAt(broker, later)).toBe('unknown');
    expect(healthStatusAt(broker === undefined ? [] : [broker], later)).toBe('unknown');
  });

  it('tells a watching screen of alerts and checks as they move', async () => {
    await using door = await openWatched(open);
    await using watched = await watchKinds(door.client);
    door.world.finding = { status: 'fail', message: 'the broker is silent' };
    await door.client.runChecks(['broker']);
    await vi.waitFor(() => {
      expect(watched.seen).toContainEqual(['alert', 'check:broker', 'firing']);
      expect(watched.seen).toContainEqual(['check', 'broker', 'fail']);
      expect(watched.seen).toContainEqual(['notices', 'check:broker', 'moved']);
    }, deadline);
    const snapshot = await door.client.snapshot();
    expect(snapshot.alerts.map(({ dedupKey }) => dedupKey)).toContain('check:broker');
    expect(snapshot.alertCount).toBe(snapshot.alerts.length);
    expect(snapshot.health.checks.find(({ id }) => id === 'broker')).toMatchObject({ status: 'fail' });
    door.world.finding = { status: 'pass', message: 'all is well' };
    await door.client.runChecks(['broker']);
    await door.client.runChecks(['broker']);
    await vi.waitFor(
      () => expect(watched.seen).toContainEqual(['alert', 'check:broker', 'resolved']),
      deadline,
    );
  });
}

function describeAlerts(open: (ops: Ops) => Promise<OpsDoor>): void {
  it('shows an alert with what became of its notices, and lists it by level, state and key', async () => {
    await using door = await openWatched(open);
    const id = await raise(door);
    const detail = await vi.waitFor(async () => {
      const found = await door.client.alert(id);
      const history = [{ number: 1, result: 'sent' }];
      expect(ofNotebook(found)).toMatchObject([{ reason: 'first', status: 'sent', attempts: 1, history }]);
      return found;
    }, deadline);
    expect(detail).toMatchObject({
      alertType: 'HEALTH_CHECK',
      level: 'CRITICAL',
      state: 'firing',
      title: '[HEALTH_CHECK] broker',
    });
    expect(door.world.notices.map(({ dedupKey }) => dedupKey)).toEqual(['check:broker']);
    const { client } = door;
    const ids = async (query: Parameters<OpsClient['alerts']>[0]) =>
      (await client.alerts(query)).items.map((alert) => alert.id);
    expect(await ids({ level: 'CRITICAL', open: true })).toEqual([id]);
    expect(await ids({ dedupKey: 'check:broker', acknowledged: false })).toEqual([id]);
    expect(await ids({ state: 'resolved' })).not.toContain(id);
    expect(await client.unacknowledged()).toMatchObject({ CRITICAL: 1 });
    await expect(client.alert('nobody')).rejects.toMatchObject({ code: 'INP-0920' });
    await expect(client.alerts({ limit: 0 })).rejects.toMatchObject({ code: 'INP-0301' });
  });

  it('takes an alert once for a request, gives it back and closes it, each with an audit row', async () => {
    await using door = await openWatched(open);
    const { client } = door;
    const id = await raise(door);
    const request = { reason, requestId: 'request-0101', forMs: 3_600_000 };
    const first = await client.acknowledge(id, request);
    expect(await client.acknowledge(id, request)).toEqual({ ...first, repeated: true });
    expect(await client.alert(id)).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'tester',
      acknowledgedReason: reason,
    });
    expect(await client.unacknowledged()).toMatchObject({ CRITICAL: 0 });
    await expect(client.acknowledge(id, { reason })).rejects.toMatchObject({ code: 'BAT-0601' });
    const back = await client.unacknowledge(id, { reason });
    const closed = await client.closeAlert(id, { reason });
    expect([back.auditSeq, closed.auditSeq]).toEqual([first.auditSeq + 1, first.auditSeq + 2]);
    expect(await client.alert(id)).toMatchObject({ state: 'resolved' });
    const { items } = await client.auditLogs({ targetId: id });
    expect(items.map(({ auditType }) => auditType)).toEqual([
      'ALERT_CLOSE',
      'ALERT_UNACKNOWLEDGE',
      'ALERT_ACKNOWLEDGE',
    ]);
  });

  it('refuses an act without a reason, on nobody, or for too long, and writes nothing', async () => {
    await using door = await openWatched(open);
    const { client } = door;
    const id = await raise(door);
    const { count } = await client.auditLogs({});
    await expect(client.acknowledge(id, { reason: 'short' })).rejects.toMatchObject({ code: 'INP-0302' });
    await expect(client.acknowledge('nobody', { reason })).rejects.toMatchObject({ code: 'INP-0920' });
    const tooLong = client.acknowledge(id, { reason, forMs: 40 * 86_400_000 });
    await expect(tooLong).rejects.toMatchObject({ code: 'INP-0922' });
    expect((await client.auditLogs({})).count).toBe(count);
  });

  it('sends a test notice through one channel and says what became of it', async () => {
    await using door = await openWatched(open);
    const good = await door.client.testChannel('notebook', 'CRITICAL');
    expect(good).toMatchObject({ channelId: 'notebook', delivered: true, attempts: 1 });
    expect(door.world.notices).toMatchObject([{ alertType: 'TEST', level: 'CRITICAL' }]);
    door.world.result = { status: 'rejected', scope: 'message', reason: 'the page is full' };
    const bad = await door.client.testChannel('notebook', 'WARN');
    expect(bad).toMatchObject({ delivered: false, text: expect.stringContaining('the page is full') });
    const channels = await door.client.channels();
    expect(channels.map(({ id }) => id)).toEqual(['log', 'notebook']);
    const { items } = await door.client.auditLogs({ auditType: 'ALERT_TEST' });
    expect(items.map(({ operatorId }) => operatorId)).toEqual(['tester', 'tester']);
    const nobody = door.client.testChannel('nobody', 'CRITICAL');
    await expect(nobody).rejects.toMatchObject({ code: 'INP-0925' });
  });
}

function describeSilences(open: (ops: Ops) => Promise<OpsDoor>): void {
  it('keeps alerts untold that a silence fits, once for a request, until it is ended', async () => {
    await using door = await openWatched(open);
    const { client } = door;
    const request = { reason, requestId: 'request-0102', matchers: ['check=broker'], forMs: 60_000 };
    const made = await client.silence(request);
    expect(await client.silence(request)).toEqual({ ...made, repeated: true });
    expect(await client.silences()).toMatchObject([
      { id: made.silenceId, matchers: ['check=broker'], createdBy: 'tester', reason, active: true },
    ]);
    const id = await raise(door);
    expect(await client.alert(id)).toMatchObject({
      suppressedBy: `silence ${made.silenceId}`,
      silencedBy: made.silenceId,
      deliveries: [],
    });
    const ended = { reason, requestId: 'request-0103' };
    const first = await client.expireSilence(made.silenceId ?? '', ended);
    expect(await client.expireSilence(made.silenceId ?? '', ended)).toEqual({ ...first, repeated: true });
    expect(await client.silences()).toMatchObject([{ id: made.silenceId, active: false, endedBy: 'tester' }]);
    await vi.waitFor(async () => expect(ofNotebook(await client.alert(id))).toHaveLength(1), deadline);
  });

  it('refuses silences that cannot be read or would hide everything', async () => {
    await using door = await openWatched(open);
    for (const matchers of [['broker'], ['check=*'], ['=x1']]) {
      const refused = door.client.silence({ reason, matchers, forMs: 60_000 });
      await expect(refused, matchers.join()).rejects.toMatchObject({ code: 'INP-0921' });
    }
    expect(await door.client.silences()).toEqual([]);
  });
}

function describePings(open: (ops: Ops) => Promise<OpsDoor>): void {
  it('takes signs of life and lets checks read them', async () => {
    await using door = await openWatched(open);
    const { client, world } = door;
    expect(world.lastPing('nightly')).toBeUndefined();
    await client.ping('nightly', { kind: 'start', runId: 'run-1' });
    expect(world.lastPing('nightly')?.startedAtMs).toBeGreaterThan(0);
    await client.ping('nightly', { kind: 'log', body: 'half way' });
    await client.ping('nightly', { kind: 'success', exitCode: 3, body: 'it broke', runId: 'run-1' });
    expect(world.lastPing('nightly')).toMatchObject({ outcome: 'fail', exitCode: 3 });
    expect(world.lastPing('nightly')?.startedAtMs).toBeUndefined();
    await client.ping('nightly', { kind: 'success' });
    expect(world.lastPing('nightly')).toMatchObject({ outcome: 'success', exitCode: 0 });
    const awaitedByNobody = client.ping('nightli', { kind: 'success' });
    await expect(awaitedByNobody).rejects.toMatchObject({ code: 'INP-0942' });
    await expect(client.ping('no/slash', { kind: 'success' })).rejects.toMatchObject({ code: 'INP-0941' });
    const tooMuch = client.ping('nightly', { kind: 'success', exitCode: 300 });
    await expect(tooMuch).rejects.toMatchObject({ code: 'INP-0941' });
  });
}

/** What the channel and the check of a contract engine do, and what they saw. */
interface WatchedWorld {
  finding: CheckFinding;
  result: SendResult;
  readonly notices: AlertNotice[];
  lastPing: (key: string) => { readonly startedAtMs?: number | undefined } | undefined;
}

interface WatchedEngine extends OpsDoor {
  readonly ops: Ops;
  readonly world: WatchedWorld;
}

async function openWatched(open: (ops: Ops) => Promise<OpsDoor>): Promise<WatchedEngine> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'qts-ops-watched-'));
  const world: WatchedWorld = {
    finding: { status: 'pass', message: 'all is well' },
    result: { status: 'sent' },
    notices: [],
    lastPing: () => undefined,
  };
  const config = createConfig({
    instance: 'contract',
    targets: [{ id: 'idle', on: 'demand', run: () => undefined }],
    plugins: pluginsOf(world),
  });
  const ops = createOps({ config, stateFolder, logger: silentLogger });
  await ops.start();
  const door = await open(ops);
  // A check is made at its first look, and with it the way to the pings.
  await door.client.runChecks(['broker']);
  return {
    ops,
    world,
    client: door.client,
    async [Symbol.asyncDispose]() {
      await ops.abort();
      await door[Symbol.asyncDispose]();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

function pluginsOf(world: WatchedWorld) {
  const notebook = defineAlertChannel({
    name: 'notebook',
    apiVersion: 1,
    options: z.strictObject({ lit: z.boolean().default(true) }),
    capabilities: { formats: ['text'], rate: { perSecond: 100, burst: 100 } },
    create: () => ({
      send: async (notice) => {
        world.notices.push(notice);
        return world.result;
      },
    }),
  });
  const lamp = defineHealthCheck({
    name: 'lamp',
    apiVersion: 1,
    options: z.strictObject({ lit: z.boolean().default(true) }),
    capabilities: { effect: 'read', network: false },
    defaults: { intervalMs: 60_000, timeoutMs: 1000 },
    create: (_options, context) => {
      world.lastPing = (key) => context.lastPing?.(key);
      return { check: async () => world.finding };
    },
  });
  return [notebook({}), lamp({ id: 'broker', critical: true })];
}

/** What became of the notices to our own channel; the log is told as well. */
function ofNotebook({ deliveries }: AlertDetail) {
  return deliveries.filter(({ channelId }) => channelId === 'notebook');
}

/** Lets the broker fail; returns the id of its alert. */
async function raise({ client, world }: WatchedEngine): Promise<string> {
  world.finding = { status: 'fail', message: 'the broker is silent' };
  await client.runChecks(['broker']);
  const { items } = await client.alerts({ dedupKey: 'check:broker' });
  return items[0]?.id ?? '';
}

async function watchKinds(client: OpsClient) {
  const stop = new AbortController();
  const seen: Array<readonly [string, string, string]> = [];
  const first = Promise.withResolvers<void>();
  const take = (message: FeedMessage) => {
    if (message.kind === 'snapshot') first.resolve();
    if (message.kind !== 'delta') return;
    const { delta } = message;
    if (delta.kind === 'alert') seen.push(['alert', delta.alert.dedupKey, delta.alert.state]);
    if (delta.kind === 'alert' && delta.alert.noticesMovedAtMs !== undefined) {
      seen.push(['notices', delta.alert.dedupKey, 'moved']);
    }
    if (delta.kind === 'check') seen.push(['check', delta.check.id, delta.check.status]);
  };
  const reading = (async () => {
    for await (const message of client.watch(stop.signal)) take(message);
  })();
  await Promise.race([first.promise, reading]);
  return {
    seen,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await reading;
    },
  };
}
