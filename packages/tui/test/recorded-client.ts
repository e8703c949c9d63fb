import {
  type AcknowledgeRequest,
  type ActRequest,
  type ActResult,
  type AlertDetail,
  type AlertView,
  type AuditView,
  type BackupsView,
  type ChannelView,
  type ExecutionDetail,
  type ExecutionView,
  type FeedMessage,
  type HealthCheckView,
  type HealthView,
  type JobView,
  type OpsClient,
  type OpsDelta,
  type OpsSnapshot,
  type OutputChunk,
  opsException,
  type Page,
  type SilenceAsk,
  type SilenceView,
  type TargetDetail,
  type TargetView,
} from '@qts-ops/core/client';
import { type Act, isAlertAct } from '../src/state/act.ts';
import { afterAct, auditOf, type SeenRequest } from './recorded-acts.ts';
import { ACTS, executionDetail, executionId, NOW_MS, OUTPUT, snapshotOf } from './recorded-data.ts';
import { ALERTS, alertDetail, BACKUPS, CHANNELS, checksOfTheDay } from './recorded-watch.ts';
import { Watcher } from './recorded-watcher.ts';

const SKIP_TEXT = 'the run before it was still going on, and the overlap policy lets no other start or wait';

type Distributive<T> = T extends unknown ? Omit<T, 'seq' | 'atMs'> : never;
type DeltaBody = Distributive<OpsDelta>;

/**
 * An engine in memory with recorded data: it keeps the promises that the screen relies on (revisions, request ids,
 * snapshot first) and can be told to move on, to fall silent, to refuse or to vanish.
 */
export class RecordedEngine {
  readonly requests: SeenRequest[] = [];
  readonly effects: SeenRequest[] = [];
  #snapshot: OpsSnapshot;
  #watchers = new Set<Watcher>();
  #answered = new Map<string, ActResult>();
  #auditSeq = 55_213;
  #nowMs = NOW_MS;
  /** True while nobody answers on the socket. */
  down = false;
  /** What it tells about backups when asked. */
  backups: BackupsView = BACKUPS;
  /** Acts of operators as the audit log has them, newest first. */
  acts: readonly AuditView[] = ACTS;
  /** True while details of a target cannot be read. */
  detailsFail = false;
  /** Alerts that were asked for, in order. */
  readonly alertReads: string[] = [];
  /** What is silenced. */
  silences: readonly SilenceView[] = [];
  /** `before`: the next act is lost before it is done; `after`: done, but the answer is lost. */
  loseNextAct: 'before' | 'after' | undefined;
  /** Acts wait until `release` is called. */
  hold = false;
  #held: (() => void)[] = [];

  constructor(snapshot: OpsSnapshot = snapshotOf()) {
    this.#snapshot = snapshot;
  }

  connect = (): OpsClient => new RecordedClient(this);

  get snapshot(): OpsSnapshot {
    return this.#snapshot;
  }

  target(id: string): TargetView {
    const found = this.#snapshot.targets.find((target) => target.id === id);
    if (found === undefined) throw opsException('INP-0304', `target ${id}: not in the config`);
    return found;
  }

  /** Moves the engine's clock. */
  tick(ms: number): void {
    this.#nowMs += ms;
  }

  /** Changes one target and tells everybody; the revision grows. */
  change(id: string, change: Partial<TargetView>): void {
    const before = this.target(id);
    const target = { ...before, revision: before.revision + 1, ...change };
    this.#put(target);
  }

  /** Ends a pause or a run: fields that must be absent cannot be changed to undefined. */
  drop(id: string, field: 'pause' | 'running'): void {
    const before = this.target(id);
    const { [field]: _, ...rest } = before;
    this.#put({ ...rest, revision: before.revision + 1 });
  }

