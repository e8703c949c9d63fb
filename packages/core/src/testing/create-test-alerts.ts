import { randomBytes } from 'node:crypto';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { OpsChange, OpsStore } from '../engine/ops-store.ts';
import { AuditedActs, osUserAuthorizer } from '../guard/access/manual-acts.ts';
import type { ManualAction } from '../kernel/actor.ts';
import { uuidv7 } from '../kernel/ids.ts';
import type { AlertNotice, SendCall, SendResult } from '../ports/alert-channel.ts';
import type { Logger } from '../ports/logger.ts';
import type { NetworkIsolation } from '../ports/network-isolation.ts';
import type { AlertSignal, RaiseSignal } from '../watch/alerts/alert.ts';
import { type AlertSettings, defaultAlertSettings } from '../watch/alerts/alert-settings.ts';
import { type AlertActs, Alerts } from '../watch/alerts/alerts.ts';
import type { BoundChannel } from '../watch/alerts/channel-lane.ts';
import { renderNotice } from '../watch/alerts/render/render-notice.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A channel that keeps what it is given and answers what the test says. */
export class TestChannel {
  /** Notices in the order they were handed over, failed attempts included. */
  readonly notices: AlertNotice[] = [];
  /** What the channel answers; may throw, hang or change over time. */
  answer: (notice: AlertNotice, call: SendCall) => SendResult | Promise<SendResult> = () => ({
    status: 'sent',
  });
  readonly bound: BoundChannel;

  constructor(id: string, rate = { perSecond: 1000, burst: 1000 }) {
    this.bound = {
      id,
      kind: id,
      capabilities: {
        formats: ['text'],
        titleMax: 150,
        bodyMax: 4000,
        threads: false,
        idempotent: false,
        rate,
      },
      instance: {
        send: async (notice, _rendered, call) => {
          this.notices.push(notice);
          return this.answer(notice, call);
        },
      },
    };
  }

  /** One line for each notice: reason, state and key. */
  get told(): readonly string[] {
    return this.notices.map(({ reason, state, dedupKey }) => `${reason} ${state} ${dedupKey}`);
  }

  /** Forgets what it was given. */
  clear(): void {
    this.notices.length = 0;
  }
}

/** What test alerts may be given; everything has a default. */
export interface TestAlertsOptions {
  readonly channels?: readonly TestChannel[];
  readonly settings?: Partial<AlertSettings>;
  readonly clock?: VirtualClock;
  /** Says whether our own connection is down; never when absent. */
  readonly isolation?: NetworkIsolation;
  /** Instead of a store of its own; stays open. */
  readonly store?: OpsStore;
}

/** Alerts on a virtual clock with a real store. */
export interface TestAlerts extends AsyncDisposable {
  readonly alerts: Alerts<OpsChange>;
  readonly acts: AlertActs<OpsChange>;
  readonly clock: VirtualClock;
  readonly store: OpsStore;
  /** Lines that were logged as warnings or errors. */
  readonly logged: readonly string[];
  /** Raises an alert of the key; ERROR unless said otherwise. */
  raise(dedupKey: string, more?: Partial<RaiseSignal>): Promise<void>;
  resolve(dedupKey: string): Promise<void>;
  signal(signal: AlertSignal): Promise<void>;
  /** Ends this process's alerts as a death would: nothing is waited for. */
  die(): void;
}

/** An act of an operator with a reason that is long enough. */
export function testAct(operatorId = 'kim'): ManualAction {
  const requestId = randomBytes(8).toString('hex');
  return { actor: { operatorId, method: 'library' }, reason: 'looking into this problem', requestId };
}

/** Starts alerts for a test: time passes only through `clock`. */
export async function createTestAlerts(options: TestAlertsOptions = {}): Promise<TestAlerts> {
  const { channels = [new TestChannel('mail')] } = options;
  const clock = options.clock ?? new VirtualClock();
  const now = () => clock.now();
  const store = options.store ?? (await openSqliteStore({ path: ':memory:', now }));
  const logged: string[] = [];
  const dead = { yes: false };
  const bound = channels.map((channel) => channel.bound);
  const alerts = new Alerts<OpsChange>({
    record: {
      commit: (changes) => (dead.yes ? new Promise(() => undefined) : store.commit(changes)),
      readAlerts: (sinceMs) => store.readAlerts(sinceMs),
      readForgettable: (beforeMs, limit) => store.readForgettable(beforeMs, limit),
    },
    clock,
    randomness: { bytes: (count) => randomBytes(count) },
    logger: linesOf(logged),
    bootId: uuidv7(clock.now(), randomBytes(10)),
    settings: { ...defaultAlertSettings(bound), ...options.settings },
    origin: { instance: 'test', environment: 'LAB', timeZone: 'UTC' },
    channels: [logless(), ...bound],
    render: renderNotice,
    redact: (text) => text,
    isolation: options.isolation,
  });
  await alerts.load();
  alerts.start();
  const acts = new AuditedActs({ store, authorizer: osUserAuthorizer, clock, host: 'test' });
  const signal = (one: AlertSignal) => alerts.signal(one);
  return {
    alerts,
    acts: alerts.acts(acts, { find: (id) => store.findAlert(id) }),
    clock,
    store,
    logged,
    signal,
    raise: (dedupKey, more = {}) => signal(raiseOf(dedupKey, { atMs: clock.now(), ...more })),
    resolve: (dedupKey) => signal({ kind: 'resolve', dedupKey, atMs: clock.now() }),
    die: () => {
      dead.yes = true;
    },
    async [Symbol.asyncDispose]() {
      if (dead.yes) return;
      const closed = alerts.close();
      await clock.advance(10_000);
      await closed;
      if (options.store === undefined) await store.close();
    },
  };
}

function raiseOf(dedupKey: string, more: Partial<RaiseSignal> & { readonly atMs: number }): RaiseSignal {
  return {
    kind: 'raise',
    dedupKey,
    alertType: 'SYSTEM_ERROR',
    level: 'ERROR',
    title: dedupKey,
    message: `${dedupKey} is broken`,
    ...more,
  };
}

/** The channel that is always there; nobody looks at it here. */
function logless(): BoundChannel {
  const { bound } = new TestChannel('log');
  return { ...bound, capabilities: { ...bound.capabilities, network: false }, atOnce: 100 };
}

function linesOf(lines: string[]): Logger {
  const line =
    (level: string) =>
    (message: string, fields: object = {}) => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  return { debug: () => {}, info: () => {}, warn: line('warn'), error: line('error') };
}
