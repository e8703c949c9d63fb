import * as z from 'zod';
import type { Answer } from '../look/bounded-request.ts';
import { ANSWER_MAX_BYTES } from '../look/bounded-request.ts';
import { DOTTED_PATH, valueAt } from '../look/dotted-path.ts';
import type { Verdict } from '../look/look.ts';
import { countMatches } from '../look/pattern-match.ts';
import { shortLine } from '../look/short-line.ts';
import { shownBytes } from '../look/shown-numbers.ts';

/** Regular expressions are given at most so much text: some take time that grows with the square of it. */
const PATTERN_TEXT_MAX = 65_536;

/** What one value of a JSON answer must be. */
export const jsonRule = z.strictObject({
  /** Dotted path such as `data.status` or `checks.0.ok`. */
  path: z.string().regex(DOTTED_PATH, 'write names separated by dots, such as data.status'),
  /** The value must be exactly this. */
  equals: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
  /** The value must be a number not above this. */
  max: z.number().optional(),
  /** The value must be a number not below this. */
  min: z.number().optional(),
});

/** What an answer must be, beside coming at all. */
export interface AnswerRules {
  readonly expectStatus: readonly number[] | undefined;
  readonly bodyContains: string | undefined;
  readonly bodyMatches: string | undefined;
  readonly json: readonly z.output<typeof jsonRule>[];
}

/** The first thing that is wrong with an answer; undefined when it is as it should be. */
export async function wrongIn(
  answer: Answer,
  rules: AnswerRules,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const { expectStatus } = rules;
  const isExpected =
    expectStatus === undefined
      ? answer.status >= 200 && answer.status < 300
      : expectStatus.includes(answer.status);
  if (!isExpected) {
    const allowed = expectStatus === undefined ? '200 to 299' : expectStatus.join(', ');
    const moved = answer.status >= 300 && answer.status < 400 ? ' (redirects are not followed)' : '';
    return { status: 'fail', reason: `status ${answer.status}${moved}, allowed ${allowed}` };
  }
  return wrongInBody(answer, rules, signal);
}

async function wrongInBody(
  answer: Answer,
  { bodyContains, bodyMatches, json }: AnswerRules,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  if (bodyContains === undefined && bodyMatches === undefined && json.length === 0) return undefined;
  const text = answer.body.toString('utf8');
  if (bodyContains !== undefined && !text.includes(bodyContains)) {
    return absent(answer, `the answer does not contain ${JSON.stringify(shortLine(bodyContains, 60))}`);
  }
  if (bodyMatches !== undefined) {
    const task = { pattern: bodyMatches, lines: [text.slice(0, PATTERN_TEXT_MAX)] };
    const { matches } = await countMatches(task, {
      signal,
      field: 'bodyMatches',
    });
    if (matches === 0) return absent(answer, `the answer does not match ${shortLine(bodyMatches, 60)}`);
  }
  if (json.length === 0) return undefined;
  if (answer.truncated) {
    return {
      status: 'unknown',
      reason: `the answer is longer than ${shownBytes(ANSWER_MAX_BYTES)}, too long to be read as JSON`,
    };
  }
  const document = parsed(text);
  if (document === undefined) return { status: 'fail', reason: 'the answer is no JSON' };
  for (const rule of json) {
    const reason = wrongInJson(document.value, rule);
    if (reason !== undefined) return { status: 'fail', reason };
  }
  return undefined;
}

/** What is not in the part that was read may stand in the part that was not. */
function absent({ truncated }: Answer, reason: string): Verdict {
  return truncated
    ? { status: 'unknown', reason: `${reason} in its first ${shownBytes(ANSWER_MAX_BYTES)}` }
    : { status: 'fail', reason };
}

function wrongInJson(document: unknown, rule: z.output<typeof jsonRule>): string | undefined {
  const value = valueAt(document, rule.path);
  const shown = shortLine(JSON.stringify(value) ?? 'nothing', 60);
  if (value === undefined) return `${rule.path} is not in the answer`;
  if (rule.equals !== undefined && value !== rule.equals) {
    return `${rule.path} is ${shown}, allowed ${JSON.stringify(rule.equals)}`;
  }
  if (rule.max === undefined && rule.min === undefined) return undefined;
  if (typeof value !== 'number') return `${rule.path} is ${shown}, allowed a number`;
  if (rule.max !== undefined && value > rule.max)
    return `${rule.path} is ${shown}, allowed up to ${rule.max}`;
  if (rule.min !== undefined && value < rule.min) return `${rule.path} is ${shown}, allowed from ${rule.min}`;
  return undefined;
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
