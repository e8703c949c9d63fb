import { request } from 'node:http';
import { parseArgs } from 'node:util';
import type { BrokerAddress } from './broker.ts';

/** Where to knock and how long to wait. */
export type PingOptions = BrokerAddress & {
  /** Longest wait for the whole answer, 1..60,000 ms (default 1,000). */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait early. */
  readonly signal?: AbortSignal | undefined;
};

/** What a living broker answered. */
export interface BrokerPing {
  readonly ok: true;
  readonly latencyMs: number;
  /** How often the broker had to re-connect its session since it started. */
  readonly reconnects: number;
}

const LARGEST_ANSWER_BYTES = 64 * 1024;

/** Asks the broker for a heartbeat; throws an error that says what is wrong when it is down, slow or answers nonsense. */
export async function pingBroker(options: PingOptions): Promise<BrokerPing> {
  const { timeoutMs = 1_000, signal } = options;
  const place = 'socketPath' in options ? options.socketPath : `127.0.0.1:${options.port}`;
  const deadline = AbortSignal.timeout(Math.min(60_000, Math.max(1, timeoutMs)));
  const startedMs = performance.now();
  try {
    const body = await fetchHeartbeat(
      options,
      signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    );
    const latencyMs = Math.round((performance.now() - startedMs) * 10) / 10;
    return { ok: true, latencyMs, reconnects: readReconnects(body) };
  } catch (cause) {
    throw new Error(`broker at ${place} ${reasonOf(cause, { timeoutMs, isLate: deadline.aborted })}`, {
      cause,
    });
  }
}

function fetchHeartbeat(address: BrokerAddress, signal: AbortSignal): Promise<string> {
  const target =
    'socketPath' in address ? { socketPath: address.socketPath } : { host: '127.0.0.1', port: address.port };
  return new Promise((resolve, reject) => {
    const asking = request({ ...target, path: '/heartbeat', agent: false, signal }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
        if (body.length > LARGEST_ANSWER_BYTES) response.destroy(new Error('answered more than 64 KiB'));
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`answered with status ${response.statusCode}`));
      });
    });
    asking.on('error', reject);
    asking.end();
  });
}

function readReconnects(body: string): number {
  const answer: unknown = JSON.parse(body);
  const isAlive =
    typeof answer === 'object' && answer !== null && 'status' in answer && answer.status === 'ok';
  if (isAlive && 'reconnects' in answer && typeof answer.reconnects === 'number') return answer.reconnects;
  throw new Error('answered without status ok and a reconnect count');
}

function reasonOf(cause: unknown, { timeoutMs, isLate }: { timeoutMs: number; isLate: boolean }): string {
  if (isLate) return `did not answer within ${timeoutMs} ms`;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE'].includes(code))
    return `is down (${code}); start broker.ts`;
  return cause instanceof Error ? cause.message : String(cause);
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { socket: text, port: text, timeout: text } });
  if (values.socket === undefined && values.port === undefined) {
    process.stderr.write('node broker-heartbeat.ts --socket PATH | --port N [--timeout MS]\n');
    process.exitCode = 2;
    return;
  }
  const address = values.socket === undefined ? { port: Number(values.port) } : { socketPath: values.socket };
  try {
    const ping = await pingBroker({ ...address, timeoutMs: Number(values.timeout ?? 1_000) });
    process.stdout.write(`broker ok, ${ping.latencyMs} ms, ${ping.reconnects} reconnects\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

if (import.meta.main) await main();
