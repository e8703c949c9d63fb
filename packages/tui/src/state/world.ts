import type {
  AlertView,
  AuditView,
  EngineView,
  ExecutionView,
  FeedMessage,
  HealthCheckView,
  OpsDelta,
  OpsSnapshot,
  TargetView,
} from '@qts-ops/core/client';
import { mergeAlerts } from './alert-order.ts';

/** Everything the engine has told this screen, as of `asOfMs` on the engine's clock. */
export interface World {
  readonly engine?: EngineView;
  readonly asOfMs: number;
  readonly targets: ReadonlyMap<string, TargetView>;
  /** Newest first. */
  readonly executions: readonly ExecutionView[];
  /** Acts of all operators, newest first. */
  readonly acts: readonly AuditView[];
  /** Open alerts, and those that ended lately; in the order of the list. */
  readonly alerts: readonly AlertView[];
  /** Open alerts that the engine counts and has not sent. */
  readonly alertsUnseen: number;
  readonly checks: ReadonlyMap<string, HealthCheckView>;
  /** How many snapshots have come: before each, messages may have been missed, so what none carries is read again. */
  readonly snapshots: number;
}

/** So many executions are kept; older ones are asked for one target at a time. */
export const EXECUTIONS_KEPT = 500;

/** So many acts of operators are kept for the screen. */
export const ACTS_KEPT = 50;

/** The world before the first snapshot. */
export const EMPTY_WORLD: World = {
  asOfMs: 0,
  targets: new Map(),
  executions: [],
  acts: [],
  alerts: [],
  alertsUnseen: 0,
  checks: new Map(),
  snapshots: 0,
};

/** The world after these messages, in order; the maps are copied once for the whole batch. */
export function applyMessages(world: World, messages: readonly FeedMessage[]): World {
  let next = world;
  let deltas: OpsDelta[] = [];
  for (const message of messages) {
    if (message.kind === 'delta') deltas.push(message.delta);
    else if (message.kind === 'snapshot') {
      deltas = [];
      next = fromSnapshot(next, message.snapshot);
    }
  }
  return deltas.length === 0 ? next : applyDeltas(next, deltas);
}

/** Puts acts that were read from the audit log under those that arrived since; each number once. */
export function withActs(world: World, acts: readonly AuditView[]): World {
  return { ...world, acts: mergeActs(world.acts, acts) };
}

/** Puts alerts that were read from the history under those that the feed has told; what the feed told is newer. */
export function withAlertHistory(world: World, alerts: readonly AlertView[]): World {
  const told = new Set(world.alerts.map(({ id }) => id));
  // An alert that the engine no longer counts as open has ended since it was read.
  const fresh = alerts.filter(({ id, state }) => !told.has(id) && state === 'resolved');
  return fresh.length === 0 ? world : { ...world, alerts: mergeAlerts(fresh, world.alerts) };
}

/** Merges two lists of executions: the newer list wins for the same id; newest first, at most `limit`. */
export function mergeExecutions(
  older: readonly ExecutionView[],
  newer: readonly ExecutionView[],
  limit: number,
): readonly ExecutionView[] {
  const byId = new Map<string, ExecutionView>();
  for (const execution of older) byId.set(execution.id, execution);
  for (const execution of newer) byId.set(execution.id, execution);
  return [...byId.values()].sort(newestFirst).slice(0, limit);
}

function newestFirst(a: ExecutionView, b: ExecutionView): number {
  return b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1);
}

function fromSnapshot(world: World, snapshot: OpsSnapshot): World {
  return {
    engine: snapshot.engine,
    asOfMs: snapshot.atMs,
    targets: new Map(snapshot.targets.map((target) => [target.id, target])),
    executions: mergeExecutions([], snapshot.executions, EXECUTIONS_KEPT),
    acts: world.acts,
    // Of ended alerts a snapshot says nothing; an open one that it does not name has ended meanwhile.
    alerts: mergeAlerts(
      world.alerts.filter(({ state }) => state === 'resolved'),
      snapshot.alerts,
    ),
    alertsUnseen: Math.max(0, snapshot.alertCount - snapshot.alerts.length),
    checks: new Map(snapshot.health.checks.map((check) => [check.id, check])),
    snapshots: world.snapshots + 1,
  };
}

function applyDeltas(world: World, deltas: readonly OpsDelta[]): World {
  const targets = new Map(world.targets);
  const executions: ExecutionView[] = [];
  const acts: AuditView[] = [];
  const alerts: AlertView[] = [];
  const checks: HealthCheckView[] = [];
  let { engine, asOfMs } = world;
  for (const delta of deltas) {
    asOfMs = Math.max(asOfMs, delta.atMs);
    if (delta.kind === 'target') targets.set(delta.target.id, delta.target);
    else if (delta.kind === 'execution') executions.push(delta.execution);
    else if (delta.kind === 'audit') acts.push(delta.entry);
    else if (delta.kind === 'alert') alerts.push(delta.alert);
    else if (delta.kind === 'check') checks.push(delta.check);
    else engine = delta.engine;
  }
  return {
    ...(engine === undefined ? {} : { engine }),
    asOfMs,
    targets,
    executions:
      executions.length === 0
        ? world.executions
        : mergeExecutions(world.executions, executions, EXECUTIONS_KEPT),
    acts: acts.length === 0 ? world.acts : mergeActs(acts, world.acts),
    alerts: alerts.length === 0 ? world.alerts : mergeAlerts(world.alerts, alerts),
    alertsUnseen: world.alertsUnseen,
    checks:
      checks.length === 0
        ? world.checks
        : new Map([...world.checks, ...checks.map((check) => [check.id, check] as const)]),
    snapshots: world.snapshots,
  };
}

function mergeActs(first: readonly AuditView[], second: readonly AuditView[]): readonly AuditView[] {
  const bySeq = new Map<number, AuditView>();
  for (const act of [...second, ...first]) bySeq.set(act.seq, act);
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq).slice(0, ACTS_KEPT);
}
