import { systemClock } from '../packages/core/src/adapters/clock-system/system-clock.ts';
import type {
  EngineView,
  ExecutionView,
  OpsClient,
  Page,
  TargetDetail,
  TargetView,
} from '../packages/core/src/client/index.ts';
import { OpsFeed } from '../packages/core/src/engine/ops-feed.ts';
import { createConfig } from '../packages/core/src/index.ts';
import { serveSocket } from '../packages/daemon/src/api/serve-socket.ts';

/*
 * `load-engine.ts SOCKET LOAD`: the real feed and the real admin API over targets that only pretend to run, so that a
 * screen gets exactly the load it is measured under. Ends with its parent.
 */

/** What changes how often: nothing; 50 of 1,000 targets ten times a second; every target a screen shows, ten times a second. */
export type Load = 'idle' | 'changes' | 'hot';

const TARGETS = 1000;
const TICK_MS = 100;
const CHANGED_EACH_TICK = 50;
/** More rows than the screen shows; they stand first in its order. */
const SHOWN = 40;

const [socketPath = '', load = 'idle'] = process.argv.slice(2);
const startedAtMs = Date.now();
const feed = new OpsFeed({ clock: systemClock, engine: engineView, beatEveryMs: 2000 });
const targets = Array.from({ length: TARGETS }, (_, n) => newTarget(n));
for (const target of targets) feed.showTarget(target);
const config = createConfig({
  instance: 'bench',
  targets: [{ id: 'a', on: 'demand', run: () => undefined }],
});
await serveSocket({ config, client: () => loadClient() }, socketPath, {
  onFault: (error) => console.error(error),
});
if (load !== 'idle') setInterval(() => change(load === 'hot'), TICK_MS);
process.stdin.resume().on('end', () => process.exit(0));
process.stdout.write('ready\n');

function change(everyShownRow: boolean): void {
  const count = everyShownRow ? SHOWN : CHANGED_EACH_TICK;
  for (let n = 0; n < count; n++) {
    const place = everyShownRow ? n : Math.floor(Math.random() * TARGETS);
    const target = targets[place];
    if (target === undefined) continue;
    const next = afterRun(target);
    targets[place] = next;
    feed.showTarget(next);
  }
}

/** A run that has just ended, as it changes a row: one more outcome, other times. */
function afterRun(target: TargetView): TargetView {
  const atMs = Date.now();
  return {
    ...target,
    revision: target.revision + 1,
    outcomes: `${target.outcomes.slice(1)}.`,
    lastStatus: 'SUCCESS',
    lastEndedAtMs: atMs,
    lastSuccessAtMs: atMs,
    lastDurationMs: 5 + (target.revision % 90),
    nextSlotMs: atMs + 3_600_000,
  };
}

function newTarget(n: number): TargetView {
  return {
    id: `target-${String(n).padStart(4, '0')}`,
    kind: 'function',
    schedule: 'every 1 h',
    revision: 1,
    breaker: { kind: 'closed' },
    consecutiveErrors: 0,
    maxConsecutiveErrors: 3,
    outcomes: '................',
    detached: false,
    lastStatus: 'SUCCESS',
    lastEndedAtMs: startedAtMs,
    lastSuccessAtMs: startedAtMs,
    lastDurationMs: 12,
    nextSlotMs: startedAtMs + 3_600_000,
    graceMs: 60_000,
    timeoutMs: 30_000,
    stopGraceMs: 10_000,
  };
}

function engineView(): EngineView {
  return {
    instance: 'bench',
    environment: 'LAB',
    version: '0.0.0',
    bootId: 'bench-boot',
    pid: process.pid,
    state: 'running',
    startedAtMs,
    timeZone: 'UTC',
    beatEveryMs: 2000,
    stateFolder: '/bench',
  };
}

/** What a screen that only looks asks for. */
function loadClient(): OpsClient {
  const looking: Partial<OpsClient> = {
    snapshot: async () => feed.snapshot(),
    watch: (signal) => feed.watch(signal),
    target: async (id) => detailOf(id),
    executions: async () => emptyPage<ExecutionView>(),
    auditLogs: async () => emptyPage(),
    backups: async () => ({ configured: false, sources: [], backups: [], notes: [], drills: [] }),
    silences: async () => [],
    [Symbol.asyncDispose]: async () => undefined,
  };
  // Nobody steers an engine that pretends.
  return looking as OpsClient;
}

function detailOf(id: string): TargetDetail {
  const target = feed.target(id) ?? newTarget(0);
  return { ...target, day: { runs: 0, succeeded: 0, failed: 0, stopped: 0 }, skips: [], nextSlotsMs: [] };
}

function emptyPage<T>(): Page<T> {
  return { items: [], count: 0, limit: 100, offset: 0 };
}
