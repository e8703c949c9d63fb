import { relative } from 'node:path';
import { type CheckFinding, defineHealthCheck, PLUGIN_API_VERSION } from '@qts-ops/core/plugin';
import * as z from 'zod';
import { judge } from '../look/limits.ts';
import { type ListedFile, listFiles } from '../look/listed-files.ts';
import { look } from '../look/look.ts';
import { warnsFirst } from '../look/option-rules.ts';
import { rounded, shownBytes, shownCount, shownMs } from '../look/shown-numbers.ts';
import { explainFile } from './file-age.ts';
import { RowCounter } from './row-count.ts';

const percent = z.number().min(0).max(100_000);

const options = z
  .strictObject({
    folder: z.string().min(1),
    /** Which files are of one kind, such as `scalp/*.jsonl` or `**\/*.csv`. */
    match: z.string().min(1).max(500).default('*'),
    /** What is compared. */
    measure: z.enum(['rows', 'bytes']).default('rows'),
    /** What a whole file should have; without it, the middle one of the earlier files. */
    expected: z.number().positive().optional(),
    /** How many earlier files make the baseline. */
    earlierFiles: z.int().min(1).max(50).default(7),
    /** With fewer earlier files there is nothing to compare with. */
    earlierFilesAtLeast: z.int().min(1).max(50).default(2),
    /** Fails when the newest file has less than this of the baseline. */
    failBelowPercent: percent.default(10),
    /** Warns when the newest file has less than this of the baseline. */
    warnBelowPercent: percent.default(50),
    /** Warns when the newest file has more than this of the baseline. */
    warnAbovePercent: percent.optional(),
    /**
     * How long one file is written, ms: 3,600,000 for hourly files. The newest file is then compared with the share
     * of the baseline it should have by now; without it, it is taken as whole.
     */
    periodMs: z.number().positive().optional(),
    /** How long reading may take, ms. */
    answerWithinMs: z.int().min(10).max(300_000).default(25_000),
  })
  .refine(...warnsFirst('warnBelowPercent', 'failBelowPercent'));

/** Options of `fileGrowth`. */
export type FileGrowthOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

/** Before this share of its period a file says too little. */
const SHARE_MIN = 0.1;

/** The newest file grows like the earlier ones: a feed that says it is healthy and writes almost nothing is found. */
export const fileGrowth = defineHealthCheck({
  name: 'file_growth',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: false },
  defaults: { intervalMs: 300_000, timeoutMs: 30_000 },
  create: async (given) => {
    const counter = new RowCounter();
    const target = `${given.folder}/${given.match}`;
    const { answerWithinMs } = given;
    return {
      check: (call) =>
        look(
          call,
          { target, answerWithinMs, whenLate: 'unknown', usesDisk: true, explain: explainFile },
          async (signal) => {
            const [newest, ...earlier] = await listFiles(given.folder, given.match, signal);
            if (newest === undefined) return { status: 'fail', message: `${target}: there is no file` };
            const size = (file: ListedFile) =>
              given.measure === 'bytes' ? file.bytes : counter.count(file, signal);
            const sizes: number[] = [];
            const used = given.expected === undefined ? earlier.slice(0, given.earlierFiles) : [];
            for (const file of used) sizes.push(await size(file));
            return growthFinding(
              {
                name: relative(given.folder, newest.path),
                size: await size(newest),
                share: shareOf(newest, earlier[0], { nowMs: call.nowMs, periodMs: given.periodMs }),
                earlier: sizes,
              },
              given,
            );
          },
        ),
    };
  },
});

/** How much of its period a file has had: it began when the one before it was last written. */
function shareOf(
  newest: ListedFile,
  before: ListedFile | undefined,
  { nowMs, periodMs }: { readonly nowMs: number; readonly periodMs: number | undefined },
): number {
  if (periodMs === undefined) return 1;
  const beganMs = before?.mtimeMs ?? newest.mtimeMs;
  return Math.min(1, Math.max(0, (nowMs - beganMs) / periodMs));
}

/** What is compared. */
export interface Growth {
  readonly name: string;
  readonly size: number;
  /** Part of the period of the newest file that is over, 0 to 1. */
  readonly share: number;
  readonly earlier: readonly number[];
}

/** What the size of the newest file means. */
export function growthFinding(growth: Growth, given: Given): CheckFinding {
  const { name, size, share, earlier } = growth;
  const shown = (amount: number) =>
    given.measure === 'bytes' ? shownBytes(amount) : `${shownCount(Math.round(amount))} rows`;
  const measured = { value: size, ...(given.measure === 'bytes' ? { unit: 'B' } : {}) };
  if (given.expected === undefined && earlier.length < given.earlierFilesAtLeast) {
    const needs = `${given.earlierFilesAtLeast} earlier files to compare with`;
    return {
      status: 'unknown',
      message: `${name}: ${shown(size)}; needs ${needs}, has ${earlier.length}`,
      ...measured,
    };
  }
  const whole = given.expected ?? medianOf(earlier);
  if (whole <= 0) {
    return {
      status: 'unknown',
      message: `${name}: ${shown(size)}; the earlier files are empty`,
      ...measured,
    };
  }
  if (share < SHARE_MIN) {
    const { periodMs = 0 } = given;
    const since = shownMs(share * periodMs);
    return {
      status: 'pass',
      message: `${name}: ${shown(size)} after ${since}, too early to compare`,
      ...measured,
    };
  }
  const due = whole * share;
  const reached = (size / due) * 100;
  const status = judge(reached, {
    failBelow: given.failBelowPercent,
    warnBelow: given.warnBelowPercent,
    warnAbove: given.warnAbovePercent,
  });
  const source = given.expected === undefined ? `middle of ${earlier.length} earlier files` : 'expected';
  const message = `${name}: ${shown(size)}, ${rounded(reached)} % of ${shown(due)} (${source}), allowed from ${given.failBelowPercent} %`;
  return {
    status,
    message,
    ...measured,
    observations: [
      { id: 'share', value: Math.round(reached * 10) / 10, unit: '%' },
      { id: 'baseline', value: due },
    ],
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
