import {
  type CheckCall,
  type CheckFinding,
  defineHealthCheck,
  PLUGIN_API_VERSION,
} from '@qts-ops/core/plugin';
import * as z from 'zod';
import { CHECK_ETEDA_LOOP_LATENCY } from '../check-names.ts';
import { explainFile } from '../files/file-age.ts';
import { awakeSince } from '../look/awake-since.ts';
import { DOTTED_PATH } from '../look/dotted-path.ts';
import { allowedText, gravest, judge } from '../look/limits.ts';
import { look, type Verdict } from '../look/look.ts';
import { hoursOption, openSinceOption, openStateAt } from '../look/open-hours.ts';
import { exactlyOne, onlyWith, warnsFirst } from '../look/option-rules.ts';
import { shownCount, shownMs } from '../look/shown-numbers.ts';
import { type Cycle, type CycleRecord, readCycles } from './cycle-record.ts';

/** The newest cycles of a loop, oldest first; numbers are durations in ms. */
export type CycleSource = (
  signal: AbortSignal,
) => readonly (number | Cycle)[] | Promise<readonly (number | Cycle)[]>;

const ms = z.number().positive();
const field = z.string().max(200).regex(DOTTED_PATH, 'write names separated by dots');

const options = z
  .strictObject({
    /** A file of JSON lines, one for each cycle. */
    file: z.string().min(1).optional(),
    /** A function that gives the newest cycles. */
    cycles: z
      .custom<CycleSource>((value) => typeof value === 'function', {
        error: 'write a function',
        abort: false,
      })
      .optional(),
    /** Dotted path of the duration of a cycle in a line, ms. */
    durationField: field.default('snapshot.meta.latency_ms'),
    /** Dotted path of the end of a cycle in a line: ms UTC, or a date with its zone. */
    timeField: field.default('snapshot.meta.timestamp_ms'),
    /** How many of the newest cycles count. */
    samples: z.int().min(1).max(10_000).default(1_000),
    /** With fewer cycles nothing is said about their durations. */
    samplesAtLeast: z.int().min(1).max(10_000).default(5),
    /** Fails when one cycle in twenty takes longer; three times the expected duration is a good bound. */
    failAboveP95Ms: ms,
    /** Warns when one cycle in twenty takes longer. */
    warnAboveP95Ms: ms.optional(),
    /** Fails when half of the cycles take longer. */
    failAboveP50Ms: ms.optional(),
    /** Warns when half of the cycles take longer. */
    warnAboveP50Ms: ms.optional(),
    /** How often a cycle should come, ms; missed ones are counted by the gaps between the others. */
    expectedEveryMs: ms.optional(),
    /** Fails when more cycles were missed. */
    failAboveMissed: z.int().min(0).optional(),
    /** Warns when more cycles were missed. */
    warnAboveMissed: z.int().min(0).optional(),
    /** Fails when the last cycle ended longer ago. */
    failAboveSilenceMs: ms.optional(),
    /** When the loop runs; outside of it nothing is expected. */
    hours: hoursOption.optional(),
    /** The same from a trading calendar of your own. */
    openSince: openSinceOption.optional(),
    /** How long reading may take, ms. */
    answerWithinMs: z.int().min(10).max(300_000).default(8_000),
  })
  .refine(...exactlyOne('file', 'cycles'))
  .refine(...onlyWith('failAboveMissed', 'expectedEveryMs'))
  .refine(...onlyWith('warnAboveMissed', 'expectedEveryMs'))
  .refine(...warnsFirst('warnAboveP95Ms', 'failAboveP95Ms'))
  .refine(...warnsFirst('warnAboveP50Ms', 'failAboveP50Ms'))
  .refine(...warnsFirst('warnAboveMissed', 'failAboveMissed'));

/** Options of `etedaLoopLatency`. */
export type EtedaLoopLatencyOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

/** The cycles of the trading loop are quick enough, come often enough and have not stopped. */
export const etedaLoopLatency = defineHealthCheck({
  name: CHECK_ETEDA_LOOP_LATENCY,
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: false },
  defaults: { intervalMs: 30_000, timeoutMs: 10_000 },
  create: async (given) => {
    const target = given.file ?? 'loop';
    const { answerWithinMs, file } = given;
    const explain = file === undefined ? undefined : explainFile;
    const usesDisk = file !== undefined;
    const rules = { target, answerWithinMs, whenLate: 'unknown', usesDisk, explain } as const;
    return {
      check: (call) =>
        look(call, rules, async (signal) => {
          const record =
            file === undefined ? await askedCycles(given, signal) : await readCycles(file, given);
          return latencyFinding({ target, record, call }, given);
        }),
    };
  },
});

async function askedCycles({ cycles, samples }: Given, signal: AbortSignal): Promise<CycleRecord> {
  const given = (await cycles?.(signal)) ?? [];
  const all = given
    .slice(-samples)
    .map((cycle) => (typeof cycle === 'number' ? { durationMs: cycle } : cycle));
  const good = all.filter(({ durationMs }) => Number.isFinite(durationMs) && durationMs >= 0);
  return { cycles: good, unreadable: all.length - good.length };
}

interface Sight {
  readonly target: string;
  readonly record: CycleRecord;
  readonly call: CheckCall;
}

/** A cycle so far in the future was written by another clock. */
const AHEAD_MS = 60_000;
/** Older cycles say nothing about now, unless they come as rarely. */
const OLD_MS = 3_600_000;

