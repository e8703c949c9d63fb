import { createHash } from 'node:crypto';
import { parseDurationMs } from '../../kernel/duration.ts';
import { canonicalJson, type JsonValue } from '../../kernel/json.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import { isValidZone } from '../../kernel/time/zone.ts';
import { compileGlobs } from '../backup/path-glob.ts';
import { compilePathDate } from './path-date.ts';
import { compileKeywords } from './path-keyword.ts';
import './retention-errors.ts';
import type { RetentionPolicy, RetentionRule } from './retention-policy.ts';

const DAY_MS = 86_400_000;
const DAYS_MAX = 36_500;
const KEEP_LAST_MAX = 100_000;
const RULES_MAX = 1_000;

/** Quiet time of a rule that names none: a writer that comes back within it is still at work. Milliseconds. */
export const DEFAULT_QUIET_MS = 10 * 60_000;

/** One rule as a person writes it. Names files by `match` or by `keyword`, and says how long by `keep` or `keepDays`. */
export interface RetentionRuleInput {
  /** How reasons and counts call it; default: its globs or keywords. */
  readonly name?: string | undefined;
  /** Globs on the path relative to the data set; `!` takes files out again. */
  readonly match?: string | readonly string[] | undefined;
  /** Words that are the whole name of a folder on the way, or a part of the file name between delimiters. */
  readonly keyword?: string | readonly string[] | undefined;
  /** Files older than this may go: `'10m'`, `'36h'`, milliseconds, or `'forever'`. */
  readonly keep?: string | number | undefined;
  /** The same in days, more than 0; null: forever. */
  readonly keepDays?: number | null | undefined;
  /** The newest of these files in each folder stay whatever their age. */
  readonly keepLastN?: number | undefined;
  /** A file that changed in any way within this time stays; default 10 minutes. */
  readonly quiet?: string | number | undefined;
  /** Counts the age from the end of a date in the path, such as `{yyyy}-{MM}-{dd}`; a path without one is kept. */
  readonly dateInPath?: string | undefined;
  /** Zone of that date; default: the one of the policy. */
  readonly timeZone?: string | undefined;
}

/** What holds for all rules of a policy. */
export interface RetentionInput {
  readonly rules: readonly RetentionRuleInput[];
  /** Zone of dates in paths; default UTC. */
  readonly timeZone?: string | undefined;
  /** No file that was written within this time goes; default 0. */
  readonly minimumAge?: string | number | undefined;
  /** Which rule counts when several match: the first (default), or the one that keeps longest with a warning. */
  readonly tie?: 'first' | 'longest' | undefined;
}

/**
 * Checks rules and makes them ready.
 * @throws INP-0820 with every bad value at once: field, value seen, what is allowed.
 */
export function compileRetention(input: RetentionInput): RetentionPolicy {
  const problems: string[] = [];
  const { rules, timeZone = 'UTC', minimumAge = 0, tie = 'first' } = input;
  const read = new FieldReader(problems, '');
  const minimumAgeMs = read.duration('minimumAge', minimumAge) ?? 0;
  if (!['first', 'longest'].includes(tie)) read.refuse('tie', tie, "'first' or 'longest'");
  if (!isValidZone(timeZone)) read.refuse('timeZone', timeZone, 'a zone such as Asia/Seoul');
  if (rules.length > RULES_MAX) read.refuse('rules', rules.length, `at most ${RULES_MAX} rules`);
  const compiled = rules.flatMap((rule, index) => {
    const made = compileRule(rule, new FieldReader(problems, `rules[${index}].`), timeZone);
    return made === undefined ? [] : [made];
  });
  const names = compiled.map((rule) => rule.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) read.refuse('rules', twice, 'each name once; give one of the rules a name');
  if (problems.length > 0) {
    throw opsException('INP-0820', `retention: ${problems.join('; ')}`, { data: { problems } });
  }
  const decides = { rules: rules.map(plainRule), timeZone, minimumAgeMs, tie };
  const hash = createHash('sha256').update(canonicalJson(decides)).digest('hex');
  return { rules: compiled, tie, minimumAgeMs, hash };
}

