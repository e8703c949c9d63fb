import { randomUUID } from 'node:crypto';
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
import type { JsonObject } from '../../kernel/json.ts';
import type { ExecutionQuery } from '../../run/executions/execution-store.ts';
import { readFeed } from './feed-reader.ts';
import { type Exchange, exchange, explain, openStream, requireProtocol } from './http-exchange.ts';
import { readAnswer } from './problem-reader.ts';

/** How long an engine may take to begin an answer. */
export const ANSWER_TIMEOUT_MS = 10_000;

/** A stream that is silent for so long is given up; beats arrive every few seconds. */
const SILENT_MS = 60_000;

/** Where the engine listens and who asks. */
export interface SocketClientOptions {
  readonly socketPath: string;
  /** Account name of the person at this end; stands in every audit row. */
  readonly operatorId: string;
  /** Makes the id of an act that brings none; default: random UUIDs. */
  readonly newRequestId?: (() => string) | undefined;
  /** How long the engine may take to begin an answer. Default 10 s. */
  readonly timeoutMs?: number | undefined;
}

/** Everything an operator can ask, over the engine's unix socket. Nothing is opened before the first question. */
export function connectSocket(options: SocketClientOptions): OpsClient {
  return new SocketClient(options);
}

type Query = Readonly<Record<string, string | number | undefined>>;

class SocketClient implements OpsClient {
  readonly #options: SocketClientOptions;
  readonly #timeoutMs: number;
  readonly #newRequestId: () => string;
  readonly #closed = new AbortController();

  constructor(options: SocketClientOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? ANSWER_TIMEOUT_MS;
    this.#newRequestId = options.newRequestId ?? randomUUID;
  }

  async snapshot(): Promise<OpsSnapshot> {
    const snapshot = await this.#get<OpsSnapshot>('/admin/snapshot');
    requireProtocol(snapshot.protocol, this.#options.socketPath);
    return snapshot;
  }

  async *watch(signal: AbortSignal): AsyncGenerator<FeedMessage, void> {
    const ended = AbortSignal.any([signal, this.#closed.signal]);
    const stream = this.#exchange('GET', '/admin/stream', ended);
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
    return this.#get(`/admin/targets/${encodeURIComponent(id)}`);
  }

  async jobs(): Promise<readonly JobView[]> {
    return (await this.#get<Page<JobView>>('/admin/jobs', { all: 'true' })).items;
  }

  history(): Promise<HistoryView> {
    return this.#get('/admin/history');
  }

  executions(query: ExecutionQuery): Promise<Page<ExecutionView>> {
    return this.#get('/admin/batch/executions', {
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
    return this.#get(`/admin/batch/executions/${encodeURIComponent(id)}`, { include_logs: 'true' });
  }

  output(executionId: string, offset: number): Promise<OutputChunk> {
    return this.#get(`/admin/batch/executions/${encodeURIComponent(executionId)}/output`, { offset });
  }

  auditLogs(query: AuditQuery): Promise<Page<AuditView>> {
    return this.#get('/admin/audit-logs', {
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
    return this.#act(`/admin/batch/executions/${encodeURIComponent(targetId)}/start`, request, {
      operator_reason: request.reason,
      ...(request.params === undefined ? {} : { params: request.params }),
      ...(request.parentExecutionId === undefined ? {} : { parent_execution_id: request.parentExecutionId }),
    });
  }

  stop(executionId: string, request: ActRequest): Promise<ActResult> {
    const path = `/admin/batch/executions/${encodeURIComponent(executionId)}/stop`;
    return this.#act(path, request, { reason: request.reason });
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error('the client was closed'));
  }

  #steer(targetId: string, act: 'pause' | 'resume' | 'reset', request: ActRequest): Promise<ActResult> {
    return this.#act(`/admin/targets/${encodeURIComponent(targetId)}/${act}`, request, {
      reason: request.reason,
    });
  }

  async #act(path: string, request: ActRequest, fields: JsonObject): Promise<ActResult> {
    const revision = request.expectedRevision;
    const body = JSON.stringify({
      ...fields,
      ...(revision === undefined ? {} : { expected_revision: revision }),
    });
    const plain = this.#exchange('POST', path, this.#closed.signal);
    const headers = { ...plain.headers, 'x-idempotency-key': request.requestId ?? this.#newRequestId() };
    // The engine answers with the shapes of ops-views.ts; the protocol number was checked.
    return readAnswer(await exchange({ ...plain, headers, body })) as ActResult;
  }

  async #get<T>(path: string, query: Query = {}): Promise<T> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) search.set(name, String(value));
    const whole = search.size === 0 ? path : `${path}?${search.toString()}`;
    const answer = await exchange(this.#exchange('GET', whole, this.#closed.signal));
    // The engine answers with the shapes of ops-views.ts; the protocol number was checked.
    return readAnswer(answer) as T;
  }

  #exchange(method: 'GET' | 'POST', path: string, signal: AbortSignal): Exchange {
    return {
      socketPath: this.#options.socketPath,
      method,
      path,
      // Account names may hold any letter, header values may not.
      headers: { 'x-operator': encodeURIComponent(this.#options.operatorId) },
      signal,
      timeoutMs: this.#timeoutMs,
    };
  }
}

function instant(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

async function textOf(response: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}
