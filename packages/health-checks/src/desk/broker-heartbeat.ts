import {
  type CheckCall,
  type CheckFinding,
  defineHealthCheck,
  PLUGIN_API_VERSION,
  type PluginContext,
  secretOption,
} from '@qts-ops/core/plugin';
import * as z from 'zod';
import { CHECK_BROKER_HEARTBEAT } from '../check-names.ts';
import { ageFinding, explainFile } from '../files/file-age.ts';
import { awakeSince } from '../look/awake-since.ts';
import { sendRequest } from '../look/bounded-request.ts';
import { DOTTED_PATH, valueAt } from '../look/dotted-path.ts';
import { gravest, judge } from '../look/limits.ts';
import { factsOf } from '../look/listed-files.ts';
import { look, type Verdict } from '../look/look.ts';
import { hoursOption, openSinceOption, openStateAt } from '../look/open-hours.ts';
import { exactlyOne, onlyWith, warnsFirst } from '../look/option-rules.ts';
import { shownUrl } from '../look/shown-url.ts';
import { networkVerdict, reasonOf } from '../look/trouble.ts';

const beatShape = z.object({
  /** False where the broker answered and is not well. */
  ok: z.boolean().optional(),
  message: z.string().optional(),
  /** How often the connection was made anew since the start of the desk. */
  reconnects: z.number().min(0).optional(),
});

/** What a ping of the broker may tell about itself. */
export type BrokerBeat = z.input<typeof beatShape>;

/**
 * A light call to the broker: throws when it fails, gives nothing, whether it is well, or a `BrokerBeat`, and ends
 * when the signal aborts.
 */
export type BrokerPing = (signal: AbortSignal) => unknown;

const options = z
  .strictObject({
    /** A light call to the broker, made by you. */
    run: z
      .custom<BrokerPing>((value) => typeof value === 'function', { error: 'write a function', abort: false })
      .optional(),
    /** A URL that answers with a status of 200 to 299 while the broker connection is alive. */
    url: secretOption.optional(),
    /** Dotted path of the reconnect count in the JSON answer of `url`. */
    reconnectsPath: z.string().regex(DOTTED_PATH, 'write names separated by dots').optional(),
    /** A file that every quote is written to. */
    quoteFile: z.string().min(1).optional(),
    /** Fails when the call took longer, or the last quote is older. */
    failAboveMs: z.number().positive().optional(),
    /** Warns when the call took longer, or the last quote is older. */
    warnAboveMs: z.number().positive().optional(),
    /** Warns when the connection was made anew more often since the last look. */
    warnAboveReconnects: z.int().min(0).optional(),
    /** When the broker is at work; outside of it nothing is asked. */
    hours: hoursOption.optional(),
    /** The same from a trading calendar of your own. */
    openSince: openSinceOption.optional(),
    /** How long the broker may take to answer, ms. */
    answerWithinMs: z.int().min(10).max(300_000).default(8_000),
  })
  .refine(...exactlyOne('run', 'url', 'quoteFile'))
  .refine(...onlyWith('reconnectsPath', 'url'))
  .refine(...onlyWith('quoteFile', 'failAboveMs'))
  .refine(...onlyWith('warnAboveReconnects', 'run', 'reconnectsPath'))
  .refine(...warnsFirst('warnAboveMs', 'failAboveMs'));

/** Options of `brokerHeartbeat`. */
export type BrokerHeartbeatOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

/** What is remembered between two looks. */
interface Memory {
  reconnects: number | undefined;
}

/** The broker is alive: by a call of yours, by a URL, or by quotes that keep coming during its hours. */
export const brokerHeartbeat = defineHealthCheck({
  name: CHECK_BROKER_HEARTBEAT,
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: true },
  defaults: { intervalMs: 30_000, timeoutMs: 10_000 },
  create: async (given, context) => {
    const memory: Memory = { reconnects: undefined };
    return { check: (call) => lookAtBroker(given, { call, context, memory }) };
  },
});

interface Surroundings {
  readonly call: CheckCall;
  readonly context: PluginContext;
  readonly memory: Memory;
}

