import type { PoolUse, SimulationSummary, TargetSummary } from '@qts-ops/core';
import { formatDuration, formatExactDuration, formatInstant } from '@qts-ops/core/client';
import { type Column, type TableLook, tableText } from './text-table.ts';

/** How long the simulated runs of a target took, and where that number is from. */
export interface SimulatedDuration {
  readonly targetId: string;
  /** Of recorded runs the median. */
  readonly durationMs: number;
  /** Of recorded runs the longest. */
  readonly longestMs?: number | undefined;
  /** What recorded runs took; each simulated run takes one of them. */
  readonly takenMs?: readonly number[] | undefined;
  readonly from: 'recorded' | 'file' | 'nothing';
  /** So many recorded runs it stands on. */
  readonly runs?: number | undefined;
}

/** What a simulation came to, for people. */
export function simulationText(
  summary: SimulationSummary,
  durations: readonly SimulatedDuration[],
  { timeZone, look }: { readonly timeZone: string; readonly look: TableLook },
): string {
  const [from, to] = [summary.fromMs, summary.toMs].map((ms) => formatInstant(ms, timeZone));
  const { skips, overlaps, missed } = summary;
  const lost = `${skips} skipped slots, ${overlaps} by overlap, ${missed} missed`;
  const heading = `${from} to ${to}: ${runsText(summary.targets)}, ${lost}\n`;
  const byId = new Map(durations.map((duration) => [duration.targetId, duration]));
  const spanMs = summary.toMs - summary.fromMs;
  const targets = tableText(targetColumns(byId, spanMs), summary.targets, look);
  const limited = summary.pools.filter(({ limit }) => limit !== undefined);
  const pools = limited.length === 0 ? '' : `\n${tableText(poolColumns(spanMs), limited, look)}`;
  const unknown = durations.filter(({ from }) => from === 'nothing').map(({ targetId }) => targetId);
  const note = unknown.length === 0 ? '' : `\nnot on record, taken as 0 ms: ${unknown.join(', ')}\n`;
  return `${heading}\n${targets}${pools}${note}`;
}

function targetColumns(
  durations: ReadonlyMap<string, SimulatedDuration>,
  spanMs: number,
): ReadonlyArray<Column<TargetSummary>> {
  const takes = ({ targetId }: TargetSummary) => {
    const { durationMs = 0, longestMs = durationMs } = durations.get(targetId) ?? {};
    const usual = formatExactDuration(durationMs);
    return longestMs > durationMs ? `${usual} … ${formatExactDuration(longestMs)}` : usual;
  };
  return [
    {
      title: 'TARGET',
      cell: ({ targetId }) => targetId,
      style: (row) => (isTroubled(row) ? 'yellow' : undefined),
    },
    { title: 'TAKES', align: 'right', cell: takes },
    { title: 'RUNS', align: 'right', cell: (row) => String(begunOf(row)) },
    { title: 'FAILED', align: 'right', cell: ({ failed }) => String(failed) },
    { title: 'STOPPED', align: 'right', cell: (row) => String(row.stopped - row.notStarted) },
    { title: 'NEVER BEGUN', align: 'right', cell: ({ notStarted }) => String(notStarted) },
    { title: 'LATE', align: 'right', cell: ({ late }) => String(late) },
    { title: 'BUSY', align: 'right', cell: ({ busyMs }) => shareText(busyMs, spanMs) },
    { title: 'LONGEST WAIT', align: 'right', cell: ({ longestWaitMs }) => formatDuration(longestWaitMs) },
    { title: 'SKIPPED', cell: skipsText },
  ];
}

function poolColumns(spanMs: number): ReadonlyArray<Column<PoolUse>> {
  return [
    { title: 'POOL', cell: ({ pool }) => pool, style: (row) => (row.saturatedMs > 0 ? 'yellow' : undefined) },
    { title: 'LIMIT', align: 'right', cell: ({ limit }) => String(limit ?? '') },
    { title: 'PEAK', align: 'right', cell: ({ peakRunning }) => String(peakRunning) },
    { title: 'MOST WAITING', align: 'right', cell: ({ peakWaiting }) => String(peakWaiting) },
    { title: 'FULL FOR', align: 'right', cell: ({ saturatedMs }) => formatDuration(saturatedMs) },
    { title: 'FULL', align: 'right', cell: ({ saturatedMs }) => shareText(saturatedMs, spanMs) },
    { title: 'LONGEST WAIT', align: 'right', cell: ({ longestWaitMs }) => formatDuration(longestWaitMs) },
  ];
}

/** Runs that began and ended; those that waited in vain and those that go on at the end are named beside them. */
function runsText(targets: readonly TargetSummary[]): string {
  const sum = (amountOf: (target: TargetSummary) => number) =>
    targets.reduce((total, target) => total + amountOf(target), 0);
  const begun = `${sum(begunOf)} runs`;
  const notStarted = sum((target) => target.notStarted);
  const unfinished = sum((target) => target.unfinished);
  return [
    begun,
    ...(notStarted === 0 ? [] : [`${notStarted} that never began`]),
    ...(unfinished === 0 ? [] : [`${unfinished} unfinished at the end`]),
  ].join(', ');
}

function begunOf({ succeeded, failed, stopped, notStarted }: TargetSummary): number {
  return succeeded + failed + stopped - notStarted;
}

function isTroubled({ failed, late, notStarted, skips }: TargetSummary): boolean {
  return (
    failed + late + notStarted + (skips.overlap ?? 0) + (skips.missed ?? 0) + (skips['pool-full'] ?? 0) > 0
  );
}

function skipsText({ skips }: TargetSummary): string {
  return Object.entries(skips)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');
}

function shareText(partMs: number, wholeMs: number): string {
  return `${((100 * partMs) / Math.max(1, wholeMs)).toFixed(1)} %`;
}
