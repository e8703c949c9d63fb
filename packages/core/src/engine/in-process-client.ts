import type { BackupsView, KeepActName, KeepActRequest } from '../client/keep-client.ts';
import type {
  ActRequest,
  ActResult,
  OpsClient,
  OutputChunk,
  Page,
  TriggerRequest,
} from '../client/ops-client.ts';
import type {
  AuditView,
  ExecutionDetail,
  ExecutionView,
  FeedMessage,
  HistoryView,
  JobView,
  OpsSnapshot,
  TargetDetail,
} from '../client/ops-views.ts';
import type { AuditQuery } from '../guard/audit/audit-entry.ts';
import type { Actor } from '../kernel/actor.ts';
import type { CommitResult } from '../kernel/change.ts';
import { findError } from '../kernel/define-errors.ts';
import { opsException } from '../kernel/ops-exception.ts';
import type { ManualActs } from '../ports/manual-acts.ts';
import type { OutputFiles } from '../ports/output-files.ts';
import type { Execution } from '../run/executions/execution.ts';
import type { ExecutionQuery } from '../run/executions/execution-store.ts';
import type { Executions } from '../run/executions/executions.ts';
import type { Runs } from '../run/executions/runs.ts';
import { upcomingOpenSlots } from '../run/scheduler/session-slots.ts';
import type { TargetStates } from '../run/targets/target-states.ts';
import type { TargetAct, Targets } from '../run/targets/targets.ts';
import type { KeepBook } from './keep/keep-book.ts';
import { recordKeepAct } from './keep/keep-record.ts';
import type { OpsFeed } from './ops-feed.ts';
import type { OpsChange } from './ops-store.ts';
import { pageOf } from './page-rules.ts';
import { skipViews } from './skip-views.ts';
import { auditView, executionView } from './view-rules.ts';
import { InProcessWatch, type WatchServices } from './watch/in-process-watch.ts';

const DAY_MS = 86_400_000;

/** The services that answer an operator. */
export interface ClientServices extends WatchServices {
  readonly states: TargetStates<OpsChange>;
  readonly targets: Targets;
  readonly executions: Executions;
  readonly runs: Runs;
  readonly feed: OpsFeed;
  readonly outputFiles: OutputFiles;
  /** Days of history that are always kept. */
  readonly historyDays: number;
  readonly keep: KeepBook;
  readonly acts: ManualActs;
  /** The one way anything is written. */
  readonly commit: (changes: readonly OpsChange[]) => Promise<CommitResult>;
  /** Makes the views of everything that was committed up to now. */
  readonly freshen: () => void;
}

/** What an operator can ask, answered by the services of this process. */
export class InProcessClient extends InProcessWatch implements OpsClient {
  readonly #services: ClientServices;

  constructor(services: ClientServices, actor: Actor) {
    super(services, actor);
    this.#services = services;
  }

  async snapshot(): Promise<OpsSnapshot> {
    this.#services.freshen();
    return this.#services.feed.snapshot();
  }

  watch(signal: AbortSignal): AsyncIterable<FeedMessage> {
    return this.#services.feed.watch(signal);
  }

