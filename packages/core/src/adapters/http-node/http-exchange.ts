import type { IncomingMessage } from 'node:http';
import { PROTOCOL_VERSION } from '../../client/ops-views.ts';
import { isOpsException, type OpsException, opsException } from '../../kernel/ops-exception.ts';

// An `import` of this module makes Node load its fetch client as well, only to list its names: more time than all else
// that a command needs until it has its answer.
const { request } = process.getBuiltinModule('node:http');

/** Header in which both sides name their protocol version. */
export const PROTOCOL_HEADER = 'x-qts-protocol';

/** The largest answer that is read; a snapshot of 1,000 targets is about 1 MB. */
const ANSWER_MAX_BYTES = 32 * 1024 * 1024;

/** One HTTP request to the engine's socket. */
export interface Exchange {
  readonly socketPath: string;
  readonly method: 'GET' | 'POST';
  /** Path with query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the request: the caller's wish. */
  readonly signal: AbortSignal;
  /** How long the engine may take until its answer begins. */
  readonly timeoutMs: number;
}

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends a request and reads the whole answer.
 * @throws EXT-0105 (nobody there, or gone before the end), EXT-0106 (another protocol), EXT-0107 (no answer in time).
 */
export async function exchange(options: Exchange): Promise<Answer> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  try {
    const response = await open(options, AbortSignal.any([options.signal, deadline]));
    return { status: response.statusCode ?? 0, text: await readText(response) };
  } catch (error) {
    throw explain(error, options, deadline);
  }
}

/**
 * Sends a request and hands out the answer as soon as its head is there; the body may go on for ever.
 * `silentMs` without a byte ends it.
 */
export async function openStream(options: Exchange, silentMs: number): Promise<IncomingMessage> {
  const head = new AbortController();
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const giveUp = () => head.abort(deadline.reason);
  deadline.addEventListener('abort', giveUp, { once: true });
  try {
    const response = await open(options, AbortSignal.any([options.signal, head.signal]));
    response.socket.setTimeout(silentMs, () => response.destroy(new Error(`no byte for ${silentMs} ms`)));
    return response;
  } catch (error) {
    throw explain(error, options, deadline);
  } finally {
    deadline.removeEventListener('abort', giveUp);
  }
}

/** The exception for anything that went wrong on the way; one that is already declared is passed on. */
export function explain(
  error: unknown,
  at: Pick<Exchange, 'socketPath' | 'timeoutMs'>,
  deadline?: AbortSignal,
): OpsException {
  if (isOpsException(error)) return error;
  const data = { socketPath: at.socketPath };
  if (deadline?.aborted === true) {
    const message = `engine at ${at.socketPath}: no answer within ${at.timeoutMs} ms`;
    return opsException('EXT-0107', message, { data, cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return opsException('EXT-0105', `engine at ${at.socketPath}: ${reason}`, { data, cause: error });
}

/** Refuses an engine of another protocol, naming both versions. */
export function requireProtocol(seen: unknown, socketPath: string): void {
  if (seen === PROTOCOL_VERSION) return;
  const theirs =
    typeof seen === 'number' && Number.isFinite(seen) ? `protocol ${seen}` : 'no qts-ops protocol';
  throw opsException(
    'EXT-0106',
    `engine at ${socketPath} speaks ${theirs}; this client speaks ${PROTOCOL_VERSION}`,
    {
      data: { socketPath, client: PROTOCOL_VERSION },
    },
  );
}

function open(options: Exchange, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        socketPath: options.socketPath,
        method: options.method,
        path: options.path,
        // A connection per request: on a unix socket it costs little, and no idle one can die unnoticed.
        agent: false,
        signal,
        headers: {
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
          host: 'qts-ops',
          [PROTOCOL_HEADER]: String(PROTOCOL_VERSION),
        },
      },
      (response) => {
        try {
          requireProtocol(Number(response.headers[PROTOCOL_HEADER]), options.socketPath);
          resolve(response);
        } catch (error) {
          response.destroy();
          reject(error);
        }
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > ANSWER_MAX_BYTES) throw new Error(`answer is larger than ${ANSWER_MAX_BYTES} bytes`);
  }
  return text;
}
