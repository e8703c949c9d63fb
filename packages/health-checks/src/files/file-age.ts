import { type CheckFinding, defineHealthCheck, PLUGIN_API_VERSION } from '@qts-ops/core/plugin';
import * as z from 'zod';
import { awakeSince } from '../look/awake-since.ts';
import { judge } from '../look/limits.ts';
import { factsOf, type ListedFile, listFiles } from '../look/listed-files.ts';
import { look, type Verdict } from '../look/look.ts';
import { type GivenHours, hoursOption, openSinceOption, openStateAt } from '../look/open-hours.ts';
import { exactlyOne, onlyWith, warnsFirst } from '../look/option-rules.ts';
import { shownMs } from '../look/shown-numbers.ts';
import { codeOf, reasonOf } from '../look/trouble.ts';

const options = z
  .strictObject({
    /** A file; either this or `folder`. */
    path: z.string().min(1).optional(),
    /** A folder whose newest file counts. */
    folder: z.string().min(1).optional(),
    /** Which files of the folder, such as `*.jsonl` or `**`; all of its own when absent. */
    match: z.string().min(1).max(500).optional(),
    /** Fails when the file was last changed longer ago. */
    failAboveMs: z.number().positive(),
    /** Warns when the file was last changed longer ago. */
    warnAboveMs: z.number().positive().optional(),
    /** When the file is written at all; outside of it every age is well. */
    hours: hoursOption.optional(),
    /** The same from a calendar of your own. */
    openSince: openSinceOption.optional(),
    /** How long the disk may take to answer, ms. */
    answerWithinMs: z.int().min(10).max(300_000).default(8_000),
  })
  .refine(...exactlyOne('path', 'folder'))
  .refine(...onlyWith('match', 'folder'))
  .refine(...warnsFirst('warnAboveMs', 'failAboveMs'));

/** Options of `fileAge`. */
export type FileAgeOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

/** A file, or the newest of a folder, is still being written. */
export const fileAge = defineHealthCheck({
  name: 'file_age',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: false },
  defaults: { intervalMs: 60_000, timeoutMs: 10_000 },
  create: async (given) => {
    const target = given.path ?? `${given.folder}/${given.match ?? '*'}`;
    const { answerWithinMs } = given;
    return {
      check: (call) =>
        look(
          call,
          { target, answerWithinMs, whenLate: 'fail', usesDisk: true, explain: explainFile },
          async (signal) => {
            const file = await newestOf(given, signal);
            return ageFinding({ target, file, nowMs: call.nowMs, awakeSinceMs: awakeSince(call) }, given);
          },
        ),
    };
  },
});

async function newestOf(
  { path, folder = '', match = '*' }: Given,
  signal: AbortSignal,
): Promise<ListedFile | undefined> {
  return path === undefined ? (await listFiles(folder, match, signal))[0] : factsOf(path);
}

/** What is seen of a file at an instant. */
export interface SeenFile {
  readonly target: string;
  readonly file: ListedFile | undefined;
  readonly nowMs: number;
  /** See `awakeSince`. */
  readonly awakeSinceMs: number | undefined;
}

/** Bounds of an age, and the hours in which it counts. */
export interface AgeRules extends GivenHours {
  readonly failAboveMs: number;
  readonly warnAboveMs?: number | undefined;
}

/** A file so far in the future was written by another clock. */
const AHEAD_MS = 60_000;

/** What the age of a file means; during hours it counts from their beginning, and from the end of a sleep, at the earliest. */
export function ageFinding(
  { target, file, nowMs, awakeSinceMs = Number.NEGATIVE_INFINITY }: SeenFile,
  rules: AgeRules,
): CheckFinding {
  const open = openStateAt(rules, nowMs);
  if (!open.isOpen) return { status: 'pass', message: `${target}: nothing is expected at this hour` };
  const { failAboveMs: failAbove, warnAboveMs: warnAbove } = rules;
  const allowed = `allowed up to ${shownMs(failAbove)}`;
  if (file === undefined) {
    const waitedMs = nowMs - Math.max(open.sinceMs, awakeSinceMs);
    if (waitedMs <= failAbove) {
      return {
        status: 'pass',
        message: `${target}: no file yet, ${shownMs(waitedMs)} after the beginning, ${allowed}`,
      };
    }
    return { status: 'fail', message: `${target}: there is no file` };
  }
  const ageMs = nowMs - Math.max(file.mtimeMs, open.sinceMs, awakeSinceMs);
  const measured = { value: Math.round(ageMs / 100) / 10 + 0, unit: 's' };
  if (ageMs < -AHEAD_MS) {
    const ahead = shownMs(-ageMs);
    return {
      status: 'warn',
      message: `${target}: last changed ${ahead} in the future; a clock is wrong`,
      ...measured,
    };
  }
  const age = shownMs(Math.max(0, ageMs));
  const since =
    file.mtimeMs < awakeSinceMs && open.sinceMs < awakeSinceMs
      ? 'not changed since this machine woke'
      : file.mtimeMs < open.sinceMs
        ? 'not changed since the beginning'
        : 'last changed';
  return {
    status: judge(ageMs, { warnAbove, failAbove }),
    message: `${target}: ${since} ${age} ago, ${allowed}`,
    ...measured,
  };
}

/** A folder that is not there is as bad as a file that is not there. */
export function explainFile(error: unknown): Verdict {
  const isAbsent = ['ENOENT', 'ENOTDIR', 'EIO', 'ESTALE'].includes(codeOf(error) ?? '');
  return { status: isAbsent ? 'fail' : 'unknown', reason: reasonOf(error) };
}
