import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** At most so many bytes of an answer are read. */
export const ANSWER_MAX_BYTES = 1_048_576;

/** One request; credentials in the URL are sent as basic authentication. */
export interface RequestPlan {
  readonly url: URL;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** Certificates in PEM that are trusted instead of the public ones. */
  readonly ca?: string | undefined;
}

/** What came back. Redirects are not followed: they are an answer like any other. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** True when the answer was longer than `ANSWER_MAX_BYTES`; the rest was not read. */
  readonly truncated: boolean;
  /** From the request to the end of what was read, ms. */
  readonly elapsedMs: number;
}

/** Sends one request on a connection of its own, which is closed before the answer is given back. */
export function sendRequest(plan: RequestPlan, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const startedMs = performance.now();
  const send = plan.url.protocol === 'https:' ? requestHttps : requestHttp;
  const request = send(plan.url, {
    agent: false,
    method: plan.method,
    headers: { 'user-agent': 'qts-ops-health-checks', connection: 'close', ...plan.headers },
    signal,
    ...(plan.ca === undefined ? {} : { ca: plan.ca }),
  });
  request.on('error', reject);
  request.on('response', (response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (truncated: boolean) => {
      resolve({
        status: response.statusCode ?? 0,
        headers: Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        ),
        body: Buffer.concat(chunks).subarray(0, ANSWER_MAX_BYTES),
        truncated,
        elapsedMs: performance.now() - startedMs,
      });
      request.destroy();
    };
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > ANSWER_MAX_BYTES) finish(true);
    });
    response.on('end', () => finish(false));
    response.on('error', reject);
  });
  request.end(plan.body);
  return promise;
}
