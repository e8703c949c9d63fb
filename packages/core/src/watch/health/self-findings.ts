import type { CheckFinding } from '../../ports/health-check.ts';
import type {
  BackupReading,
  ChannelReading,
  ClockState,
  DiskReading,
  LoopReading,
  MemoryReading,
  OutboxReading,
} from './self-readers.ts';

/** A channel that failed so often in a row is not well. */
const CHANNEL_FAILURES_MAX = 3;
/** Before this year no clock can be right: this version did not exist. */
const YEAR_MIN = 2026;
const YEAR_MAX = 2100;

/** Whether the counter of the scheduler has grown since the look before. */
export function schedulerFinding(wakes: number, before: number | undefined): CheckFinding {
  const grown = before === undefined ? undefined : wakes - before;
  if (grown === undefined) return { status: 'pass', message: 'first look at the scheduler' };
  return grown > 0
    ? { status: 'pass', message: `the scheduler looked ${grown} times`, value: grown }
    : { status: 'fail', message: 'the scheduler has not looked since the look before this one', value: 0 };
}

/** The value is the longest wait, ms. */
export function loopFinding({ maxMs, p99Ms }: LoopReading): CheckFinding {
  const value = Math.round(maxMs);
  return {
    status: 'pass',
    message: `work waited ${value} ms at most`,
    value,
    unit: 'ms',
    observations: [{ id: 'p99', value: Math.round(p99Ms), unit: 'ms' }],
  };
}

/** The value is the age of the oldest notice that is due, ms. */
export function outboxFinding({ pending, oldestMs = 0 }: OutboxReading): CheckFinding {
  const message =
    pending === 0 ? 'nothing waits to be sent' : `${pending} notices wait, the oldest ${oldestMs} ms`;
  return {
    status: 'pass',
    message,
    value: oldestMs,
    unit: 'ms',
    observations: [{ id: 'pending', value: pending }],
  };
}

/** The value is the worst share of space or inodes, percent. */
export function diskFinding(disks: readonly DiskReading[]): CheckFinding {
  const shares = disks.flatMap(({ path, usedPercent, inodesUsedPercent }) => [
    { text: `${path} is ${usedPercent.toFixed(1)} % full`, value: usedPercent },
    ...(inodesUsedPercent === undefined
      ? []
      : [
          {
            text: `${path} has used ${inodesUsedPercent.toFixed(1)} % of its inodes`,
            value: inodesUsedPercent,
          },
        ]),
  ]);
  const worst = shares.toSorted((a, b) => b.value - a.value)[0];
  if (worst === undefined) return { status: 'unknown', message: 'no disk could be looked at' };
  return {
    status: 'pass',
    message: worst.text,
    value: Math.round(worst.value * 10) / 10,
    unit: '%',
    details: disks.map((disk) => ({ ...disk })),
  };
}

/** The value is the share of memory that is used, percent. */
export function memoryFinding(reading: MemoryReading): CheckFinding {
  const { usedBytes, limitBytes, limitedBy, residentBytes, heapUsedPercent } = reading;
  const value = Math.round((usedBytes / limitBytes) * 1000) / 10;
  return {
    status: 'pass',
    message: `${value} % of ${Math.round(limitBytes / 2 ** 20)} MiB used (limit of the ${limitedBy})`,
    value,
    unit: '%',
    observations: [
      { id: 'resident', value: residentBytes, unit: 'B' },
      { id: 'heap-used', value: Math.round(heapUsedPercent * 10) / 10, unit: '%' },
    ],
  };
}

/** Fails when no channel works, warns when one does not. */
export function channelFinding(channels: readonly ChannelReading[]): CheckFinding {
  const broken = channels.filter(({ failuresInRow }) => failuresInRow >= CHANNEL_FAILURES_MAX);
  const details = channels.map((channel) => ({ ...channel }));
  if (broken.length === 0) return { status: 'pass', message: `${channels.length} channels work`, details };
  const texts = broken.map(({ id, failuresInRow, lastError = 'no reason known' }) => {
    return `${id} failed ${failuresInRow} times in a row (${lastError})`;
  });
  const all = broken.length === channels.length;
  return { status: all ? 'fail' : 'warn', message: texts.join('; '), value: broken.length, details };
}

/** Fails when a set has had no backup for too long. */
export function backupFinding(backups: readonly BackupReading[], nowMs: number): CheckFinding {
  const late = backups.filter(
    ({ verifiedAtMs, watchedSinceMs = 0, maxAgeMs }) => nowMs - (verifiedAtMs ?? watchedSinceMs) > maxAgeMs,
  );
  if (late.length === 0) {
    const fresh = backups.filter(({ verifiedAtMs }) => verifiedAtMs !== undefined).length;
    const message = `${fresh} of ${backups.length} sets have a fresh backup`;
    return {
      status: 'pass',
      message: fresh < backups.length ? `${message}; the others may take their time` : message,
    };
  }
  const texts = late.map(({ id, verifiedAtMs }) =>
    verifiedAtMs === undefined
      ? `${id} has no verified backup`
      : `the newest verified backup of ${id} is of ${new Date(verifiedAtMs).toISOString()}`,
  );
  return { status: 'fail', message: texts.join('; '), value: late.length };
}

/** Fails for a year that cannot be; warns when the machine says that nobody keeps its clock right. */
export function clockFinding({ synchronised }: ClockState, nowMs: number): CheckFinding {
  const year = new Date(nowMs).getUTCFullYear();
  const shown = new Date(nowMs).toISOString();
  if (year < YEAR_MIN || year > YEAR_MAX) {
    return { status: 'fail', message: `the wall clock shows ${shown}` };
  }
  if (synchronised === false) {
    return { status: 'warn', message: `${shown}; the machine says its clock is not synchronised` };
  }
  const told = synchronised === true ? 'synchronised' : 'the machine does not say whether it is synchronised';
  return { status: 'pass', message: `${shown}, ${told}` };
}
