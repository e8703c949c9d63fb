import { statfs } from 'node:fs/promises';
import { type CheckFinding, defineHealthCheck, PLUGIN_API_VERSION } from '@qts-ops/core/plugin';
import * as z from 'zod';
import { CHECK_REPOSITORY_HEALTH } from '../check-names.ts';
import { judge } from '../look/limits.ts';
import { look, type Verdict } from '../look/look.ts';
import { warnsFirst } from '../look/option-rules.ts';
import { shownBytes, shownMs } from '../look/shown-numbers.ts';
import { codeOf, reasonOf } from '../look/trouble.ts';
import { removeLeftovers, writeReadDelete } from './canary-file.ts';
import { lookAtNewestManifest } from './manifest-look.ts';

const bytes = z.number().min(0);

const options = z
  .strictObject({
    /** The folder the data is written to. */
    folder: z.string().min(1),
    /** Fails when fewer bytes are free for us. */
    failBelowFreeBytes: bytes.default(100_000_000),
    /** Warns when fewer bytes are free for us. */
    warnBelowFreeBytes: bytes.optional(),
    /** Folder of backups whose newest manifest must be whole. */
    backups: z.string().min(1).optional(),
    /** Warns when writing, reading and removing the canary took longer. */
    warnAboveMs: z.number().positive().optional(),
    /** How long all of it may take, ms. */
    answerWithinMs: z.int().min(10).max(300_000).default(20_000),
  })
  .refine(...warnsFirst('warnBelowFreeBytes', 'failBelowFreeBytes'));

/** Options of `repositoryHealth`. */
export type RepositoryHealthOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

/** The data folder can be written, read and cleaned, has room, and its newest backup manifest is whole. */
export const repositoryHealth = defineHealthCheck({
  name: CHECK_REPOSITORY_HEALTH,
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'canary', network: false },
  defaults: { intervalMs: 300_000, timeoutMs: 25_000 },
  create: async (given) => {
    const { folder: target, answerWithinMs } = given;
    return {
      check: (call) =>
        look(
          call,
          { target, answerWithinMs, whenLate: 'fail', usesDisk: true, explain: explainRepository },
          (signal) => lookAtRepository(given, signal),
        ),
    };
  },
});

async function lookAtRepository(given: Given, signal: AbortSignal): Promise<CheckFinding> {
  const { folder } = given;
  const facts = await statfs(folder);
  const freeBytes = facts.bavail * facts.bsize;
  const startedMs = performance.now();
  await writeReadDelete(folder);
  const canaryMs = Math.round(performance.now() - startedMs);
  await removeLeftovers(folder);
  const backup = given.backups === undefined ? undefined : await lookAtNewestManifest(given.backups, signal);
  const measured = {
    value: canaryMs,
    unit: 'ms',
    observations: [{ id: 'free', value: freeBytes, unit: 'B' }],
  };
  if (backup !== undefined && backup.status !== 'pass') {
    return { status: backup.status, message: `${folder}: ${backup.reason}`, ...measured };
  }
  const byRoom = judge(freeBytes, {
    failBelow: given.failBelowFreeBytes,
    warnBelow: given.warnBelowFreeBytes,
  });
  const room = `${shownBytes(freeBytes)} free, allowed from ${shownBytes(given.failBelowFreeBytes)}`;
  const byTime = judge(canaryMs, { warnAbove: given.warnAboveMs });
  const whole = backup === undefined ? '' : `; ${backup.reason}`;
  return {
    status: byRoom === 'pass' ? byTime : byRoom,
    message: `${folder}: written, read and removed in ${shownMs(canaryMs)}; ${room}${whole}`,
    ...measured,
  };
}

/** That we cannot write there is what this check is for; only our own shortage of files says nothing about it. */
function explainRepository(error: unknown): Verdict {
  const isOurs = ['EMFILE', 'ENFILE'].includes(codeOf(error) ?? '');
  return { status: isOurs ? 'unknown' : 'fail', reason: reasonOf(error) };
}
