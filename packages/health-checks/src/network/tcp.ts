import { connect } from 'node:net';
import { type CheckFinding, defineHealthCheck, PLUGIN_API_VERSION } from '@qts-ops/core/plugin';
import * as z from 'zod';
import { judge } from '../look/limits.ts';
import { look } from '../look/look.ts';
import { warnsFirst } from '../look/option-rules.ts';
import { shortLine } from '../look/short-line.ts';
import { networkVerdict } from '../look/trouble.ts';

const options = z
  .strictObject({
    host: z.string().min(1).max(255),
    port: z.int().min(1).max(65_535),
    /** Sent after connecting. */
    send: z.string().max(1_000).optional(),
    /** The first 4 KiB that the server says must contain this. */
    expect: z.string().min(1).max(1_000).optional(),
    /** Warns when it took longer to connect and to hear what is expected. */
    warnAboveMs: z.number().positive().optional(),
    /** Fails when it took longer. */
    failAboveMs: z.number().positive().optional(),
    /** How long the server may take, ms. */
    answerWithinMs: z.int().min(10).max(300_000).default(5_000),
  })
  .refine(...warnsFirst('warnAboveMs', 'failAboveMs'));

/** Options of `tcp`. */
export type TcpOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

/** At most so much of a greeting is read. */
const GREETING_MAX_BYTES = 4_096;

/** A port accepts connections and, if asked, says what is expected. */
export const tcp = defineHealthCheck({
  name: 'tcp',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: true },
  defaults: { intervalMs: 60_000, timeoutMs: 10_000 },
  create: async (given) => {
    const target = `${given.host}:${given.port}`;
    const { answerWithinMs } = given;
    return {
      check: (call) =>
        look(call, { target, answerWithinMs, whenLate: 'fail', explain: networkVerdict }, async (signal) => {
          const startedMs = performance.now();
          const heard = await converse(given, signal);
          return tcpFinding({ heard, elapsedMs: Math.round(performance.now() - startedMs) }, given);
        }),
    };
  },
});

/** What the server said until it was enough; undefined when nothing was expected. */
function converse({ host, port, send, expect }: Given, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const socket = connect({ host, port, signal });
  const chunks: Buffer[] = [];
  const finish = (heard: string | undefined) => {
    socket.destroy();
    resolve(heard);
  };
  const heard = () => Buffer.concat(chunks).subarray(0, GREETING_MAX_BYTES).toString('utf8');
  socket.on('error', reject);
  socket.on('connect', () => {
    if (send !== undefined) socket.write(send);
    if (expect === undefined) finish(undefined);
  });
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    const text = heard();
    const isFull = chunks.reduce((bytes, { length }) => bytes + length, 0) >= GREETING_MAX_BYTES;
    if (isFull || (expect !== undefined && text.includes(expect))) finish(text);
  });
  socket.on('end', () => finish(expect === undefined ? undefined : heard()));
  return promise;
}

function tcpFinding(
  { heard, elapsedMs }: { heard: string | undefined; elapsedMs: number },
  { host, port, expect, warnAboveMs: warnAbove, failAboveMs: failAbove }: Given,
): CheckFinding {
  const target = `${host}:${port}`;
  const measured = { value: elapsedMs, unit: 'ms' };
  if (expect !== undefined && heard?.includes(expect) !== true) {
    const said = heard === undefined || heard === '' ? 'nothing' : JSON.stringify(shortLine(heard, 60));
    const wanted = JSON.stringify(shortLine(expect, 60));
    return { status: 'fail', message: `${target}: said ${said}, expected ${wanted}`, ...measured };
  }
  const bound = failAbove ?? warnAbove;
  return {
    status: judge(elapsedMs, { warnAbove, failAbove }),
    message: `${target}: answers in ${elapsedMs} ms${bound === undefined ? '' : `, allowed up to ${bound} ms`}`,
    ...measured,
  };
}
