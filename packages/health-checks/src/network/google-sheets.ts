import {
  type CheckFinding,
  defineHealthCheck,
  PLUGIN_API_VERSION,
  type PluginContext,
  secretOption,
} from '@qts-ops/core/plugin';
import * as z from 'zod';
import { CHECK_GOOGLE_SHEETS } from '../check-names.ts';
import { type Answer, sendRequest } from '../look/bounded-request.ts';
import { valueAt } from '../look/dotted-path.ts';
import { judge } from '../look/limits.ts';
import { look, type Verdict } from '../look/look.ts';
import { readSmallFile } from '../look/open-file.ts';
import { exactlyOne, warnsFirst } from '../look/option-rules.ts';
import { networkVerdict, reasonOf } from '../look/trouble.ts';
import { type Authorize, authorizeWith, type ServiceAccountKey, TokenRefused } from './google-auth.ts';

const endpoint = z.url({ protocol: /^https?$/, error: 'write a URL that begins with http:// or https://' });

const options = z
  .strictObject({
    /** The long word in the address of the spreadsheet. */
    spreadsheetId: z
      .string()
      .regex(/^[\w-]{1,200}$/, 'write the word after /d/ in the address of the spreadsheet'),
    /** File with the key of a service account, as Google gives it. */
    keyFile: z.string().min(1).optional(),
    /** The same text from the environment or a file of secrets. */
    key: secretOption.optional(),
    /** Instead of the servers of Google: for a proxy. */
    endpoint: endpoint.default('https://sheets.googleapis.com'),
    /** The same for access tokens. */
    tokenEndpoint: endpoint.optional(),
    /** Warns when the answer took longer. */
    warnAboveMs: z.number().positive().optional(),
    /** Fails when the answer took longer. */
    failAboveMs: z.number().positive().optional(),
    /** How long all of it may take, ms. */
    answerWithinMs: z.int().min(10).max(300_000).default(9_000),
  })
  .refine(...exactlyOne('keyFile', 'key'))
  .refine(...warnsFirst('warnAboveMs', 'failAboveMs'));

/** Options of `googleSheets`. */
export type GoogleSheetsOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

/** The key of the service account cannot be used. */
class UnusableKey extends Error {
  constructor(reason: string) {
    super(`the key of the service account cannot be used: ${reason}`);
  }
}

/**
 * A spreadsheet answers: one request for its id and nothing of its content. Google counts requests: that a quota is
 * used up says nothing about the spreadsheet, so it is unknown. Needs the package google-auth-library.
 */
export const googleSheets = defineHealthCheck({
  name: CHECK_GOOGLE_SHEETS,
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: true },
  defaults: { intervalMs: 60_000, timeoutMs: 10_000 },
  create: async (given, context) => {
    const target = `spreadsheet ${given.spreadsheetId.slice(0, 6)}…`;
    const { answerWithinMs } = given;
    let authorize: Promise<Authorize> | undefined;
    const rules = {
      target,
      answerWithinMs,
      whenLate: 'fail',
      explain: (error: unknown) => explainGoogle(error, context),
    } as const;
    return {
      check: (call) =>
        look(call, rules, async (signal) => {
          authorize ??= makeAuthorize(given, context);
          // A key that was wrong may be right at the next look.
          authorize.catch(() => {
            authorize = undefined;
          });
          const headers = await (await authorize)(signal);
          const url = new URL(`/v4/spreadsheets/${given.spreadsheetId}?fields=spreadsheetId`, given.endpoint);
          const answer = await sendRequest({ url, method: 'GET', headers }, signal);
          // A token may be taken back before its end; the next look asks for another one.
          if (answer.status === 401) authorize = undefined;
          return sheetFinding(target, answer, given);
        }),
    };
  },
});

async function makeAuthorize(given: Given, context: PluginContext): Promise<Authorize> {
  const key = await keyOf(given, context);
  return authorizeWith({ key, tokenEndpoint: given.tokenEndpoint });
}

async function keyOf({ key, keyFile }: Given, context: PluginContext): Promise<ServiceAccountKey> {
  let text: string;
  try {
    text = key === undefined ? await readSmallFile(keyFile ?? '') : context.secret(key).reveal();
  } catch (error) {
    throw new UnusableKey(context.redact(reasonOf(error)));
  }
  // The parser's own error would quote the key.
  const document = parsed(text);
  const shape = z.object({
    client_email: z.string().min(3),
    private_key: z.string().includes('PRIVATE KEY'),
  });
  const result = shape.safeParse(document);
  if (!result.success) throw new UnusableKey('it is no JSON with client_email and private_key');
  return result.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sheetFinding(target: string, answer: Answer, given: Given): CheckFinding {
  const elapsedMs = Math.round(answer.elapsedMs);
  const measured = { value: elapsedMs, unit: 'ms' };
  const wrong = wrongAnswer(answer, given);
  if (wrong !== undefined)
    return { status: wrong.status, message: `${target}: ${wrong.reason}`, ...measured };
  const { warnAboveMs: warnAbove, failAboveMs: failAbove } = given;
  const bound = failAbove ?? warnAbove;
  const allowed = bound === undefined ? '' : `, allowed up to ${bound} ms`;
  return {
    status: judge(elapsedMs, { warnAbove, failAbove }),
    message: `${target}: answers in ${elapsedMs} ms${allowed}`,
    ...measured,
  };
}

/** Google says «too many requests» with 429, and in older answers with 403 and a reason. */
function wrongAnswer({ status, body }: Answer, { spreadsheetId }: Given): Verdict | undefined {
  const text = body.toString('utf8');
  if (status === 200) {
    // Something on the way, such as a page to log in, answers 200 too.
    return valueAt(parsed(text), 'spreadsheetId') === spreadsheetId
      ? undefined
      : { status: 'fail', reason: 'the answer is not the spreadsheet (status 200)' };
  }
  const isQuota =
    status === 429 || (status === 403 && /rateLimitExceeded|RESOURCE_EXHAUSTED|quotaExceeded/i.test(text));
  if (isQuota) return { status: 'unknown', reason: `our quota of requests is used up (status ${status})` };
  if (status === 401) return { status: 'unknown', reason: 'our credentials are not accepted (status 401)' };
  if (status === 403) return { status: 'fail', reason: 'the service account may not read it (status 403)' };
  if (status === 404) return { status: 'fail', reason: 'there is no such spreadsheet (status 404)' };
  return { status: 'fail', reason: `status ${status}, allowed 200` };
}

function explainGoogle(error: unknown, context: PluginContext): Verdict {
  if (error instanceof TokenRefused) {
    const status = error.httpStatus >= 500 ? 'fail' : 'unknown';
    return { status, reason: context.redact(reasonOf(error)) };
  }
  const { status, reason } = networkVerdict(error);
  return { status, reason: context.redact(reason) };
}