  execute(execution: ExecutionView): void {
    const executions = [execution, ...this.#snapshot.executions.filter(({ id }) => id !== execution.id)];
    this.#snapshot = { ...this.#snapshot, executions };
    this.#tell({ kind: 'execution', execution });
  }

  /** A target that the config has gained. */
  addTarget(target: TargetView): void {
    this.#snapshot = { ...this.#snapshot, targets: [...this.#snapshot.targets, target] };
    this.#tell({ kind: 'target', target });
  }

  alert(id: string): AlertView {
    const found = [...this.#snapshot.alerts, ...ALERTS].find((alert) => alert.id === id);
    if (found === undefined) throw opsException('INP-0920', `alert ${id}: unknown`);
    return found;
  }

  /** Changes one alert, or opens a new one, and tells everybody. */
  putAlert(alert: AlertView): void {
    const others = this.#snapshot.alerts.filter(({ id }) => id !== alert.id);
    const alerts = alert.state === 'resolved' ? others : [...others, alert];
    this.#snapshot = { ...this.#snapshot, alerts, alertCount: alerts.length };
    this.#tell({ kind: 'alert', alert });
  }

  /** What a check says now. */
  putCheck(check: HealthCheckView): void {
    const { health } = this.#snapshot;
    const checks = [...health.checks.filter(({ id }) => id !== check.id), check];
    this.#snapshot = { ...this.#snapshot, health: { ...health, checks } };
    this.#tell({ kind: 'check', check });
  }

  beat(): void {
    for (const watcher of this.#watchers)
      watcher.push({ kind: 'beat', atMs: this.#nowMs, seq: this.#snapshot.seq });
  }

  /** Ends every connection. */
  lose(): void {
    this.down = true;
    const lost = opsException('EXT-0105', 'engine at /srv/desk/.qts-ops/engine.sock: it ended the stream');
    for (const watcher of this.#watchers) watcher.fail(lost);
    this.#watchers.clear();
  }

  restart(bootId: string): void {
    this.lose();
    this.#snapshot = { ...this.#snapshot, engine: { ...this.#snapshot.engine, bootId } };
    this.down = false;
  }

  release(): void {
    this.hold = false;
    for (const go of this.#held.splice(0)) go();
  }

  watch(watcher: Watcher): () => void {
    if (this.down) throw unreachable();
    this.#watchers.add(watcher);
    watcher.push({ kind: 'snapshot', snapshot: { ...this.#snapshot, atMs: this.#nowMs } });
    return () => this.#watchers.delete(watcher);
  }

  async perform(
    act: Act,
    subject: string,
    request: ActRequest & { readonly forMs?: number | undefined },
  ): Promise<ActResult> {
    if (this.hold) await new Promise<void>((go) => this.#held.push(go));
    if (this.down) throw unreachable();
    const seen = { ...request, act, subject };
    this.requests.push(seen);
    const lose = this.loseNextAct;
    this.loseNextAct = undefined;
    if (lose === 'before') throw unreachable();
    const result = this.#apply(seen);
    if (lose === 'after') throw unreachable();
    return result;
  }

  #apply(seen: SeenRequest): ActResult {
    const requestId = seen.requestId ?? '';
    const answered = this.#answered.get(requestId);
    if (answered !== undefined) return { ...answered, repeated: true };
    if (isAlertAct(seen.act)) return this.#applyToAlert(seen);
    if (seen.act === 'unsilence') return this.#endSilence(seen);
    const target = this.#targetOf(seen);
    if (seen.expectedRevision !== undefined && seen.expectedRevision !== target.revision) {
      throw opsException(
        'BAT-0105',
        `target ${target.id}: revision ${target.revision}, expected ${seen.expectedRevision}`,
      );
    }
    this.#auditSeq += 1;
    const runId = executionId(50_000 + this.#auditSeq);
    const result: ActResult = {
      auditSeq: this.#auditSeq,
      targetRevision: target.revision + 1,
      repeated: false,
      ...(seen.act === 'run' ? { executionId: runId } : {}),
    };
    this.#answered.set(requestId, result);
    this.effects.push(seen);
    this.#effect(seen, target, runId);
    this.#tell({ kind: 'audit', entry: auditOf(seen, this.#auditSeq, this.#nowMs) });
    return result;
  }

  #applyToAlert(seen: SeenRequest): ActResult {
    const key = /^dedupKey=(.*)$/u.exec(seen.subject)?.[1];
    const known =
      key === undefined ? undefined : this.#snapshot.alerts.find(({ dedupKey }) => dedupKey === key);
    const alert = known ?? this.alert(seen.subject);
    if (seen.act === 'acknowledge' && alert.acknowledgedBy !== undefined) {
      throw opsException('BAT-0601', `alert ${alert.id}: acknowledged by ${alert.acknowledgedBy}`);
    }
    this.#auditSeq += 1;
    const result: ActResult = { auditSeq: this.#auditSeq, repeated: false };
    this.#answered.set(seen.requestId ?? '', result);
    this.effects.push(seen);
    this.putAlert(afterAct(alert, seen, this.#nowMs));
    this.#tell({ kind: 'audit', entry: auditOf(seen, this.#auditSeq, this.#nowMs) });
    return result;
  }

  #endSilence(seen: SeenRequest): ActResult {
    const silence = this.silences.find(({ id }) => id === seen.subject);
    if (silence === undefined || silence.endsAtMs <= this.#nowMs) {
      throw opsException('INP-0923', `silence: ${seen.subject}; allowed: one that has not ended`);
    }
    this.#auditSeq += 1;
    const result: ActResult = { auditSeq: this.#auditSeq, repeated: false };
    this.#answered.set(seen.requestId ?? '', result);
    this.effects.push(seen);
    const ended = { ...silence, endsAtMs: this.#nowMs, active: false };
    this.silences = this.silences.map((known) => (known.id === silence.id ? ended : known));
    this.#tell({ kind: 'audit', entry: auditOf(seen, this.#auditSeq, this.#nowMs) });
    return result;
  }

  #effect(seen: SeenRequest, target: TargetView, runId: string): void {
    if (seen.act === 'pause') {
      this.change(target.id, { pause: { operatorId: 'alice', atMs: this.#nowMs, reason: seen.reason } });
    } else if (seen.act === 'resume') this.drop(target.id, 'pause');
    else if (seen.act === 'reset')
      this.change(target.id, { consecutiveErrors: 0, breaker: { kind: 'closed' } });
    else if (seen.act === 'run') {
      const running = {
        executionId: runId,
        runType: 'MANUAL' as const,
        startedAtMs: this.#nowMs,
        operatorId: 'alice',
        stopping: false,
      };
      this.change(target.id, { running });
    } else if (target.running !== undefined) {
      this.change(target.id, { running: { ...target.running, stopping: true } });
    }
  }

  #targetOf(seen: SeenRequest): TargetView {
    if (seen.act !== 'stop') return this.target(seen.subject);
    const found = this.#snapshot.targets.find((target) => target.running?.executionId === seen.subject);
    if (found === undefined) throw opsException('BAT-0102', `execution ${seen.subject}: it has ended`);
    return found;
  }

  #put(target: TargetView): void {
    const targets = this.#snapshot.targets.map((other) => (other.id === target.id ? target : other));
    this.#snapshot = { ...this.#snapshot, targets };
    this.#tell({ kind: 'target', target });
  }

  #tell(body: DeltaBody): void {
    const seq = this.#snapshot.seq + 1;
    this.#snapshot = { ...this.#snapshot, seq };
    const delta: OpsDelta = { ...body, seq, atMs: this.#nowMs };
    for (const watcher of this.#watchers) watcher.push({ kind: 'delta', delta });
  }
}

class RecordedClient implements OpsClient {
  readonly #engine: RecordedEngine;

  constructor(engine: RecordedEngine) {
    this.#engine = engine;
  }

  async snapshot(): Promise<OpsSnapshot> {
    if (this.#engine.down) throw unreachable();
    return this.#engine.snapshot;
  }

  async *watch(signal: AbortSignal): AsyncGenerator<FeedMessage, void> {
    const watcher = new Watcher();
    const leave = this.#engine.watch(watcher);
    try {
      yield* watcher.read(signal);
    } finally {
      leave();
    }
  }

  async target(id: string): Promise<TargetDetail> {
    if (this.#engine.down) throw unreachable();
    if (this.#engine.detailsFail) throw opsException('EXT-0107', 'the engine did not answer in time');
    const target = this.#engine.target(id);
    const next = target.nextSlotMs;
    return {
      ...target,
      day: { runs: 8614, succeeded: 8608, failed: 5, stopped: 1, p50Ms: 41, p95Ms: 210 },
      skips:
        target.lastSkip === undefined
          ? []
          : [
              {
                targetId: id,
                reason: target.lastSkip.reason,
                fromMs: target.lastSkip.toMs - 600_000,
                toMs: target.lastSkip.toMs,
                count: target.lastSkip.count,
                capped: false,
                reasonText: SKIP_TEXT,
              },
            ],
      nextSlotsMs: next === undefined ? [] : [1, 2, 3, 4, 5].map((slot) => next + slot * 300_000),
    };
  }

  async history() {
    return { keptDays: 90, olderThanMs: 0, executions: 0, logEntries: 0, outputFiles: 0 };
  }

  async jobs(): Promise<readonly JobView[]> {
    return [];
  }

  async executions(query: { jobId?: string | undefined }): Promise<Page<ExecutionView>> {
    const items = this.#engine.snapshot.executions.filter(
      ({ jobId }) => query.jobId === undefined || jobId === query.jobId,
    );
    return { items, count: items.length, limit: 100, offset: 0 };
  }

  async execution(id: string): Promise<ExecutionDetail> {
    const found = this.#engine.snapshot.executions.find((execution) => execution.id === id);
    if (found === undefined) throw opsException('BAT-0101', `execution ${id}: unknown`);
    return executionDetail(found);
  }

  async output(id: string, offset: number): Promise<OutputChunk> {
    const ended = (await this.execution(id)).endedAtMs !== undefined;
    return { text: OUTPUT.slice(offset), nextOffset: OUTPUT.length, missedBytes: 0, ended };
  }

  async auditLogs(): Promise<Page<AuditView>> {
    const items = this.#engine.acts;
    return { items, count: items.length, limit: 20, offset: 0 };
  }

  async backups(): Promise<BackupsView> {
    if (this.#engine.down) throw unreachable();
    return this.#engine.backups;
  }

  async alerts(): Promise<Page<AlertView>> {
    return { items: ALERTS, count: ALERTS.length, limit: 100, offset: 0 };
  }

  async alert(id: string): Promise<AlertDetail> {
    this.#engine.alertReads.push(id);
    return alertDetail(this.#engine.alert(id));
  }

  async unacknowledged() {
    return { INFO: 0, WARN: 0, ERROR: 1, CRITICAL: 1 };
  }

  async channels(): Promise<readonly ChannelView[]> {
    return CHANNELS;
  }

  async silences(): Promise<readonly SilenceView[]> {
    return this.#engine.silences;
  }

  async health(): Promise<HealthView> {
    return { ...this.#engine.snapshot.health, checks: checksOfTheDay() };
  }

  acknowledge(alertId: string, request: AcknowledgeRequest): Promise<ActResult> {
    return this.#engine.perform('acknowledge', alertId, request);
  }

  unacknowledge(alertId: string, request: ActRequest): Promise<ActResult> {
    return this.#engine.perform('unacknowledge', alertId, request);
  }

  silence({ matchers, ...request }: SilenceAsk): Promise<ActResult> {
    return this.#engine.perform('silence', matchers.join(' '), request);
  }

  closeAlert(): Promise<ActResult> {
    return notAsked('closeAlert');
  }

  expireSilence(silenceId: string, request: ActRequest): Promise<ActResult> {
    return this.#engine.perform('unsilence', silenceId, request);
  }

  testChannel(): Promise<never> {
    return notAsked('testChannel');
  }

  runChecks(): Promise<HealthView> {
    return notAsked('runChecks');
  }

  ping(): Promise<never> {
    return notAsked('ping');
  }

  recordKeepAct(): Promise<ActResult> {
    return notAsked('recordKeepAct');
  }

  trigger(targetId: string, request: ActRequest): Promise<ActResult> {
    return this.#engine.perform('run', targetId, request);
  }

  stop(id: string, request: ActRequest): Promise<ActResult> {
    return this.#engine.perform('stop', id, request);
  }

  pause(targetId: string, request: ActRequest): Promise<ActResult> {
    return this.#engine.perform('pause', targetId, request);
  }

  resume(targetId: string, request: ActRequest): Promise<ActResult> {
    return this.#engine.perform('resume', targetId, request);
  }

  reset(targetId: string, request: ActRequest): Promise<ActResult> {
    return this.#engine.perform('reset', targetId, request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is held open.
  }
}

/** The screen has no key for it. */
async function notAsked(what: string): Promise<never> {
  throw new TypeError(`${what}: the screen never asks for it`);
}

function unreachable(): Error {
  return opsException('EXT-0105', 'engine at /srv/desk/.qts-ops/engine.sock: nobody answers');
}
