import { ERROR_CATEGORIES, type ErrorCategory } from '../../kernel/define-errors.ts';
import {
  DEFAULT_POLICIES,
  type MissedPolicy,
  type OverlapPolicy,
  type RetryPolicy,
} from '../../run/targets/target-policies.ts';
import type { ConfigPlace } from './config-place.ts';
import { nearestWord } from './nearest-word.ts';
import { allowSchema, attemptsSchema, missedAllSchema, queueSchema, retrySchema } from './policy-schema.ts';
import { isRawObject, type RawObject, readFields, readValue, reportUnknownKeys } from './read-fields.ts';
import { reportAbove } from './report-conflict.ts';

const dayMs = 86_400_000;

/** Where and how one policy may be written. */
interface PolicyWords {
  readonly name: string;
  /** Policies that are a word. */
  readonly words: readonly string[];
  /** Policies that are an object with one key, each with an example. */
  readonly keys: Readonly<Record<string, string>>;
  readonly allowed: string;
  readonly remedy: string;
}

const missedWords: PolicyWords = {
  name: 'what becomes of missed slots',
  words: ['skip', 'latest', 'all'],
  keys: { all: '{ all: { maxCatchUp: 10 } }' },
  allowed: "'skip', 'latest', 'all' or { all: { maxCatchUp: 10, window: '1d' } }",
  remedy: "leave it out for 'skip': missed slots are recorded and not run",
};

const overlapWords: PolicyWords = {
  name: 'what becomes of a slot that is due during a run',
  words: ['skip', 'queue-one', 'cancel-running'],
  keys: { queue: '{ queue: 10 }', allow: '{ allow: 2 }' },
  allowed: "'skip', 'queue-one', 'cancel-running', { queue: 10 } or { allow: 2 }",
  remedy: "leave it out for 'skip': such a slot is recorded and not run",
};

/** What `missed` says; undefined when it was reported. */
export function readMissed(value: unknown, place: ConfigPlace): MissedPolicy | undefined {
  const read = readChoice(value, place, missedWords);
  if (read === undefined) return undefined;
  if (read === 'skip' || read === 'latest') return { kind: read };
  const all = typeof read === 'string' ? {} : read['all'];
  if (!isRawObject(all)) {
    reportChoice(all, place.child('all'), { ...missedWords, allowed: "{ maxCatchUp: 10, window: '1d' }" });
    return undefined;
  }
  const { maxCatchUp = 10, window = dayMs } = readFields(missedAllSchema, all, place.child('all'));
  return { kind: 'all', maxCatchUp, windowMs: window };
}

/** What `overlap` says; undefined when it was reported. */
export function readOverlap(value: unknown, place: ConfigPlace): OverlapPolicy | undefined {
  const read = readChoice(value, place, overlapWords);
  if (read === undefined) return undefined;
  if (read === 'skip' || read === 'queue-one' || read === 'cancel-running') return { kind: read };
  if (typeof read === 'string') return undefined;
  if (read['queue'] !== undefined) {
    const max = wholeOf(queueSchema, read['queue'], place.child('queue'));
    return max === undefined ? undefined : { kind: 'queue', max };
  }
  const maxConcurrent = wholeOf(allowSchema, read['allow'], place.child('allow'));
  return maxConcurrent === undefined ? undefined : { kind: 'allow', maxConcurrent };
}

/** What `retry` says: a number of attempts, or an object; undefined when it was reported. */
export function readRetry(value: unknown, place: ConfigPlace): RetryPolicy | undefined {
  const defaults = DEFAULT_POLICIES.retry;
  if (!isRawObject(value)) {
    const maxAttempts = wholeOf(attemptsSchema, value, place);
    return maxAttempts === undefined ? undefined : { ...defaults, maxAttempts };
  }
  const fields = readFields(retrySchema, value, place);
  const categories =
    value['categories'] === undefined
      ? defaults.categories
      : readCategories(value['categories'], place.child('categories'));
  const { maxAttempts, backoff, maxBackoff, factor = defaults.factor } = fields;
  reportAbove(place.child('maxBackoff'), { least: backoff, most: maxBackoff, name: 'backoff' });
  if (maxAttempts === undefined || categories === undefined) return undefined;
  // A default never contradicts a limit that was written: it gives way to it.
  const backoffMs = backoff ?? Math.min(defaults.backoffMs, maxBackoff ?? defaults.backoffMs);
  const maxBackoffMs = maxBackoff ?? Math.max(defaults.maxBackoffMs, backoffMs);
  return { maxAttempts, backoffMs, factor, maxBackoffMs, categories };
}

/** Categories that trying again can help. */
const retriedCategories = ERROR_CATEGORIES.filter((category) => category !== 'LOG');

function readCategories(value: unknown, place: ConfigPlace): readonly ErrorCategory[] | undefined {
  const allowed = `one or more of ${retriedCategories.map((category) => `'${category}'`).join(', ')}`;
  if (!Array.isArray(value) || value.length === 0) {
    const message = `${place.show(value)} names no category`;
    const remedy = `leave it out for ${DEFAULT_POLICIES.retry.categories.join(', ')}`;
    place.report({ value, message, allowed, remedy });
    return undefined;
  }
  const categories = new Set<ErrorCategory>();
  let isComplete = true;
  for (const [index, entry] of value.entries()) {
    const category = ERROR_CATEGORIES.find((known) => known === entry);
    if (category !== undefined && category !== 'LOG') categories.add(category);
    else {
      isComplete = false;
      reportCategory(entry, place.child(index), allowed);
    }
  }
  return isComplete ? [...categories] : undefined;
}

function reportCategory(value: unknown, place: ConfigPlace, allowed: string): void {
  const isLogic = value === 'LOG';
  const near = typeof value === 'string' ? nearestWord(value, retriedCategories) : undefined;
  place.report({
    value,
    message: isLogic
      ? 'a mistake in the code (LOG) does not go away by trying again'
      : `${place.show(value)} is not a category of errors`,
    allowed,
    remedy: near === undefined || isLogic ? 'remove it' : `did you mean '${near}'?`,
  });
}

/** One of the words, or an object with exactly one of the keys; undefined when it was reported. */
function readChoice(value: unknown, place: ConfigPlace, words: PolicyWords): string | RawObject | undefined {
  if (typeof value === 'string' && words.words.includes(value)) return value;
  if (isRawObject(value)) {
    const keys = Object.keys(words.keys);
    const written = keys.filter((key) => value[key] !== undefined);
    if (written.length === 1 || Object.keys(value).some((key) => !keys.includes(key))) {
      reportUnknownKeys(value, keys, place);
      return written.length === 1 ? value : undefined;
    }
  }
  reportChoice(value, place, words);
  return undefined;
}

function reportChoice(value: unknown, place: ConfigPlace, choice: PolicyWords): void {
  const { name, allowed, remedy } = choice;
  place.report({
    value,
    message: `${place.show(value)} does not say ${name}`,
    allowed,
    remedy: (typeof value === 'string' ? meantChoice(value, choice) : undefined) ?? remedy,
  });
}

function meantChoice(word: string, { words, keys }: PolicyWords): string | undefined {
  const example = Object.hasOwn(keys, word) ? keys[word] : undefined;
  if (example !== undefined) return `write ${example}`;
  const near = nearestWord(word, words);
  return near === undefined ? undefined : `did you mean '${near}'?`;
}

/** A whole number by its schema; undefined when it was reported. */
function wholeOf(schema: typeof attemptsSchema, value: unknown, place: ConfigPlace): number | undefined {
  const read = readValue(schema, value, place);
  return typeof read === 'number' ? read : undefined;
}
