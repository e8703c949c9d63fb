import type {
  ExpiredFile,
  FileCount,
  KeptReason,
  RetentionPolicy,
  RetentionRule,
  SeenFile,
} from './retention-policy.ts';

/** What a judgement stands on besides the file: one instant for the whole run, and what is held. */
export interface JudgedAt {
  /** Frozen when the run began, ms since 1970: a clock that steps later widens nothing. */
  readonly nowMs: number;
  /** The hold that names the path, in words; undefined when none does. */
  heldBy(path: string): string | undefined;
}

/** Whether the rules let a file go, and why or why not. */
export type Verdict =
  | { readonly kind: 'expired'; readonly file: ExpiredFile }
  | {
      readonly kind: 'kept';
      readonly reason: KeptReason;
      readonly rule?: RetentionRule;
      readonly agedFromMs?: number;
    };

const UNMATCHED: Verdict = { kind: 'kept', reason: { why: 'unmatched' } };

/** What the rules say of one file alone; `keepLastN` needs its neighbours and is applied by `judgeFiles`. */
export function judgeFile(file: SeenFile, policy: RetentionPolicy, at: JudgedAt): Verdict {
  if (file.outside !== undefined) return { kind: 'kept', reason: { why: file.outside } };
  if (file.kind !== 'file') return { kind: 'kept', reason: { why: 'not-a-file', detail: file.kind } };
  const rule = ruleFor(file.path, policy);
  if (rule === undefined) return UNMATCHED;
  const agedFromMs = rule.dateOf === undefined ? file.mtimeMs : rule.dateOf(file.path);
  const kept = (reason: KeptReason): Verdict => ({
    kind: 'kept',
    reason: { ...reason, rule: rule.name },
    rule,
    ...(agedFromMs === undefined ? {} : { agedFromMs }),
  });
  if (rule.keepMs === 'forever') return kept({ why: 'forever' });
  if (agedFromMs === undefined) return kept({ why: 'no-date' });
  const { nowMs } = at;
  if (Math.max(file.mtimeMs, file.ctimeMs) > nowMs) return kept({ why: 'future' });
  const ageMs = nowMs - agedFromMs;
  // Exactly as old as allowed is still young; a date in the future is younger than everything.
  if (!(ageMs > rule.keepMs)) return kept({ why: 'young', ageMs, limitMs: rule.keepMs });
  const held = at.heldBy(file.path);
  if (held !== undefined) return kept({ why: 'held', detail: held });
  const writtenMs = nowMs - file.mtimeMs;
  if (writtenMs < policy.minimumAgeMs) {
    return kept({ why: 'minimum-age', ageMs: writtenMs, limitMs: policy.minimumAgeMs });
  }
  const changedMs = nowMs - Math.max(file.mtimeMs, file.ctimeMs);
  if (changedMs < rule.quietMs) return kept({ why: 'quiet', ageMs: changedMs, limitMs: rule.quietMs });
  const { name, keepMs, quietMs } = rule;
  return { kind: 'expired', file: { ...file, rule: name, agedFromMs, ageMs, keepMs, quietMs } };
}

/** The rule that counts for a path; undefined when none names it. */
export function ruleFor(path: string, policy: RetentionPolicy): RetentionRule | undefined {
  if (policy.tie === 'first') return policy.rules.find((rule) => rule.matches(path));
  return matchingRules(path, policy).reduce<RetentionRule | undefined>(
    (longest, rule) => (longest === undefined || keepOf(rule) > keepOf(longest) ? rule : longest),
    undefined,
  );
}

/** Every rule that names a path, in the order of the policy. */
export function matchingRules(path: string, policy: RetentionPolicy): readonly RetentionRule[] {
  return policy.rules.filter((rule) => rule.matches(path));
}

/** What the rules say of a whole data set. */
export interface Judgement {
  /** What may go by the rules, in the order it was seen. */
  readonly expired: readonly ExpiredFile[];
  readonly seen: FileCount;
  /** Kept files by reason; `unmatched` is what no rule names. */
  readonly kept: ReadonlyMap<KeptReason['why'], FileCount>;
  /** Files each rule decided about, expired or not, by name of the rule. */
  readonly byRule: ReadonlyMap<string, FileCount>;
  /** Paths that several rules of a policy with `longest` name, at most 20. */
  readonly warnings: readonly string[];
}

