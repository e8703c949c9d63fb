import {
  type CheckCall,
  type CheckFinding,
  defineHealthCheck,
  PLUGIN_API_VERSION,
  type PluginContext,
} from '@qts-ops/core/plugin';
import * as z from 'zod';
import { judge } from '../look/limits.ts';
import { look } from '../look/look.ts';
import { warnsFirst } from '../look/option-rules.ts';
import { countMatches } from '../look/pattern-match.ts';
import { patternOption } from '../look/pattern-option.ts';
import type { PatternFound } from '../look/pattern-rules.ts';
import { shortLine } from '../look/short-line.ts';
import { shownBytes, shownCount, shownMs } from '../look/shown-numbers.ts';
import { reasonOf } from '../look/trouble.ts';
import { beginOf, endOf, type NewLines, type ReadPosition, readNewLines } from './new-lines.ts';

const options = z
  .strictObject({
    path: z.string().min(1),
    /** Lines that match this regular expression are counted. */
    pattern: patternOption,
    /** Lines that match this one too are not. */
    ignore: patternOption.optional(),
    /** True where the case of letters does not count. */
    ignoreCase: z.boolean().default(false),
    /** Fails when more lines matched within the window. */
    failAbove: z.int().min(0).default(0),
    /** Warns when more lines matched within the window. */
    warnAbove: z.int().min(0).optional(),
    /** How long a match counts, ms; longer than it takes to confirm a bad state. */
    windowMs: z.number().positive().max(86_400_000).default(300_000),
    /** Where the first look begins: at the `end` lines written before it do not count. */
    from: z.enum(['end', 'begin']).default('end'),
    /** How long the disk may take, ms. */
    answerWithinMs: z.int().min(10).max(300_000).default(8_000),
  })
  .refine(...warnsFirst('warnAbove', 'failAbove'));

/** Options of `logPattern`. */
export type LogPatternOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

interface Counted {
  readonly atMs: number;
  readonly matches: number;
}

/** What is remembered between two looks; a new engine begins anew. */
interface Memory {
  position: ReadPosition | undefined;
  counted: readonly Counted[];
  lastMatch: string | undefined;
}

/** Few new lines of a log match a pattern; rotated and cut logs are followed. */
export const logPattern = defineHealthCheck({
  name: 'log_pattern',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: false },
  defaults: { intervalMs: 30_000, timeoutMs: 10_000 },
  create: async (given, context) => {
    const memory: Memory = { position: undefined, counted: [], lastMatch: undefined };
    return { check: (call) => lookAtLog(memory, { given, call, context }) };
  },
});

async function lookAtLog(memory: Memory, around: Look): Promise<CheckFinding> {
  const { given, call, context } = around;
  const { path: target, answerWithinMs } = given;
  const before = memory.position;
  let fresh: NewLines | undefined;
  const rules = { target, answerWithinMs, whenLate: 'unknown', usesDisk: true } as const;
  const read = await look(call, rules, async () => {
    const from = before ?? (await (given.from === 'end' ? endOf(target) : beginOf(target)));
    fresh = await readNewLines(target, from);
    return { status: 'pass', message: '' };
  });
  if (fresh === undefined || read.status !== 'pass') return read;
  // Matched after the disk has given its turn back: how long our own expression takes holds up nobody.
  try {
    const field = given.ignore === undefined ? 'pattern' : 'pattern or ignore';
    const found = await countMatches({ ...given, lines: fresh.lines }, { signal: call.signal, field });
    // A look that was given up, or was overtaken by another one, must not count its lines.
    const isCurrent = !call.signal.aborted && memory.position === before;
    if (isCurrent) remember(memory, { position: fresh.position, found }, around);
    return patternFinding(memory, fresh, given);
  } catch (error) {
    return { status: 'unknown', message: shortLine(context.redact(`${target}: ${reasonOf(error)}`), 300) };
  }
}

interface Look {
  readonly given: Given;
  readonly call: CheckCall;
  readonly context: PluginContext;
}

function remember(
  memory: Memory,
  { position, found }: { readonly position: ReadPosition; readonly found: PatternFound },
  { given, call, context }: Look,
): void {
  const { matches, last } = found;
  const current = memory.counted.filter(
    ({ atMs }) => atMs > call.nowMs - given.windowMs && atMs <= call.nowMs,
  );
  memory.position = position;
  memory.counted = matches === 0 ? current : [...current, { atMs: call.nowMs, matches }];
  if (last !== undefined) memory.lastMatch = shortLine(context.redact(last), 200);
}

function patternFinding(memory: Memory, fresh: NewLines, given: Given): CheckFinding {
  const count = memory.counted.reduce((sum, { matches }) => sum + matches, 0);
  const { warnAbove, failAbove } = given;
  const skipped = fresh.skippedBytes === 0 ? '' : `; ${shownBytes(fresh.skippedBytes)} were too much to read`;
  const status = judge(count, { warnAbove, failAbove });
  return {
    status,
    message: `${given.path}: ${shownCount(count)} matching lines within ${shownMs(given.windowMs)}, allowed up to ${failAbove}${skipped}`,
    value: count,
    observations: [
      { id: 'new_lines', value: fresh.lines.length },
      { id: 'skipped', value: fresh.skippedBytes, unit: 'B' },
    ],
    ...(count === 0 || memory.lastMatch === undefined ? {} : { details: { lastMatch: memory.lastMatch } }),
  };
}
