import { randomUUID } from 'node:crypto';
import type { ActRequest, ActResult } from '../../client/ops-client.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { type Exchange, exchange } from './http-exchange.ts';
import { readAnswer } from './problem-reader.ts';

/** How long an engine may take to begin an answer. */
export const ANSWER_TIMEOUT_MS = 10_000;
/** How long it may take to show that it works at all, before it is asked for work that takes long. */
const SHORT_ANSWER_MS = 5_000;

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

type Query = Readonly<Record<string, string | number | undefined>>;

/** Requests over the engine's socket, as every part of the client makes them. */
export abstract class SocketAsking {
  readonly #options: SocketClientOptions;
  readonly #timeoutMs: number;
  readonly #newRequestId: () => string;
  protected readonly closed = new AbortController();

  constructor(options: SocketClientOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? ANSWER_TIMEOUT_MS;
    this.#newRequestId = options.newRequestId ?? randomUUID;
  }

  protected async act(path: string, request: ActRequest, fields: JsonObject): Promise<ActResult> {
    const revision = request.expectedRevision;
    const body = JSON.stringify({
      ...fields,
      ...(revision === undefined ? {} : { expected_revision: revision }),
    });
    const plain = this.question('POST', path, this.closed.signal);
    const headers = { ...plain.headers, 'x-idempotency-key': request.requestId ?? this.#newRequestId() };
    // The engine answers with the shapes of ops-views.ts; the protocol number was checked.
    return readAnswer(await exchange({ ...plain, headers, body })) as ActResult;
  }

  protected async get<T>(path: string, query: Query = {}): Promise<T> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) search.set(name, String(value));
    const whole = search.size === 0 ? path : `${path}?${search.toString()}`;
    const answer = await exchange(this.question('GET', whole, this.closed.signal));
    // The engine answers with the shapes of ops-views.ts; the protocol number was checked.
    return readAnswer(answer) as T;
  }

  /**
   * Asks the engine to do something that is no audited act and takes up to `waitMs` longer than an answer. An engine that
   * stands still accepts connections all the same, so it has to answer a short question before it is waited for so long.
   */
  protected async post<T>(path: string, body: JsonObject, waitMs: number): Promise<T> {
    const short = this.question('GET', '/admin/alerts/unacknowledged', this.closed.signal);
    readAnswer(await exchange({ ...short, timeoutMs: Math.min(short.timeoutMs, SHORT_ANSWER_MS) }));
    const plain = this.question('POST', path, this.closed.signal);
    const headers = { ...plain.headers, 'x-idempotency-key': this.#newRequestId() };
    const timeoutMs = plain.timeoutMs + waitMs;
    const answer = await exchange({ ...plain, headers, timeoutMs, body: JSON.stringify(body) });
    // The engine answers with the shapes of ops-views.ts; the protocol number was checked.
    return readAnswer(answer) as T;
  }

  protected question(method: 'GET' | 'POST', path: string, signal: AbortSignal): Exchange {
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

/** An instant as the routes read it. */
export function instant(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