function latencyFinding({ target, record, call }: Sight, given: Given): CheckFinding {
  const { nowMs } = call;
  const open = openStateAt(given, nowMs);
  if (!open.isOpen) return { status: 'pass', message: `${target}: no cycle is expected at this hour` };
  // Cycles of an earlier session say nothing about this one.
  const cycles = record.cycles.filter(({ atMs }) => atMs === undefined || atMs >= open.sinceMs);
  const silence = silenceOf(cycles, { sinceMs: open.sinceMs, call }, given);
  if (silence !== undefined) return { status: silence.status, message: `${target}: ${silence.reason}` };
  const spoiled = record.unreadable === 0 ? '' : `; ${shownCount(record.unreadable)} lines could not be read`;
  if (cycles.length < given.samplesAtLeast) {
    const message = `${target}: ${cycles.length} cycles, needs ${given.samplesAtLeast}${spoiled}`;
    return { status: 'unknown', message };
  }
  return durationFinding({ target, cycles, call, spoiled }, given);
}

function silenceOf(
  cycles: readonly Cycle[],
  { sinceMs, call }: { readonly sinceMs: number; readonly call: CheckCall },
  { failAboveSilenceMs: allowedMs }: Given,
): Verdict | undefined {
  const { nowMs } = call;
  const lastMs = cycles.at(-1)?.atMs;
  // Without a time on the last cycle its silence cannot be told; without any cycle it begins with the hours.
  if (cycles.length > 0 && lastMs === undefined) return undefined;
  if (lastMs !== undefined && lastMs - nowMs > AHEAD_MS) {
    const reason = `the last cycle ended ${shownMs(lastMs - nowMs)} in the future; a clock is wrong`;
    return { status: 'unknown', reason };
  }
  const silentMs = nowMs - Math.max(lastMs ?? sinceMs, awakeSince(call) ?? Number.NEGATIVE_INFINITY);
  const how =
    lastMs === undefined ? 'there is no cycle' : `the last cycle ended ${shownMs(nowMs - lastMs)} ago`;
  if (allowedMs === undefined) {
    const isOld = lastMs !== undefined && silentMs > Math.max(OLD_MS, 10 * usualGapMs(cycles));
    return isOld ? { status: 'unknown', reason: `${how}, too old to tell about now` } : undefined;
  }
  if (silentMs <= allowedMs) return undefined;
  return { status: 'fail', reason: `${how}, allowed up to ${shownMs(allowedMs)}` };
}

/** The middle one of the times from cycle to cycle. */
function usualGapMs(cycles: readonly Cycle[]): number {
  const times = timesOf(cycles);
  const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs));
  return percentile(
    gaps.sort((a, b) => a - b),
    0.5,
  );
}

function timesOf(cycles: readonly Cycle[]): readonly number[] {
  return cycles.flatMap(({ atMs }) => (atMs === undefined ? [] : [atMs]));
}

interface Judged {
  readonly target: string;
  readonly cycles: readonly Cycle[];
  readonly call: CheckCall;
  readonly spoiled: string;
}

function durationFinding({ target, cycles, call, spoiled }: Judged, given: Given): CheckFinding {
  const sorted = cycles.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const p50 = percentile(sorted, 0.5);
  const p95 = percentile(sorted, 0.95);
  const missed = missedOf(cycles, given.expectedEveryMs, call);
  const p95Limits = { warnAbove: given.warnAboveP95Ms, failAbove: given.failAboveP95Ms };
  const p50Limits = { warnAbove: given.warnAboveP50Ms, failAbove: given.failAboveP50Ms };
  const missedLimits = { warnAbove: given.warnAboveMissed, failAbove: given.failAboveMissed };
  const bounded = (text: string, allowed: string) => (allowed === '' ? text : `${text} (${allowed})`);
  const parts = [
    bounded(`p95 ${shownMs(p95)}`, allowedText(p95Limits, shownMs)),
    bounded(`p50 ${shownMs(p50)}`, allowedText(p50Limits, shownMs)),
    ...(missed === undefined ? [] : [bounded(`${missed} missed`, allowedText(missedLimits, String))]),
  ];
  return {
    status: gravest([judge(p95, p95Limits), judge(p50, p50Limits), judge(missed ?? 0, missedLimits)]),
    message: `${target}: ${parts.join(', ')} over ${shownCount(cycles.length)} cycles${spoiled}`,
    value: p95,
    unit: 'ms',
    observations: [
      { id: 'p50', value: p50, unit: 'ms' },
      { id: 'cycles', value: cycles.length },
      ...(missed === undefined ? [] : [{ id: 'missed', value: missed }]),
    ],
  };
}

/** The smallest value that so large a part of the values does not pass. */
function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}

/**
 * Cycles that should have been between two others, and since the last one; undefined where the record holds no times.
 * None could be while this machine slept.
 */
function missedOf(
  cycles: readonly Cycle[],
  everyMs: number | undefined,
  { gap, nowMs }: CheckCall,
): number | undefined {
  const times = timesOf(cycles);
  const lastMs = times.at(-1);
  if (everyMs === undefined || lastMs === undefined) return undefined;
  const awakeMs = (fromMs: number, toMs: number) => {
    if (gap?.reason !== 'suspended') return toMs - fromMs;
    return toMs - fromMs - Math.max(0, Math.min(toMs, gap.toMs) - Math.max(fromMs, gap.fromMs));
  };
  const between = times.slice(1).reduce((sum, atMs, index) => {
    const gaps = Math.round(awakeMs(times[index] ?? atMs, atMs) / everyMs);
    return sum + Math.max(0, gaps - 1);
  }, 0);
  // The one that is due now may still be under way.
  return between + Math.max(0, Math.floor(awakeMs(lastMs, nowMs) / everyMs) - 1);
}
