import { freemem, platform, totalmem } from 'node:os';
import { type CheckFinding, defineHealthCheck, PLUGIN_API_VERSION } from '@qts-ops/core/plugin';
import * as z from 'zod';
import { judge } from '../look/limits.ts';
import { look } from '../look/look.ts';
import { warnsFirst } from '../look/option-rules.ts';
import { rounded, shownBytes } from '../look/shown-numbers.ts';
import { LINUX_MEMORY, type MemoryUse, readMemoryUse } from './memory-use.ts';

const percent = z.number().min(1).max(100);

const options = z
  .strictObject({
    /** Fails when more than this is used. */
    failAbovePercent: percent.default(95),
    /** Warns when more than this is used. */
    warnAbovePercent: percent.optional(),
    /** How long the system may take to answer, ms. */
    answerWithinMs: z.int().min(10).max(60_000).default(2_000),
  })
  .refine(...warnsFirst('warnAbovePercent', 'failAbovePercent'));

/** Options of `memory`. */
export type MemoryOptions = z.input<typeof options>;

/** There is memory left: of the container where there is one with a limit, else of the machine. */
export const memory = defineHealthCheck({
  name: 'memory',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: false },
  defaults: { intervalMs: 30_000, timeoutMs: 5_000 },
  create: async (given) => ({
    check: (call) =>
      look(call, { target: 'memory', answerWithinMs: given.answerWithinMs, whenLate: 'unknown' }, async () =>
        memoryFinding(platform() === 'linux' ? await readMemoryUse(LINUX_MEMORY) : machineUse(), given),
      ),
  }),
});

/** Systems other than Linux count memory that could be given back as used, so their number is high. */
function machineUse(): MemoryUse {
  return { limitBytes: totalmem(), usedBytes: totalmem() - freemem(), of: 'machine' };
}

/** What a use of memory means. */
export function memoryFinding(use: MemoryUse, given: z.output<typeof options>): CheckFinding {
  if (use.limitBytes <= 0) {
    return { status: 'unknown', message: 'memory: the system does not say how much there is' };
  }
  const used = (use.usedBytes / use.limitBytes) * 100;
  const whose = use.of === 'group' ? 'this container may have' : 'this machine has';
  return {
    status: judge(used, { warnAbove: given.warnAbovePercent, failAbove: given.failAbovePercent }),
    message: `memory: ${rounded(used)} % used of the ${shownBytes(use.limitBytes)} ${whose}, allowed up to ${given.failAbovePercent} %`,
    value: Math.round(used * 10) / 10,
    unit: '%',
    observations: [{ id: 'free', value: use.limitBytes - use.usedBytes, unit: 'B' }],
  };
}
