import { formatDuration } from '../../kernel/duration.ts';
import { civilAt, daysFromCivil, formatDate, formatInstant, weekdayOfDays } from '../../kernel/time/civil.ts';
import { requireRange } from './archive-strategy.ts';
import type { BackupState } from './backup-catalogue.ts';
import { backupError } from './backup-errors.ts';

/**
 * Which backups of one source stay. Each number counts verified backups, the newest of each calendar period; a backup
 * stays when any rule wants it. With no number at all everything stays.
 */
export interface KeepPolicy {
  readonly keepLast?: number | undefined;
  readonly keepHourly?: number | undefined;
  readonly keepDaily?: number | undefined;
  /** Weeks begin on Monday. */
  readonly keepWeekly?: number | undefined;
  readonly keepMonthly?: number | undefined;
  readonly keepYearly?: number | undefined;
  /** Verified backups made within so long before the newest of them stay, ms: a clock that is wrong takes none. */
  readonly keepWithinMs?: number | undefined;
  /** Newest verified backups that no rule and no quota may take, 1 or more; default 2. */
  readonly minimumCount?: number | undefined;
  /** Bytes of all backups of the source together; beyond it the oldest go that are kept by a number alone. */
  readonly quotaBytes?: number | undefined;
  /** Zone whose midnight ends a day; default UTC. */
  readonly timeZone?: string | undefined;
}

/** What the rules know of one backup. */
export interface PrunableBackup {
  readonly id: string;
  readonly madeAtMs: number;
  readonly state: BackupState;
  readonly bytes: number;
  /** Ids of backups that hold some of its files. */
  readonly holders: readonly string[];
  /** Under a legal hold. */
  readonly held: boolean;
}

/** Why a backup stays or goes; the texts are for operators. */
export interface PruneDecision {
  readonly id: string;
  readonly keep: boolean;
  /** At least one. */
  readonly reasons: readonly string[];
}

/** Reasons that only stand for a number of the policy give way to the quota; the others do not. */
type Reason = { readonly text: string; readonly firm: boolean };

const PERIODS = [
  ['keepHourly', 'hourly', hourOf],
  ['keepDaily', 'daily', (ms: number, zone: string) => formatDate(ms, zone)],
  ['keepWeekly', 'weekly', weekOf],
  ['keepMonthly', 'monthly', (ms: number, zone: string) => formatDate(ms, zone).slice(0, 7)],
  ['keepYearly', 'yearly', (ms: number, zone: string) => formatDate(ms, zone).slice(0, 4)],
] as const;
const COUNT_MAX = 100_000;

/** Checks a policy. @throws INP-0803 naming the field, its value and what is allowed. */
export function checkKeepPolicy(policy: KeepPolicy): void {
  for (const field of ['keepLast', ...PERIODS.map(([name]) => name)] as const) {
    requireRange(field, policy[field] ?? 0, { least: 0, most: COUNT_MAX });
  }
  requireRange('keepWithinMs', policy.keepWithinMs ?? 0, { least: 0, most: Number.MAX_SAFE_INTEGER });
  requireRange('minimumCount', policy.minimumCount ?? 2, { least: 1, most: COUNT_MAX });
  requireRange('quotaBytes', policy.quotaBytes ?? 1, { least: 1, most: Number.MAX_SAFE_INTEGER });
  try {
    formatDate(0, policy.timeZone ?? 'UTC');
  } catch (error) {
    const message = `timeZone: ${JSON.stringify(policy.timeZone)}; allowed: a name such as Asia/Seoul`;
    throw backupError('INP-0803', message, { cause: error });
  }
}

/**
 * Decides for all backups of one source, given newest first. Never goes: the last verified one, the newest ones up to
 * the minimum, one under a hold, one that holds files of a backup that stays, one from the future, and one that is
 * newer than the newest verified one. Backups that are not verified count for nothing.
 */
export function decidePrune(
  backups: readonly PrunableBackup[],
  policy: KeepPolicy,
  nowMs: number,
): readonly PruneDecision[] {
  checkKeepPolicy(policy);
  const reasons = new Map<string, Reason[]>(backups.map(({ id }) => [id, []]));
  const add = (id: string, text: string, firm: boolean) => reasons.get(id)?.push({ text, firm });
  keepByFacts(backups, nowMs, add);
  const counted = backups.filter(({ state, madeAtMs }) => state === 'verified' && madeAtMs <= nowMs);
  for (const { id } of counted.slice(0, policy.minimumCount ?? 2))
    add(id, 'one of the newest verified', true);
  if (isUnlimited(policy)) for (const { id } of backups) add(id, 'the policy limits nothing', false);
  else keepByNumbers(counted, policy, (id, text) => add(id, text, false));
  const given = giveToQuota(backups, policy, reasons);
  pinBases(backups, reasons);
  return backups.map(({ id, state }) => {
    const found = reasons.get(id) ?? [];
    if (found.length > 0) return { id, keep: true, reasons: found.map(({ text }) => text) };
    const why = given.has(id) ? 'beyond the quota' : state === 'verified' ? 'no rule keeps it' : state;
    return { id, keep: false, reasons: [why] };
  });
}

