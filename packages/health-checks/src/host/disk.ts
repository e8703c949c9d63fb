import { stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type CheckFinding, defineHealthCheck, PLUGIN_API_VERSION } from '@qts-ops/core/plugin';
import * as z from 'zod';
import { gravest, judge } from '../look/limits.ts';
import { look, type Verdict } from '../look/look.ts';
import { warnsFirst } from '../look/option-rules.ts';
import { shownBytes } from '../look/shown-numbers.ts';
import { codeOf, reasonOf } from '../look/trouble.ts';
import { usedPercent } from './disk-use.ts';

const percent = z.number().min(1).max(99);

const options = z
  .strictObject({
    /** Any path on the file system to look at. */
    path: z.string().min(1),
    /** Fails when more than this is used, as `df` counts. */
    failAbovePercent: percent,
    /** Warns when more than this is used. */
    warnAbovePercent: percent.optional(),
    /** Fails when more than this of the inodes is used; file systems without a fixed number of them pass. */
    failAboveInodesPercent: percent.default(95),
    /** Warns when more than this of the inodes is used. */
    warnAboveInodesPercent: percent.optional(),
    /** True where `path` must be a mount of its own: fails when the disk is not mounted and the empty folder below shows. */
    mounted: z.boolean().default(false),
    /** How long the system may take to answer, ms. A lost network disk may never answer. */
    answerWithinMs: z.int().min(10).max(300_000).default(5_000),
  })
  .refine(...warnsFirst('warnAbovePercent', 'failAbovePercent'))
  .refine(...warnsFirst('warnAboveInodesPercent', 'failAboveInodesPercent'));

/** Options of `disk`. */
export type DiskOptions = z.input<typeof options>;

/** A file system is not too full, in bytes and inodes, and is the one that should be mounted. */
export const disk = defineHealthCheck({
  name: 'disk',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: false },
  defaults: { intervalMs: 60_000, timeoutMs: 10_000 },
  create: async (given) => ({
    check: (call) =>
      look(
        call,
        {
          target: given.path,
          answerWithinMs: given.answerWithinMs,
          whenLate: 'fail',
          usesDisk: true,
          explain: explainDisk,
        },
        () => lookAtDisk(given),
      ),
  }),
});

async function lookAtDisk(given: z.output<typeof options>): Promise<CheckFinding> {
  const facts = await statfs(given.path);
  if (given.mounted && !(await isMount(given.path))) {
    return {
      status: 'fail',
      message: `${given.path}: is no mount; the disk that belongs there is not mounted`,
    };
  }
  const used = usedPercent({ blocks: facts.blocks, freeBlocks: facts.bfree, availableBlocks: facts.bavail });
  const inodes = facts.files === 0 ? undefined : Math.ceil(((facts.files - facts.ffree) / facts.files) * 100);
  const byBytes = judge(used, { warnAbove: given.warnAbovePercent, failAbove: given.failAbovePercent });
  const byInodes =
    inodes === undefined
      ? 'pass'
      : judge(inodes, { warnAbove: given.warnAboveInodesPercent, failAbove: given.failAboveInodesPercent });
  const freeBytes = facts.bavail * facts.bsize;
  const inodesText =
    byInodes === 'pass'
      ? ''
      : `; ${inodes} % of the inodes used, allowed up to ${given.failAboveInodesPercent} %`;
  return {
    status: gravest([byBytes, byInodes]),
    message: `${given.path}: ${used} % used, allowed up to ${given.failAbovePercent} %, ${shownBytes(freeBytes)} free${inodesText}`,
    value: used,
    unit: '%',
    observations: [
      { id: 'free', value: freeBytes, unit: 'B' },
      ...(inodes === undefined ? [] : [{ id: 'inodes', value: inodes, unit: '%' }]),
    ],
  };
}

/** A mount has another device than the folder it stands in; the root of all is a mount too. */
async function isMount(path: string): Promise<boolean> {
  const folder = resolve(path);
  const parent = dirname(folder);
  if (parent === folder) return true;
  const [own, above] = await Promise.all([stat(folder), stat(parent)]);
  return own.dev !== above.dev;
}

/** A path that is not there or cannot be read by its disk is not well; one we may not look at says nothing. */
function explainDisk(error: unknown): Verdict {
  const isOurs = ['EACCES', 'EPERM', 'EMFILE', 'ENFILE'].includes(codeOf(error) ?? '');
  return { status: isOurs || codeOf(error) === undefined ? 'unknown' : 'fail', reason: reasonOf(error) };
}