function compileRule(
  rule: RetentionRuleInput,
  read: FieldReader,
  policyZone: string,
): RetentionRule | undefined {
  const globs = listOf(rule.match);
  const keywords = listOf(rule.keyword);
  const matches = matcherOf(globs, keywords, read);
  const keepMs = keepOf(rule, read);
  const quietMs = read.duration('quiet', rule.quiet ?? DEFAULT_QUIET_MS);
  const keepLastN = rule.keepLastN ?? 0;
  if (!Number.isInteger(keepLastN) || keepLastN < 0 || keepLastN > KEEP_LAST_MAX) {
    read.refuse('keepLastN', keepLastN, `a whole number from 0 to ${KEEP_LAST_MAX}`);
  }
  const dateOf = dateReaderOf(rule, read, policyZone);
  if (matches === undefined || keepMs === undefined || quietMs === undefined) return undefined;
  const name = rule.name ?? [...globs, ...keywords].join(' ');
  return { name, matches, keepMs, keepLastN, quietMs, ...(dateOf === undefined ? {} : { dateOf }) };
}

function matcherOf(
  globs: readonly string[],
  keywords: readonly string[],
  read: FieldReader,
): ((path: string) => boolean) | undefined {
  if ((globs.length === 0) === (keywords.length === 0)) {
    read.refuse('match', globs.join(' '), 'either match with globs or keyword with words, not both');
    return undefined;
  }
  try {
    if (globs.length === 0) return compileKeywords(keywords);
    const matcher = compileGlobs(globs);
    return (path) => matcher.matches(path);
  } catch (error) {
    read.problem(globs.length > 0 ? 'match' : 'keyword', error);
    return undefined;
  }
}

function keepOf(rule: RetentionRuleInput, read: FieldReader): number | 'forever' | undefined {
  const { keep, keepDays } = rule;
  if ((keep === undefined) === (keepDays === undefined)) {
    read.refuse('keep', keep ?? 'nothing', "either keep ('10m', 'forever') or keepDays (7, null), not both");
    return undefined;
  }
  if (keep === 'forever' || keepDays === null) return 'forever';
  if (keepDays !== undefined) {
    if (keepDays > 0 && keepDays <= DAYS_MAX) return Math.round(keepDays * DAY_MS);
    read.refuse('keepDays', keepDays, `more than 0 and at most ${DAYS_MAX}, or null for ever`);
    return undefined;
  }
  const keepMs = read.duration('keep', keep ?? 0);
  if (keepMs === 0) read.refuse('keep', keep ?? 0, "more than 0, or 'forever'");
  return keepMs === 0 ? undefined : keepMs;
}

function dateReaderOf(
  rule: RetentionRuleInput,
  read: FieldReader,
  policyZone: string,
): RetentionRule['dateOf'] {
  const zone = rule.timeZone ?? policyZone;
  if (!isValidZone(zone)) {
    if (rule.timeZone !== undefined) read.refuse('timeZone', zone, 'a zone such as Asia/Seoul');
    return undefined;
  }
  if (rule.dateInPath === undefined) return undefined;
  try {
    return compilePathDate(rule.dateInPath, zone);
  } catch (error) {
    read.problem('dateInPath', error);
    return undefined;
  }
}

/** Collects what is wrong with the fields of one rule. */
class FieldReader {
  readonly #problems: string[];
  readonly #at: string;

  constructor(problems: string[], at: string) {
    this.#problems = problems;
    this.#at = at;
  }

  refuse(field: string, seen: string | number, allowed: string): void {
    const shown = typeof seen === 'number' ? String(seen) : `'${seen.slice(0, 100)}'`;
    this.#problems.push(`${this.#at}${field}: ${shown}; allowed: ${allowed}`);
  }

  problem(field: string, error: unknown): void {
    this.#problems.push(`${this.#at}${field}: ${error instanceof Error ? error.message : String(error)}`);
  }

  duration(field: string, value: string | number): number | undefined {
    try {
      return parseDurationMs(value);
    } catch (error) {
      this.problem(field, error);
      return undefined;
    }
  }
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** The rule as JSON, without what was left out, for the digest of the policy. */
function plainRule(rule: RetentionRuleInput): JsonValue {
  const given = Object.entries(rule).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as JsonValue;
}
