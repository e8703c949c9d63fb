import {
  type CheckCall,
  type CheckFinding,
  defineHealthCheck,
  PLUGIN_API_VERSION,
  type PluginContext,
  secretOption,
} from '@qts-ops/core/plugin';
import * as z from 'zod';
import { type Answer, sendRequest } from '../look/bounded-request.ts';
import { judge } from '../look/limits.ts';
import { look } from '../look/look.ts';
import { readSmallFile } from '../look/open-file.ts';
import { warnsFirst } from '../look/option-rules.ts';
import { patternOption } from '../look/pattern-option.ts';
import { shortLine } from '../look/short-line.ts';
import { rounded } from '../look/shown-numbers.ts';
import { shownUrl } from '../look/shown-url.ts';
import { networkVerdict, reasonOf } from '../look/trouble.ts';
import { jsonRule, wrongIn } from './answer-rules.ts';

const options = z
  .strictObject({
    /** Where to ask; a URL that is a secret itself stands in the environment or a file. */
    url: secretOption.refine(isHttpUrl, 'write a URL that begins with http:// or https://'),
    method: z.enum(['GET', 'HEAD', 'POST', 'OPTIONS']).default('GET'),
    /** Values may stand in the environment or a file. */
    headers: z.record(z.string().regex(/^[\w-]+$/), secretOption).default({}),
    /** Sent with POST. */
    body: z.string().max(65_536).optional(),
    /** Statuses that are well; 200 to 299 when absent. Redirects are not followed: name 301 or 302 if one is expected. */
    expectStatus: z.array(z.int().min(100).max(599)).min(1).optional(),
    /** The first 1 MiB of the answer must contain this. */
    bodyContains: z.string().min(1).max(1_000).optional(),
    /** The first 64 KiB of the answer must match this regular expression. */
    bodyMatches: patternOption.optional(),
    /** Values that the answer, read as JSON, must hold. */
    json: z.array(jsonRule).max(20).default([]),
    /** Warns when the whole answer took longer. */
    warnAboveMs: z.number().positive().optional(),
    /** Fails when the whole answer took longer. */
    failAboveMs: z.number().positive().optional(),
    /** File of certificates in PEM that are trusted instead of the public ones. */
    caFile: z.string().min(1).optional(),
    /** How long the server may take for its whole answer, ms. */
    answerWithinMs: z.int().min(10).max(300_000).default(8_000),
  })
  .refine(...warnsFirst('warnAboveMs', 'failAboveMs'));

/** Options of `http`. */
export type HttpOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

/** A server answers: status, content, JSON values and how long it took. */
export const http = defineHealthCheck({
  name: 'http',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: true },
  defaults: { intervalMs: 60_000, timeoutMs: 10_000 },
  create: async (given, context) => ({ check: (call) => lookAtHttp(given, context, call) }),
});

async function lookAtHttp(given: Given, context: PluginContext, call: CheckCall): Promise<CheckFinding> {
  let url: URL;
  let headers: Record<string, string>;
  try {
    url = new URL(context.secret(given.url).reveal());
    headers = Object.fromEntries(
      Object.entries(given.headers).map(([name, value]) => [name, context.secret(value).reveal()]),
    );
  } catch (error) {
    return {
      status: 'unknown',
      message: `http: the request cannot be made: ${context.redact(reasonOf(error))}`,
    };
  }
  const target = shownUrl(url, given.url);
  const rules = {
    target,
    answerWithinMs: given.answerWithinMs,
    whenLate: 'fail',
    explain: (error: unknown) => {
      const { status, reason } = networkVerdict(error);
      return { status, reason: context.redact(reason) };
    },
  } as const;
  let answer: Answer | undefined;
  const asked = await look(call, rules, async (signal) => {
    const ca = given.caFile === undefined ? undefined : await readSmallFile(given.caFile);
    const plan = { url, method: given.method, headers, body: given.body, ca };
    answer = await sendRequest(plan, signal);
    return { status: 'pass', message: '' };
  });
  if (answer === undefined || asked.status !== 'pass') return asked;
  // Judged after the deadline of the server: how long our own expression takes is not its fault.
  try {
    const { message, ...finding } = await httpFinding(answer, { target, given, signal: call.signal });
    return { ...finding, message: shortLine(context.redact(message), 300) };
  } catch (error) {
    return { status: 'unknown', message: shortLine(`${target}: ${context.redact(reasonOf(error))}`, 300) };
  }
}

interface Asked {
  readonly target: string;
  readonly given: Given;
  readonly signal: AbortSignal;
}

async function httpFinding(answer: Answer, { target, given, signal }: Asked): Promise<CheckFinding> {
  const elapsedMs = Math.round(answer.elapsedMs);
  const measured = { value: elapsedMs, unit: 'ms' };
  const { expectStatus, bodyContains, bodyMatches, json } = given;
  const wrong = await wrongIn(answer, { expectStatus, bodyContains, bodyMatches, json }, signal);
  if (wrong !== undefined) {
    return { status: wrong.status, message: `${target}: ${wrong.reason}`, ...measured };
  }
  const { warnAboveMs: warnAbove, failAboveMs: failAbove } = given;
  const bound = failAbove ?? warnAbove;
  const allowed = bound === undefined ? '' : `, allowed up to ${rounded(bound)} ms`;
  return {
    status: judge(elapsedMs, { warnAbove, failAbove }),
    message: `${target}: status ${answer.status} in ${elapsedMs} ms${allowed}`,
    ...measured,
  };
}

function isHttpUrl(given: unknown): boolean {
  if (typeof given !== 'string') return true;
  return ['http:', 'https:'].includes(URL.parse(given)?.protocol ?? '');
}
