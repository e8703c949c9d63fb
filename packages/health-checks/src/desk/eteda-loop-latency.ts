import { type CheckFinding, defineHealthCheck, PLUGIN_API_VERSION } from '@qts-ops/core/plugin';
import * as z from 'zod';
import { CHECK_ETEDA_LOOP_LATENCY } from '../check-names.ts';
import { explainFile } from '../files/file-age.ts';
import { DOTTED_PATH } from '../look/dotted-path.ts';
import { allowedText, gravest, judge } from '../look/limits.ts';
import { look } from '../look/look.ts';
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
          return latencyFinding({ target, record, nowMs: call.nowMs }, given);
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
  readonly nowMs: number;
}

function latencyFinding({ target, record, nowMs }: Sight, given: Given): CheckFinding {
  const open = openStateAt(given, nowMs);
  if (!open.isOpen) return { status: 'pass', message: `${target}: no cycle is expected at this hour` };
  // Cycles of an earlier session say nothing about this one.
  const cycles = record.cycles.filter(({ atMs }) => atMs === undefined || atMs >= open.sinceMs);
  const silence = silenceOf(cycles, { sinceMs: open.sinceMs, nowMs }, given);
  if (silence !== undefined) return { status: 'fail', message: `${target}: ${silence}` };
  const spoiled = record.unreadable === 0 ? '' : `; ${shownCount(record.unreadable)} lines could not be read`;
  if (cycles.length < given.samplesAtLeast) {
    const message = `${target}: ${cycles.length} cycles, needs ${given.samplesAtLeast}${spoiled}`;
    return { status: 'unknown', message };
  }
  return durationFinding({ target, cycles, spoiled }, given);
}

function silenceOf(
  cycles: readonly Cycle[],
  { sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number },
  { failAboveSilenceMs: allowedMs }: Given,
): string | undefined {
  if (allowedMs === undefined) return undefined;
  const lastMs = cycles.at(-1)?.atMs;
  // Without a time on the last cycle its silence cannot be told; without any cycle it begins with the hours.
  if (cycles.length > 0 && lastMs === undefined) return undefined;
  const silentMs = nowMs - (lastMs ?? sinceMs);
  if (silentMs <= allowedMs) return undefined;
  const how = Number.isFinite(silentMs)
    ? `the last cycle ended ${shownMs(silentMs)} ago`
    : 'there is no cycle';
  return `${how}, allowed up to ${shownMs(allowedMs)}`;
}

function durationFinding(
  { target, cycles, spoiled }: { target: string; cycles: readonly Cycle[]; spoiled: string },
  given: Given,
): CheckFinding {
  const sorted = cycles.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const p50 = percentile(sorted, 0.5);
  const p95 = percentile(sorted, 0.95);
  const missed = missedOf(cycles, given.expectedEveryMs);
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

/** Cycles that should have been between two others; undefined where the record holds no times. */
function missedOf(cycles: readonly Cycle[], everyMs: number | undefined): number | undefined {
  if (everyMs === undefined) return undefined;
  const times = cycles.flatMap(({ atMs }) => (atMs === undefined ? [] : [atMs]));
  if (times.length < 2) return undefined;
  return times.slice(1).reduce((sum, atMs, index) => {
    const gaps = Math.round((atMs - (times[index] ?? atMs)) / everyMs);
    return sum + Math.max(0, gaps - 1);
  }, 0);
}
