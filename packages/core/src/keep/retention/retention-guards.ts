import { formatDuration } from '../../kernel/duration.ts';
import type { ExpiredFile, FileCount } from './retention-policy.ts';

const DAY_MS = 86_400_000;
/** So long after a start of the machine its clock may not have been set yet, ms. */
export const BOOT_SETTLE_MS = 5 * 60_000;

/** How much one run may delete. */
export interface MassBound {
  /** Data sets of fewer files are not bounded. Default 100. */
  readonly fromFiles: number;
  /** At most this part of the files and of the bytes, more than 0 to 1. Default 0.3. */
  readonly share: number;
}

/** The bound that holds unless a request says otherwise. */
export const DEFAULT_MASS_BOUND: MassBound = { fromFiles: 100, share: 0.3 };

/** Candidates of a run, cut to its bound. */
export interface BoundedCandidates {
  readonly allowed: readonly ExpiredFile[];
  /** For the next runs. */
  readonly deferred: readonly ExpiredFile[];
}

/**
 * A rule that is wrong, or a clock that is, shows as unusually much to delete. Then the oldest go first, up to a part
 * of the data set, and at least one file, so that the work ends without anybody's help.
 */
export function boundMass(
  candidates: readonly ExpiredFile[],
  seen: FileCount,
  bound: MassBound,
): BoundedCandidates {
  const filesMax = Math.max(1, Math.floor(seen.files * bound.share));
  const bytesMax = seen.bytes * bound.share;
  const bytes = candidates.reduce((sum, file) => sum + file.size, 0);
  if (seen.files < bound.fromFiles || (candidates.length <= filesMax && bytes <= bytesMax)) {
    return { allowed: candidates, deferred: [] };
  }
  const byAge = [...candidates].sort((a, b) => a.agedFromMs - b.agedFromMs || (a.path < b.path ? -1 : 1));
  const allowed = new Set<ExpiredFile>();
  let taken = 0;
  for (const file of byAge) {
    if (allowed.size >= filesMax || (allowed.size > 0 && taken + file.size > bytesMax)) break;
    allowed.add(file);
    taken += file.size;
  }
  return {
    allowed: candidates.filter((file) => allowed.has(file)),
    deferred: candidates.filter((file) => !allowed.has(file)),
  };
}

/** What earlier runs over one data set left for the guards. */
export interface GuardMemory {
  /** Wall time of the last run, ms since 1970. */
  readonly lastRunAtMs: number;
  /** Policy that may delete: it was applied, or shown before. */
  readonly appliedHash?: string;
  /** Policy whose effect was only shown. */
  readonly shownHash?: string;
  /** Boot in which the last run was, and the age of that boot then; absent when its clock was in doubt. */
  readonly boot?: { readonly id: string; readonly sinceBootMs: number };
}

/** What is known about time besides the wall clock. */
export interface ClockEvidence {
  readonly nowMs: number;
  /** How far apart runs are by plan, ms; default a day. */
  readonly periodMs?: number | undefined;
  /** Monotonic time since the last run, when the same engine has lived through it. */
  readonly sinceLastRunMs?: number | undefined;
  readonly sinceBootMs?: number | undefined;
  /** Identity of this boot: runs of one boot are compared by its age, and a first run of all is believed. */
  readonly bootId?: string | undefined;
  /** True when the system says that its clock was set by a time source. */
  readonly timeSynced?: boolean | undefined;
}

/**
 * Why the wall clock cannot be trusted by this run; undefined when it can. The time of this run is remembered either
 * way, so that the next run, if the clock stays where it is, goes on without anybody's help.
 */
export function clockDoubt(evidence: ClockEvidence, memory: GuardMemory | undefined): string | undefined {
  const { nowMs, periodMs = DAY_MS, sinceBootMs, bootId, timeSynced = false } = evidence;
  const sameBootMs =
    bootId !== undefined && memory?.boot?.id === bootId ? memory.boot.sinceBootMs : undefined;
  // Who has judged the clock of this boot before, or was never here before, has nothing to compare it with.
  const isKnown = sameBootMs !== undefined || (bootId !== undefined && memory === undefined);
  if (sinceBootMs !== undefined && sinceBootMs < BOOT_SETTLE_MS && !timeSynced && !isKnown) {
    return `the machine started ${formatDuration(sinceBootMs)} ago and its clock was not set yet`;
  }
  if (memory === undefined) return undefined;
  const passedMs = nowMs - memory.lastRunAtMs;
  if (passedMs < 0) return `it is ${formatDuration(-passedMs)} before the last run`;
  const lived = sameBootMs === undefined || sinceBootMs === undefined ? 0 : sinceBootMs - sameBootMs;
  const jumpedMs = passedMs - (evidence.sinceLastRunMs ?? lived);
  if (jumpedMs <= 2 * periodMs + DAY_MS) return undefined;
  return `it jumped ${formatDuration(jumpedMs)} since the last run`;
}

/** True when these rules replace others that were applied, and nobody has seen yet what they would delete. */
export function mustShowFirst(hash: string, memory: GuardMemory | undefined): boolean {
  if (memory?.appliedHash === undefined) return false;
  return memory.appliedHash !== hash && memory.shownHash !== hash;
}

/** What the next run will know of this one. */
export function remember(
  memory: GuardMemory | undefined,
  run: Pick<ClockEvidence, 'nowMs' | 'bootId' | 'sinceBootMs'> & {
    readonly hash: string;
    readonly outcome: 'applied' | 'shown' | 'held';
  },
): GuardMemory {
  const { bootId, sinceBootMs } = run;
  const isTrusted = run.outcome !== 'held' && bootId !== undefined && sinceBootMs !== undefined;
  const appliedHash = run.outcome === 'applied' ? run.hash : memory?.appliedHash;
  const shownHash =
    run.outcome === 'shown' ? run.hash : run.outcome === 'held' ? memory?.shownHash : undefined;
  return {
    lastRunAtMs: run.nowMs,
    ...(appliedHash === undefined ? {} : { appliedHash }),
    ...(shownHash === undefined ? {} : { shownHash }),
    ...(isTrusted ? { boot: { id: bootId, sinceBootMs } } : {}),
  };
}