async function lookAtBroker(given: Given, around: Surroundings): Promise<CheckFinding> {
  const { call, context } = around;
  const { answerWithinMs, quoteFile, run, url } = given;
  if (quoteFile !== undefined) {
    const rules = {
      target: quoteFile,
      answerWithinMs,
      whenLate: 'fail',
      usesDisk: true,
      explain: explainFile,
    } as const;
    return look(call, rules, async () => {
      const file = await factsOf(quoteFile);
      const seen = { target: quoteFile, file, nowMs: call.nowMs, awakeSinceMs: awakeSince(call) };
      return ageFinding(seen, { ...given, failAboveMs: given.failAboveMs ?? 0 });
    });
  }
  const closed = await look(call, { target: 'broker', answerWithinMs, whenLate: 'unknown' }, async () => {
    const { isOpen } = openStateAt(given, call.nowMs);
    return { status: 'pass', message: isOpen ? '' : 'broker: nothing is asked at this hour' };
  });
  if (closed.message !== '') return closed;
  const rules = { target: 'broker', answerWithinMs, whenLate: 'fail' } as const;
  if (run !== undefined) {
    return look(call, { ...rules, explain: (error) => explainCall(error, context) }, async (signal) => {
      const startedMs = performance.now();
      const beat = beatOf(await run(signal));
      if (beat === undefined) {
        return {
          status: 'unknown',
          message:
            'broker: the ping gave what is no answer; allowed are nothing, a boolean, or { ok, message, reconnects }',
        };
      }
      return beatFinding({ beat, elapsedMs: performance.now() - startedMs }, given, around);
    });
  }
  return look(call, { ...rules, explain: (error) => explainUrl(error, context) }, (signal) =>
    askUrl({ url: url ?? '', signal }, given, around),
  );
}

function beatOf(answer: unknown): BrokerBeat | undefined {
  if (answer === undefined || answer === null) return {};
  if (typeof answer === 'boolean') return { ok: answer };
  return beatShape.safeParse(answer).data;
}

async function askUrl(
  { url: given, signal }: { readonly url: NonNullable<Given['url']>; readonly signal: AbortSignal },
  options: Given,
  around: Surroundings,
): Promise<CheckFinding> {
  const url = new URL(around.context.secret(given).reveal());
  const { status, body, elapsedMs } = await sendRequest({ url, method: 'GET' }, signal);
  if (status < 200 || status > 299) {
    const message = `broker: ${shownUrl(url, given)} answers ${status}, allowed 200 to 299`;
    return { status: 'fail', message, value: Math.round(elapsedMs), unit: 'ms' };
  }
  const { reconnectsPath: path } = options;
  const reconnects = path === undefined ? undefined : reconnectsIn(body, path);
  const finding = beatFinding({ beat: { reconnects }, elapsedMs }, options, around);
  if (path === undefined || reconnects !== undefined || finding.status === 'fail') return finding;
  // A count that is never found would otherwise be one that never grows.
  const message = `broker: answers in ${Math.round(elapsedMs)} ms, but there is no number at ${path} in its answer`;
  return { ...finding, status: 'unknown', message };
}

function reconnectsIn(body: Buffer, path: string): number | undefined {
  try {
    const reconnects = valueAt(JSON.parse(body.toString('utf8')), path);
    return typeof reconnects === 'number' ? reconnects : undefined;
  } catch {
    return undefined;
  }
}

function beatFinding(
  { beat, elapsedMs: exactMs }: { readonly beat: BrokerBeat; readonly elapsedMs: number },
  given: Given,
  { context, memory }: Surroundings,
): CheckFinding {
  const elapsedMs = Math.round(exactMs);
  const { reconnects, message: said } = beat;
  const before = memory.reconnects;
  memory.reconnects = reconnects ?? before;
  // A desk that was started anew counts from 0 again.
  const isRestarted = before !== undefined && reconnects !== undefined && reconnects < before;
  const anew = reconnects === undefined ? 0 : reconnects - (isRestarted ? 0 : (before ?? reconnects));
  const measured = {
    value: elapsedMs,
    unit: 'ms',
    ...(reconnects === undefined
      ? {}
      : {
          observations: [
            { id: 'reconnects', value: reconnects },
            { id: 'new_reconnects', value: anew },
          ],
        }),
  };
  const words = said === undefined ? '' : `: ${context.redact(said)}`;
  if (beat.ok === false)
    return { status: 'fail', message: `broker: says that it is not well${words}`, ...measured };
  const byTime = judge(elapsedMs, { warnAbove: given.warnAboveMs, failAbove: given.failAboveMs });
  const byReconnects = judge(anew, { warnAbove: given.warnAboveReconnects });
  const bound = given.failAboveMs ?? given.warnAboveMs;
  const allowed = bound === undefined ? '' : `, allowed up to ${bound} ms`;
  const often = anew === 0 ? '' : `; connected anew ${anew} times since the last look`;
  return {
    status: gravest([byTime, byReconnects]),
    message: `broker: answers in ${elapsedMs} ms${allowed}${often}${words}`,
    ...measured,
  };
}

function explainUrl(error: unknown, context: PluginContext): Verdict {
  const { status, reason } = networkVerdict(error);
  return { status, reason: context.redact(reason) };
}

/** A ping that throws is a ping that failed, whatever it throws. */
function explainCall(error: unknown, context: PluginContext): Verdict {
  return { status: 'fail', reason: `the ping failed: ${context.redact(reasonOf(error))}` };
}