/** The decisions with some backups kept after all, and what those build on. */
export function keepAfterAll(
  backups: readonly PrunableBackup[],
  decisions: readonly PruneDecision[],
  kept: ReadonlyMap<string, string>,
): readonly PruneDecision[] {
  const reasons = new Map<string, Reason[]>();
  for (const { id, keep, reasons: texts } of decisions) {
    const after = kept.get(id);
    const own = keep ? texts : after === undefined ? [] : [after];
    reasons.set(
      id,
      own.map((text) => ({ text, firm: true })),
    );
  }
  pinBases(backups, reasons);
  return decisions.map((decision) => {
    const found = reasons.get(decision.id) ?? [];
    return found.length === 0
      ? decision
      : { id: decision.id, keep: true, reasons: found.map(({ text }) => text) };
  });
}

type Add = (id: string, text: string, firm: boolean) => void;

function keepByFacts(backups: readonly PrunableBackup[], nowMs: number, add: Add): void {
  const newestVerified = backups.find(({ state, madeAtMs }) => state === 'verified' && madeAtMs <= nowMs);
  for (const { id, held, madeAtMs, state } of backups) {
    if (held) add(id, 'under a hold', true);
    if (madeAtMs > nowMs) add(id, 'from the future: the clock was or is wrong', true);
    else if (newestVerified === undefined) add(id, 'no verified backup could replace it', true);
    else if (state !== 'verified' && madeAtMs >= newestVerified.madeAtMs) {
      add(id, 'newer than the newest verified', true);
    }
  }
}

function isUnlimited(policy: KeepPolicy): boolean {
  const isCounted = (policy.keepLast ?? 0) > 0 || (policy.keepWithinMs ?? 0) > 0;
  return !isCounted && PERIODS.every(([field]) => (policy[field] ?? 0) === 0);
}

function keepByNumbers(
  counted: readonly PrunableBackup[],
  policy: KeepPolicy,
  add: (id: string, text: string) => void,
): void {
  for (const { id } of counted.slice(0, policy.keepLast ?? 0)) add(id, 'last');
  const { keepWithinMs = 0 } = policy;
  const fromMs = (counted[0]?.madeAtMs ?? 0) - keepWithinMs;
  if (keepWithinMs > 0) {
    for (const { id, madeAtMs } of counted)
      if (madeAtMs >= fromMs) add(id, `within ${formatDuration(keepWithinMs)}`);
  }
  const zone = policy.timeZone ?? 'UTC';
  for (const [field, word, periodOf] of PERIODS) {
    const wanted = policy[field] ?? 0;
    const periods = new Map<string, string>();
    for (const { id, madeAtMs } of counted) {
      const period = periodOf(madeAtMs, zone);
      if (!periods.has(period)) periods.set(period, id);
    }
    const kept = [...periods].slice(0, wanted);
    for (const [period, id] of kept) add(id, `${word} ${period}`);
    // As long as the history is shorter than the rule, its beginning stays: otherwise it would never get old enough.
    const oldest = counted.at(-1);
    if (oldest !== undefined && kept.length < wanted && kept.every(([, id]) => id !== oldest.id)) {
      add(oldest.id, `${word}, the oldest there is`);
    }
  }
}

/** Takes the reasons of the oldest backups away until what is left fits; firm ones and bases of what stays remain. */
function giveToQuota(
  backups: readonly PrunableBackup[],
  policy: KeepPolicy,
  reasons: Map<string, Reason[]>,
): ReadonlySet<string> {
  const given = new Set<string>();
  if (policy.quotaBytes === undefined) return given;
  const isKept = (id: string) => (reasons.get(id)?.length ?? 0) > 0;
  for (const { id } of backups.toReversed()) {
    const kept = new Set(backups.filter((backup) => isKept(backup.id)).map((backup) => backup.id));
    for (const backup of backups)
      if (kept.has(backup.id)) for (const holder of backup.holders) kept.add(holder);
    const bytes = backups.reduce((sum, backup) => sum + (kept.has(backup.id) ? backup.bytes : 0), 0);
    if (bytes <= policy.quotaBytes) break;
    if (!isKept(id) || reasons.get(id)?.some(({ firm }) => firm) === true) continue;
    reasons.set(id, []);
    given.add(id);
  }
  return given;
}

/** Newest first, so that a base pinned by a backup pins in turn what it builds on itself. */
function pinBases(backups: readonly PrunableBackup[], reasons: Map<string, Reason[]>): void {
  for (const { id, holders } of backups) {
    if ((reasons.get(id)?.length ?? 0) === 0) continue;
    for (const holder of holders) {
      const known = reasons.get(holder);
      if (known?.some(({ text }) => text.startsWith('holds files of')) === true) continue;
      known?.push({ text: `holds files of ${id}`, firm: true });
    }
  }
}

/** Hours of the wall clock; the one that an autumn change repeats counts once, with its newest backup. */
function hourOf(instantMs: number, zone: string): string {
  return formatInstant(instantMs, zone).slice(0, 'yyyy-MM-ddThh'.length);
}

/** The Monday with which a week begins. */
function weekOf(instantMs: number, zone: string): string {
  const { year, month, day } = civilAt(instantMs, zone);
  const days = daysFromCivil(year, month, day);
  const sinceMonday = (weekdayOfDays(days) + 6) % 7;
  return formatDate((days - sinceMonday) * 86_400_000, 'UTC');
}