const WARNINGS_MAX = 20;

/** Judges files one after the other, so that a data set of any size fits; only what may go is kept in memory. */
export function judgeFiles(
  files: Iterable<SeenFile>,
  policy: RetentionPolicy,
  at: JudgedAt & { readonly onKept?: ((file: SeenFile, reason: KeptReason) => void) | undefined },
): Judgement {
  const kept = new Map<KeptReason['why'], FileCount>();
  const byRule = new Map<string, FileCount>();
  const newest = new Map<string, NewestFiles>();
  const warnings: string[] = [];
  let expired: ExpiredFile[] = [];
  let seen: FileCount = { files: 0, bytes: 0 };
  const keep = (file: SeenFile, reason: KeptReason) => {
    count(kept, reason.why, file.size);
    at.onKept?.(file, reason);
  };
  for (const file of files) {
    seen = { files: seen.files + 1, bytes: seen.bytes + file.size };
    const verdict = judgeFile(file, policy, at);
    const rule = verdict.kind === 'expired' ? verdict.file.rule : verdict.rule?.name;
    if (rule !== undefined) count(byRule, rule, file.size);
    if (policy.tie === 'longest' && rule !== undefined && warnings.length < WARNINGS_MAX) {
      warnings.push(...tieWarning(file.path, policy));
    }
    noteNewest(newest, file.path, { policy, verdict });
    if (verdict.kind === 'expired') expired.push(verdict.file);
    else keep(file, verdict.reason);
  }
  expired = expired.filter((file) => {
    const { limit, paths } = newest.get(groupOf(file.rule, file.path)) ?? NO_NEWEST;
    if (!paths.some(({ path }) => path === file.path)) return true;
    keep(file, { why: 'keep-last', rule: file.rule, detail: String(limit) });
    return false;
  });
  return { expired, seen, kept, byRule, warnings };
}

interface NewestFiles {
  readonly limit: number;
  readonly paths: readonly { readonly path: string; readonly agedFromMs: number }[];
}

const NO_NEWEST: NewestFiles = { limit: 0, paths: [] };

/** Remembers the newest files of each folder and rule that asks for it; files without an age do not count. */
function noteNewest(
  newest: Map<string, NewestFiles>,
  path: string,
  { policy, verdict }: { readonly policy: RetentionPolicy; readonly verdict: Verdict },
): void {
  const name = verdict.kind === 'expired' ? verdict.file.rule : verdict.rule?.name;
  const agedFromMs = verdict.kind === 'expired' ? verdict.file.agedFromMs : verdict.agedFromMs;
  const limit = policy.rules.find((rule) => rule.name === name)?.keepLastN ?? 0;
  if (name === undefined || agedFromMs === undefined || limit === 0) return;
  const group = groupOf(name, path);
  const paths = [...(newest.get(group)?.paths ?? []), { path, agedFromMs }];
  // Of equally old files the later name is the newer one: names carry counters and times.
  paths.sort((a, b) => b.agedFromMs - a.agedFromMs || (a.path < b.path ? 1 : -1));
  newest.set(group, { limit, paths: paths.slice(0, limit) });
}

function groupOf(rule: string, path: string): string {
  return `${rule}\0${path.slice(0, path.lastIndexOf('/') + 1)}`;
}

function tieWarning(path: string, policy: RetentionPolicy): readonly string[] {
  const rules = matchingRules(path, policy);
  if (rules.length < 2) return [];
  const chosen = ruleFor(path, policy)?.name ?? '';
  return [
    `${path}: named by ${rules.map((rule) => rule.name).join(' and ')}; kept as long as ${chosen} says`,
  ];
}

function keepOf(rule: RetentionRule): number {
  return rule.keepMs === 'forever' ? Number.POSITIVE_INFINITY : rule.keepMs;
}

function count<Key>(counts: Map<Key, FileCount>, key: Key, bytes: number): void {
  const before = counts.get(key) ?? { files: 0, bytes: 0 };
  counts.set(key, { files: before.files + 1, bytes: before.bytes + bytes });
}