  async target(id: string): Promise<TargetDetail> {
    const { store, states, feed, clock } = this.#services;
    const definition = states.requireDefinition(id);
    this.#services.freshen();
    const view = feed.target(id);
    if (view === undefined)
      throw opsException('INP-0306', `target ${id} is not shown yet; the engine is starting`);
    const nowMs = clock.now();
    const [day, skips] = await Promise.all([
      store.readStatistics(id, nowMs - DAY_MS),
      store.readSkips(id, 20),
    ]);
    const nextSlotsMs =
      definition.schedule === undefined ? [] : upcomingOpenSlots(definition.schedule, nowMs, 5);
    return { ...view, day, skips: await skipViews(definition, skips, this.#services), nextSlotsMs };
  }

  jobs(): Promise<readonly JobView[]> {
    return this.#services.store.readJobs();
  }

  async history(): Promise<HistoryView> {
    const { store, clock, historyDays } = this.#services;
    const plan = await store.planHistory(clock.now() - historyDays * DAY_MS);
    return { keptDays: historyDays, ...plan };
  }

  async executions(query: ExecutionQuery): Promise<Page<ExecutionView>> {
    const page = pageOf(query);
    const { items, total } = await this.#services.store.queryExecutions({ ...query, ...page });
    return { items: items.map((execution) => this.#view(execution)), count: total, ...page };
  }

  async execution(id: string): Promise<ExecutionDetail> {
    const { store, runs } = this.#services;
    const execution = await this.#require(id);
    const [transitions, log] = await Promise.all([store.readTransitions(id), store.readLog(id)]);
    const run = runs.find(id);
    const definition =
      execution.errorCode === undefined ? undefined : findError(execution.errorCode)?.definition;
    return {
      ...this.#view(execution),
      fence: execution.fence,
      ...(execution.params === undefined ? {} : { params: execution.params }),
      ...(execution.errorDetail === undefined ? {} : { errorDetail: execution.errorDetail }),
      ...(definition === undefined ? {} : { userMessage: definition.user.en }),
      ...(definition?.remedy === undefined ? {} : { remedy: definition.remedy.en }),
      transitions,
      log,
      outputTail: run === undefined ? execution.output.tail : run.capture.read(0).text.slice(-4096),
      outputTruncated: execution.output.truncated,
    };
  }

  async output(executionId: string, offset: number): Promise<OutputChunk> {
    const run = this.#services.runs.find(executionId);
    if (run !== undefined) return { ...run.capture.read(offset), ended: false };
    const { output, status } = await this.#require(executionId);
    const file = output.file === undefined ? undefined : await this.#services.outputFiles.read(output.file);
    const bytes = Buffer.from(file ?? output.tail, 'utf8');
    const missedBytes = Math.max(0, output.bytes - bytes.length);
    // A follower counted the whole output; what is kept of it stands for all of it.
    const from =
      offset <= 0
        ? 0
        : offset >= output.bytes
          ? bytes.length
          : Math.max(0, bytes.length - (output.bytes - offset));
    const ended = status !== 'READY' && status !== 'RUNNING';
    return { text: bytes.subarray(from).toString('utf8'), nextOffset: output.bytes, missedBytes, ended };
  }

  async auditLogs(query: AuditQuery): Promise<Page<AuditView>> {
    const page = pageOf(query);
    const { items, total } = await this.#services.store.queryAudit({ ...query, ...page });
    return { items: items.map(auditView), count: total, ...page };
  }

  trigger(targetId: string, request: TriggerRequest): Promise<ActResult> {
    const { params, parentExecutionId, expectedRevision } = request;
    const by = this.by(request);
    return this.#services.executions.trigger({ targetId, by, params, parentExecutionId, expectedRevision });
  }

  stop(executionId: string, request: ActRequest): Promise<ActResult> {
    return this.#services.executions.stop({ executionId, by: this.by(request) });
  }

  pause(targetId: string, request: ActRequest): Promise<ActResult> {
    return this.#targetAct(this.#services.targets.pause(this.#onTarget(targetId, request)));
  }

  resume(targetId: string, request: ActRequest): Promise<ActResult> {
    return this.#targetAct(this.#services.targets.resume(this.#onTarget(targetId, request)));
  }

  reset(targetId: string, request: ActRequest): Promise<ActResult> {
    return this.#targetAct(this.#services.targets.reset(this.#onTarget(targetId, request)));
  }

  backups(): Promise<BackupsView> {
    return this.#services.keep.view();
  }

  async recordKeepAct(act: KeepActName, request: KeepActRequest): Promise<ActResult> {
    const { acts, commit, keep } = this.#services;
    const { subject } = request;
    const result = await recordKeepAct(acts, commit, { act, subject, by: this.by(request) });
    // What the act changed has been left in the state folder.
    await keep.refresh();
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The services belong to the engine; a client of this process holds nothing of its own.
  }

  async #targetAct(act: Promise<TargetAct>): Promise<ActResult> {
    return await act;
  }

  #onTarget(targetId: string, request: ActRequest) {
    return { targetId, by: this.by(request), expectedRevision: request.expectedRevision };
  }

  #view(execution: Execution): ExecutionView {
    const run = this.#services.runs.find(execution.id);
    return executionView(run?.execution ?? execution, run);
  }

  async #require(id: string): Promise<Execution> {
    const execution = await this.#services.store.findExecution(id);
    if (execution !== undefined) return execution;
    throw opsException('INP-0308', `execution: ${id}; allowed: the id of a recorded execution`, {
      data: { executionId: id.slice(0, 60) },
    });
  }
}
