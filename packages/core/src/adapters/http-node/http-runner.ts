import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { HttpWork } from '../../ports/target.ts';
import type { WorkHandle, WorkOutcome, WorkRunner, WorkStart } from '../../ports/work-runner.ts';
import { notOurKind } from '../../run/executions/work-errors.ts';
import { AnswerBody } from './answer-body.ts';
import { isExpected, requestFailure, statusFailure } from './http-outcome.ts';

/** How long a connection may take, name look-up and TLS included. */
const CONNECT_TIMEOUT_MS = 10_000;

/** After so much of a body that nobody keeps, reading rests a little: a flood must not take the engine's time. */
const DROPPED_REST_BYTES = 1024 * 1024;
const REST_MS = 50;

/** What the runner may be given. */
export interface HttpRunnerOptions {
  /** Longest time until a connection is made, ms; 10 s when absent. */
  readonly connectTimeoutMs?: number | undefined;
}

/**
 * Runs requests to services, each on a connection of its own. The service is told which execution asks
 * (`X-QTS-Execution-Id`, `Idempotency-Key`, `X-QTS-Fence`); its answer becomes the output, its status the outcome.
 * A request to stop closes our side of the connection, so that the service can notice and end in order.
 */
export function httpRunner(options: HttpRunnerOptions = {}): WorkRunner {
  const connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  return {
    start: (work, start) => {
      if (work.kind === 'http') return new HttpRun(work, start, connectTimeoutMs);
      const settled = Promise.resolve(notOurKind('http', work.kind));
      return { settled, requestStop: () => {}, kill: () => true };
    },
  };
}

/** One request: connecting → asking → reading the answer → settled, once. */
class HttpRun implements WorkHandle {
  readonly settled: Promise<WorkOutcome>;
  readonly #work: HttpWork;
  readonly #start: WorkStart;
  readonly #resolve: (outcome: WorkOutcome) => void;
  #request: ClientRequest | undefined;
  #socket: Socket | undefined;
  #cancelConnect: () => void = () => {};
  #ended = false;

  constructor(work: HttpWork, start: WorkStart, connectTimeoutMs: number) {
    this.#work = work;
    this.#start = start;
    const { promise, resolve } = Promise.withResolvers<WorkOutcome>();
    this.settled = promise;
    this.#resolve = resolve;
    try {
      this.#ask(connectTimeoutMs);
    } catch (error) {
      // Node refuses some requests before it opens a connection.
      this.#fail({ cause: error, sent: false });
    }
  }

  requestStop(reason: Error): void {
    if (this.#ended) return;
    // Before the service has heard of us there is nothing to end in order.
    if (this.#socket === undefined) this.#cut(reason);
    else this.#socket.end();
  }

  kill(): boolean {
    this.#cut(new Error('the request was cut off'));
    return true;
  }

  #ask(connectTimeoutMs: number): void {
    const { url, method, headers, body, socketPath } = this.#work;
    const target = new URL(url);
    const send = target.protocol === 'https:' ? secureRequest : plainRequest;
    const request = send(target, {
      method,
      headers: { ...headers, ...this.#ownHeaders(body) },
      // A connection of its own: ending it ends nothing else, and no idle one can have died unnoticed.
      agent: false,
      ...(socketPath === undefined ? {} : { socketPath }),
    });
    this.#request = request;
    const timer = setTimeout(() => {
      this.#fail({ lateness: `no connection within ${connectTimeoutMs} ms`, sent: false });
    }, connectTimeoutMs);
    this.#cancelConnect = () => clearTimeout(timer);
    request.once('socket', (socket) => {
      socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', () => this.#connected(socket));
    });
    request.once('response', (answer) => this.#read(answer));
    request.on('error', (error) => this.#fail({ cause: error, sent: this.#socket !== undefined }));
    request.once('close', () => this.#fail({ sent: this.#socket !== undefined }));
    request.end(body);
  }

  #ownHeaders(body: string | undefined): Record<string, string> {
    const { executionId, fence } = this.#start;
    return {
      'x-qts-execution-id': executionId,
      'idempotency-key': executionId,
      'x-qts-fence': String(fence),
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    };
  }

  #connected(socket: Socket): void {
    this.#cancelConnect();
    this.#socket = socket;
    const silenceMs = this.#work.silenceTimeoutMs;
    if (silenceMs === undefined) return;
    socket.setTimeout(silenceMs, () => {
      this.#fail({ lateness: `no byte from the service for ${silenceMs} ms`, sent: true });
    });
  }

  #read(answer: IncomingMessage): void {
    const body = new AnswerBody(answer, this.#work.maxBodyBytes, this.#start.onOutput);
    let restAtBytes = this.#work.maxBodyBytes + DROPPED_REST_BYTES;
    answer.on('data', (chunk: Buffer) => {
      body.add(chunk);
      if (body.bytes < restAtBytes) return;
      restAtBytes = body.bytes + DROPPED_REST_BYTES;
      answer.pause();
      setTimeout(() => answer.resume(), REST_MS);
    });
    answer.once('end', () => this.#judge(answer, body));
    answer.on('error', (error) => this.#fail({ cause: error, sent: true }));
  }

  #judge(answer: IncomingMessage, body: AnswerBody): void {
    const status = answer.statusCode ?? 0;
    body.end();
    if (isExpected(this.#work, status)) {
      return this.#settle({ kind: 'returned', value: { statusCode: status, ...body.summary() } });
    }
    const { 'retry-after': retryAfter, location } = answer.headers;
    const error = statusFailure(this.#work, { status, retryAfter, location }, Date.now());
    this.#settle({ kind: 'threw', error });
  }

  #fail(failure: Parameters<typeof requestFailure>[1]): void {
    if (this.#ended) return;
    this.#settle({ kind: 'threw', error: requestFailure(this.#work, failure) });
    this.#request?.destroy();
  }

  #cut(reason: Error): void {
    if (this.#ended) return;
    this.#settle({ kind: 'threw', error: reason });
    this.#request?.destroy();
  }

  #settle(outcome: WorkOutcome): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelConnect();
    this.#resolve(outcome);
  }
}
