import { availableParallelism, cpus, loadavg, platform } from 'node:os';
import { type CheckFinding, defineHealthCheck, PLUGIN_API_VERSION } from '@qts-ops/core/plugin';
import * as z from 'zod';
import { judge } from '../look/limits.ts';
import { look } from '../look/look.ts';
import { warnsFirst } from '../look/option-rules.ts';
import { rounded } from '../look/shown-numbers.ts';

const WINDOWS = { '1m': 0, '5m': 1, '15m': 2 } as const;

const options = z
  .strictObject({
    /** Fails when more than so many processes wait for each processor. */
    failAbovePerProcessor: z.number().positive().max(10_000).default(4),
    /** Warns when more than so many processes wait for each processor. */
    warnAbovePerProcessor: z.number().positive().max(10_000).optional(),
    /** Over how long the system's average reaches. */
    window: z.enum(['1m', '5m', '15m']).default('5m'),
  })
  .refine(...warnsFirst('warnAbovePerProcessor', 'failAbovePerProcessor'));

/** Options of `cpuLoad`. */
export type CpuLoadOptions = z.input<typeof options>;

/** The load average of one of the three windows, and over how many processors it is spread. */
export interface Load {
  readonly average: number;
  readonly processors: number;
}

/** The processors keep up: the load average for each processor is bounded. */
export const cpuLoad = defineHealthCheck({
  name: 'cpu_load',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: false },
  defaults: { intervalMs: 60_000, timeoutMs: 2_000 },
  create: async (given) => ({
    check: (call) =>
      look(call, { target: 'load', answerWithinMs: 1_000, whenLate: 'unknown' }, async () => {
        if (platform() === 'win32')
          return { status: 'unknown', message: 'load: Windows has no load average' };
        const average = loadavg()[WINDOWS[given.window]] ?? 0;
        return loadFinding({ average, processors: machineProcessors() }, given);
      }),
  }),
});

/** The load is that of the whole machine, also in a container that may use a part of its processors only. */
export function machineProcessors(): number {
  return Math.max(cpus().length, availableParallelism());
}

/** What a load means. */
export function loadFinding({ average, processors }: Load, given: z.output<typeof options>): CheckFinding {
  const share = average / processors;
  const { warnAbovePerProcessor: warnAbove, failAbovePerProcessor: failAbove } = given;
  return {
    status: judge(share, { warnAbove, failAbove }),
    message: `load: ${rounded(average)} over ${given.window} on ${processors} processors, ${share.toFixed(2)} each, allowed up to ${failAbove}`,
    value: Math.round(share * 100) / 100,
    observations: [{ id: 'load', value: average }],
  };
}
