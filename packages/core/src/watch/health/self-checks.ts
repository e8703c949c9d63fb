import { isOpsException } from '../../kernel/ops-exception.ts';
import type { CheckCall, CheckFinding } from '../../ports/health-check.ts';
import { type CheckPolicy, type CheckPolicyInput, checkPolicy } from './check-policy.ts';
import type { RegisteredCheck } from './registered-check.ts';
import {
  backupFinding,
  channelFinding,
  clockFinding,
  diskFinding,
  loopFinding,
  memoryFinding,
  outboxFinding,
  schedulerFinding,
} from './self-findings.ts';
import type { SelfReaders } from './self-readers.ts';

/** Ids of the checks by which the engine looks at itself and its machine. */
export const SELF_CHECKS = [
  'self-scheduler',
  'self-event-loop',
  'self-store',
  'self-outbox',
  'self-disk',
  'self-memory',
  'self-channels',
  'self-backups',
  'self-clock',
  'self-pings',
] as const;
/** One of the ids. */
export type SelfCheckId = (typeof SELF_CHECKS)[number];

/** What a user may change about a self check; `false` leaves it out. */
export type SelfCheckChoices = Partial<Readonly<Record<SelfCheckId, CheckPolicyInput | false>>>;

const MINUTE_MS = 60_000;

/** How the self checks are judged where nothing else is said. */
const POLICIES: Readonly<Record<SelfCheckId, CheckPolicyInput>> = {
  'self-scheduler': { intervalMs: 15_000, critical: true, failuresToAlert: 2 },
  'self-event-loop': {
    intervalMs: 30_000,
    warn: { above: 250, clear: 100 },
    crit: { above: 2000, clear: 500 },
    successesToResolve: 3,
  },
  'self-store': { intervalMs: 30_000, critical: true, failuresToAlert: 2, warn: { above: 2000, clear: 500 } },
  'self-outbox': {
    intervalMs: 30_000,
    warn: { above: 5 * MINUTE_MS, clear: MINUTE_MS },
    crit: { above: 15 * MINUTE_MS, clear: MINUTE_MS },
    failuresToAlert: 1,
  },
  'self-disk': {
    intervalMs: MINUTE_MS,
    critical: true,
    failuresToAlert: 2,
    warn: { above: 85, clear: 82 },
    crit: { above: 95, clear: 92 },
  },
  'self-memory': {
    intervalMs: 30_000,
    warn: { above: 85, clear: 80 },
    crit: { above: 95, clear: 90 },
    failuresToAlert: 4,
  },
  'self-channels': { intervalMs: MINUTE_MS, failuresToAlert: 1 },
  'self-backups': { intervalMs: MINUTE_MS, failuresToAlert: 1, successesToResolve: 1 },
  'self-clock': { intervalMs: 10 * MINUTE_MS, failuresToAlert: 2 },
  'self-pings': { intervalMs: 30_000, failuresToAlert: 1, successesToResolve: 1 },
};

type Look = (call: CheckCall) => CheckFinding | Promise<CheckFinding>;

/**
 * The checks for which there is a reader.
 * @throws INP-0901 for choices that cannot be used.
 */
export function selfChecks(readers: SelfReaders, choices: SelfCheckChoices = {}): readonly RegisteredCheck[] {
  const looks = looksOf(readers);
  return SELF_CHECKS.flatMap((id) => {
    const look = looks[id];
    const choice = choices[id] ?? {};
    if (look === undefined || choice === false) return [];
    return [{ id, kind: id, look, thrownMeans: 'unknown', network: false, policy: selfPolicy(id, choice) }];
  });
}

/**
 * How a self check is judged with what a user changes about it.
 * @throws INP-0901, INP-0902 for a choice that cannot be used.
 */
export function selfPolicy(id: SelfCheckId, choice: CheckPolicyInput = {}): CheckPolicy {
  const { failuresToAlert, ...rest } = POLICIES[id];
  // Our own count of looks in a row must not stand against the `m` of `n` that the user wants instead.
  const given = choice.mOfN === undefined ? { ...rest, failuresToAlert } : rest;
  return checkPolicy(id, { ...given, ...choice }, { intervalMs: MINUTE_MS, timeoutMs: 10_000 });
}

function looksOf(readers: SelfReaders): Partial<Record<SelfCheckId, Look>> {
  const {
    schedulerWakes,
    eventLoop,
    writeCanary,
    outbox,
    disks,
    memory,
    channels,
    backups,
    clock,
    pingDoor,
  } = readers;
  return {
    ...(schedulerWakes && { 'self-scheduler': schedulerLook(schedulerWakes) }),
    ...(eventLoop && { 'self-event-loop': () => loopFinding(eventLoop()) }),
    ...(writeCanary && { 'self-store': storeLook(writeCanary) }),
    ...(outbox && { 'self-outbox': () => outboxFinding(outbox()) }),
    ...(disks && { 'self-disk': async () => diskFinding(await disks()) }),
    ...(memory && { 'self-memory': async () => memoryFinding(await memory()) }),
    ...(channels && { 'self-channels': () => channelFinding(channels()) }),
    ...(backups && { 'self-backups': async ({ nowMs }) => backupFinding(await backups(), nowMs) }),
    ...(pingDoor && { 'self-pings': () => pingDoor() }),
    ...(clock && { 'self-clock': async ({ nowMs }) => clockFinding(await clock(), nowMs) }),
  };
}

function schedulerLook(wakes: () => number): Look {
  let before: number | undefined;
  return () => {
    const now = wakes();
    const finding = schedulerFinding(now, before);
    before = now;
    return finding;
  };
}

/** A store that cannot be written is what this check is about: that is a failure, not a look that went wrong. */
function storeLook(writeCanary: () => Promise<number>): Look {
  return async () => {
    try {
      const value = Math.round(await writeCanary());
      return { status: 'pass', message: `the store was written within ${value} ms`, value, unit: 'ms' };
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const code = isOpsException(error) ? `${error.code}: ` : '';
      return { status: 'fail', message: `the store cannot be written: ${code}${text}` };
    }
  };
}
