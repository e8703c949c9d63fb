import type { OpsClient } from '../client/ops-client.ts';
import { AuditedActs, osUserAuthorizer } from '../guard/access/manual-acts.ts';
import type { Actor } from '../kernel/actor.ts';
import type { CommitResult } from '../kernel/change.ts';
import type { Secret } from '../kernel/secret.ts';
import type { PluginContext } from '../ports/alert-channel.ts';
import type { Execution, SlotSkip } from '../run/executions/execution.ts';
import type { EndedExecution } from '../run/executions/execution-rules.ts';
import { Executions } from '../run/executions/executions.ts';
import { type Follow, Runs } from '../run/executions/runs.ts';
import { Dependents } from '../run/scheduler/dependents.ts';
import { Scheduler } from '../run/scheduler/scheduler.ts';
import { slotAfterRun } from '../run/scheduler/turn-rules.ts';
import { TargetStates } from '../run/targets/target-states.ts';
import { Targets } from '../run/targets/targets.ts';
import type { AlertActs, Alerts } from '../watch/alerts/alerts.ts';
import type { HealthChecks } from '../watch/health/health-checks.ts';
import type { EngineParts } from './engine-parts.ts';
import { FeedBinding } from './feed-binding.ts';
import { InProcessClient } from './in-process-client.ts';
import type { KeepBook } from './keep/keep-book.ts';
import { type OpsFeed, SNAPSHOT_EXECUTIONS_MAX } from './ops-feed.ts';
import type { OpsChange, OpsStore } from './ops-store.ts';
import { recoverOrphans } from './recovery.ts';
import { registerTargets } from './register-targets.ts';
import { type MachineReaders, setUpHealth, writeCanary } from './watch/health-setup.ts';
import type { PingBook } from './watch/ping-book.ts';
import { PingDoorKeeper } from './watch/ping-door-keeper.ts';
import { WatchBoard } from './watch/watch-board.ts';

/** The services of an engine that has started. */
export interface EngineServices {
  readonly states: TargetStates<OpsChange>;
  readonly runs: Runs;
  readonly scheduler: Scheduler;
  readonly binding: FeedBinding;
  readonly alerts: Alerts<OpsChange>;
  readonly alertActs: AlertActs<OpsChange>;
  readonly keep: KeepBook;
  readonly health: HealthChecks;
  readonly board: WatchBoard;
  /** Absent where no pings of other hosts are taken. */
  readonly pingDoor: PingDoorKeeper | undefined;
  /** Writes something of its own to the store; tells how long that took, ms. */
  readonly canary: () => Promise<number>;
  readonly client: (actor: Actor) => OpsClient;
}

/** What the services are put together from, besides the world. */
export interface ServiceParts extends EngineParts {
  readonly store: OpsStore;
  readonly feed: OpsFeed;
  readonly alerts: Alerts<OpsChange>;
  /** The one way anything is written: commit, then tell. */
  readonly commit: (changes: readonly OpsChange[]) => Promise<CommitResult>;
  readonly onClockJump: (jumpMs: number) => void;
  /** Grows with every secret that a plugin reads. */
  readonly secrets: readonly Secret[];
  readonly contextOf: (owner: string) => PluginContext;
  readonly pings: PingBook;
  readonly keep: KeepBook;
  readonly machine: MachineReaders | undefined;
}

