import type { BackupsView, KeepActName, KeepActRequest } from '../../client/keep-client.ts';
import type {
  ActRequest,
  ActResult,
  OpsClient,
  OutputChunk,
  Page,
  TriggerRequest,
} from '../../client/ops-client.ts';
import type {
  AuditView,
  ExecutionDetail,
  ExecutionView,
  FeedMessage,
  HistoryView,
  JobView,
  OpsSnapshot,
  TargetDetail,
} from '../../client/ops-views.ts';
import type { AuditQuery } from '../../guard/audit/audit-entry.ts';
import type { ExecutionQuery } from '../../run/executions/execution-store.ts';
import { readFeed } from './feed-reader.ts';
import { explain, openStream, requireProtocol } from './http-exchange.ts';
import { readAnswer } from './problem-reader.ts';
import { instant, type SocketClientOptions } from './socket-asking.ts';
import { SocketWatch } from './socket-watch.ts';

export { ANSWER_TIMEOUT_MS, type SocketClientOptions } from './socket-asking.ts';

/** A stream that is silent for so long is given up; beats arrive every few seconds. */
const SILENT_MS = 60_000;

/** Everything an operator can ask, over the engine's unix socket. Nothing is opened before the first question. */
export function connectSocket(options: SocketClientOptions): OpsClient {
  return new SocketClient(options);
}

class SocketClient extends SocketWatch implements OpsClient {
  readonly #options: SocketClientOptions;

  constructor(options: SocketClientOptions) {
    super(options);
    this.#options = options;
  }

  async snapshot(): Promise<OpsSnapshot> {
    const snapshot = await this.get<OpsSnapshot>('/admin/snapshot');
    requireProtocol(snapshot.protocol, this.#options.socketPath);
    return snapshot;
  }

  async *watch(signal: AbortSignal): AsyncGenerator<FeedMessage, void> {
    const ended = AbortSignal.any([signal, this.closed.signal]);
    const stream = this.question('GET', '/admin/stream', ended);
    try {
      while (!ended.aborted) {
        const response = await openStream(stream, SILENT_MS);
        try {
          if (response.statusCode !== 200)
            readAnswer({ status: response.statusCode ?? 0, text: await textOf(response) });
          yield* readFeed(response, this.#options.socketPath);
        } finally {
          response.destroy();
        }
      }
    } catch (error) {
      if (!ended.aborted) throw explain(error, stream);
    }
  }

  target(id: string): Promise<TargetDetail> {
    return this.get(`/admin/targets/${encodeURIComponent(id)}`);
  }

  async jobs(): Promise<readonly JobView[]> {
    return (await this.get<Page<JobView>>('/admin/jobs', { all: 'true' })).items;
  }

  history(): Promise<HistoryView> {
    return this.get('/admin/history');
  }

  executions(query: ExecutionQuery): Promise<Page<ExecutionView>> {
    return this.get('/admin/batch/executions', {
      job_id: query.jobId,
      status: query.status,
      run_type: query.runType,
      start_date: instant(query.fromMs),
      end_date: instant(query.toMs),
      limit: query.limit,
      offset: query.offset,
    });
  }

  execution(id: string): Promise<ExecutionDetail> {
    return this.get(`/admin/batch/executions/${encodeURIComponent(id)}`, { include_logs: 'true' });
  }

  output(executionId: string, offset: number): Promise<OutputChunk> {
    return this.get(`/admin/batch/executions/${encodeURIComponent(executionId)}/output`, { offset });
  }

  auditLogs(query: AuditQuery): Promise<Page<AuditView>> {
    return this.get('/admin/audit-logs', {
      audit_type: query.auditType,
      target_type: query.targetType,
      target_id: query.targetId,
      operator_id: query.operatorId,
      start_date: instant(query.fromMs),
      end_date: instant(query.toMs),
      limit: query.limit,
      offset: query.offset,
    });
  }

  trigger(targetId: string, request: TriggerRequest): Promise<ActResult> {
    return this.act(`/admin/batch/executions/${encodeURIComponent(targetId)}/start`, request, {
      operator_reason: request.reason,
      ...(request.params === undefined ? {} : { params: request.params }),
      ...(request.parentExecutionId === undefined ? {} : { parent_execution_id: request.parentExecutionId }),
    });
  }

  stop(executionId: string, request: ActRequest): Promise<ActResult> {
    const path = `/admin/batch/executions/${encodeURIComponent(executionId)}/stop`;
    return this.act(path, request, { reason: request.reason });
  }

  pause(targetId: string, request: ActRequest): Promise<ActResult> {
    return this.#steer(targetId, 'pause', request);
  }

  resume(targetId: string, request: ActRequest): Promise<ActResult> {
    return this.#steer(targetId, 'resume', request);
  }

  reset(targetId: string, request: ActRequest): Promise<ActResult> {
    return this.#steer(targetId, 'reset', request);
  }

  backups(): Promise<BackupsView> {
    return this.get('/admin/backups');
  }

  recordKeepAct(act: KeepActName, request: KeepActRequest): Promise<ActResult> {
    const { reason, subject } = request;
    return this.act('/admin/backups/acts', request, { act, subject, reason });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed.abort(new Error('the client was closed'));
  }

  #steer(targetId: string, act: 'pause' | 'resume' | 'reset', request: ActRequest): Promise<ActResult> {
    return this.act(`/admin/targets/${encodeURIComponent(targetId)}/${act}`, request, {
      reason: request.reason,
    });
  }
}

async function textOf(response: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}