/** Closes what a dead engine left, registers the targets of the config, and puts the services together. */
export async function assembleServices(parts: ServiceParts): Promise<EngineServices> {
  const { clock, logger, config, processes, self, stateFolder, store, commit, feed } = parts;
  const definitions = new Map(config.targets.map((definition) => [definition.id, definition]));
  const world = { store, processes, clock, logger, stateFolder, definitions, self };
  const recovery = await recoverOrphans(world);
  const known = { definitions: config.targets, stored: recovery.states };
  const registration = await registerTargets(store, known, clock.now());
  const states = new TargetStates<OpsChange>(config.targets, {
    commit,
    readTargetStates: () => store.readTargetStates(),
  });
  states.load(registration.states);
  const runs = new Runs({
    states,
    clock,
    logger,
    runner: parts.runner,
    outputFiles: parts.outputFiles,
    secrets: parts.secrets,
    owner: self,
    pools: config.pools,
    slotAfterRun,
    follow: (ended) => dependents.afterRun(ended),
    afterStops: (...stops) => dependents.afterStops(...stops),
    onMoved: (targetId, what) => {
      binding.moved(targetId, what);
      if (what === 'ended') scheduler.poke(targetId);
      if (what === 'settled-late') scheduler.lookAt(targetId);
    },
  });
  const binding = new FeedBinding({ feed, states, runs, store, clock, logger });
  const dependents = new Dependents({
    states,
    runs: () => runs,
    isPoolFull: (pool) => runs.isPoolFull(pool),
    now: () => clock.now(),
  });
  const { onClockJump } = parts;
  const scheduler = new Scheduler({ states, runs, dependents, clock, logger, host: self.host, onClockJump });
  const follow = await followOfRecords(store, dependents, recovery.closedExecutions);
  // In one transaction: after a death in between, nobody would know any more what still follows from a closed row.
  await scheduler.reconcile(follow, [...recovery.changes, ...registration.changes]);
  recovery.committed();
  await binding.load(SNAPSHOT_EXECUTIONS_MAX);
  const acts = new AuditedActs({ store, authorizer: osUserAuthorizer, clock, host: self.host });
  const { alertActs, health, board, pingDoor } = watchServices(parts, scheduler, acts);
  const { alerts, keep } = parts;
  const live = { states, runs, scheduler, binding, alerts, alertActs, keep, health, board };
  const canary = () => writeCanary(parts);
  return { ...live, pingDoor, canary, client: clientsOf(parts, live, acts) };
}

/** What looks after alerts and checks, and shows them. */
function watchServices(parts: ServiceParts, scheduler: Scheduler, acts: AuditedActs) {
  const { store, alerts, clock, feed } = parts;
  const alertActs = alerts.acts(acts, {
    find: (id) => store.findAlert(id),
    findSilence: async (id) => (await store.readSilences(1000)).find((silence) => silence.id === id),
  });
  const pingDoor = pingDoorOf(parts);
  const health = setUpHealth({
    ...parts,
    pingDoor,
    backupReadings: backupReadings(parts),
    schedulerWakes: () => scheduler.wakes,
  });
  const board = new WatchBoard({
    alerts,
    health,
    clock,
    showAlert: (alert) => feed.showAlert(alert),
    showCheck: (check) => feed.showCheck(check),
  });
  return { alertActs, health, board, pingDoor };
}

function pingDoorOf(parts: ServiceParts): PingDoorKeeper | undefined {
  const { config, openPingDoor: open, pings, logger, contextOf } = parts;
  const door = config.watch.pings;
  if (door === undefined || open === undefined) return undefined;
  return new PingDoorKeeper({ config: door, open, pings, logger, context: contextOf('pings') });
}

/** How old the newest verified backups are; nothing to ask where no backup is configured. */
function backupReadings({ config, keep, backupReadings: given }: ServiceParts) {
  if (given !== undefined || config.keep.backup === undefined) return given;
  return async () => keep.readings();
}

/** What the records of targets that depend on each other lead to, as far back as it can matter. */
async function followOfRecords(
  store: OpsStore,
  dependents: Dependents,
  closed: readonly EndedExecution[],
): Promise<Follow> {
  const executions: Execution[] = [];
  const skips: SlotSkip[] = [];
  const justClosed = new Map(closed.map((execution) => [execution.id, execution]));
  for (const jobId of dependents.involved()) {
    const { items } = await store.queryExecutions({ jobId, runType: 'AUTO', limit: 200 });
    executions.push(...items.toReversed().map((execution) => justClosed.get(execution.id) ?? execution));
    skips.push(...(await store.readSkips(jobId, 50)).toReversed());
  }
  return dependents.afterRecords(executions, skips, closed);
}

function clientsOf(
  parts: ServiceParts,
  live: Omit<EngineServices, 'client' | 'canary' | 'pingDoor'>,
  acts: AuditedActs,
): (actor: Actor) => InProcessClient {
  const { clock, randomness, self, outputFiles, store, feed } = parts;
  const { states, runs, binding, scheduler, alerts, alertActs, health, board } = live;
  const { secrets, pings, keep, commit } = parts;
  const { historyDays } = parts.config;
  const targets = new Targets({ states, acts, clock, onMoved: (targetId) => scheduler.lookAt(targetId) });
  const executions = new Executions({ states, store, runs, acts, clock, randomness, owner: self, secrets });
  const services = {
    store,
    states,
    targets,
    executions,
    runs,
    feed,
    clock,
    randomness,
    outputFiles,
    historyDays,
    secrets,
    alerts,
    alertActs,
    health,
    pings,
    keep,
    acts,
    commit,
  };
  const freshen = () => {
    binding.flush();
    board.flush();
  };
  return (actor) => new InProcessClient({ ...services, freshen }, actor);
}
