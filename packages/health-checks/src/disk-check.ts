import { statfs } from 'node:fs/promises';
import { opsException } from '@qts-ops/core/plugin';
import * as z from 'zod';
import type { Check, CheckVerdict } from './check.ts';
import { describeUse, usedPercent } from './disk-use.ts';
import './health-check-errors.ts';

const DiskOptionsSchema = z.strictObject({
  path: z.string().min(1),
  failAbovePercent: z.number().min(1).max(99),
  timeoutMs: z.int().min(10).max(60_000).default(5_000),
});

/** What a disk check needs to know. */
export interface DiskOptions {
  /** Any path on the file system to look at. */
  readonly path: string;
  /** Not well when more than this is used, 1 to 99. */
  readonly failAbovePercent: number;
  /** How long the system may take to answer, ms; 5,000 when absent. A lost network disk may never answer. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A check that a file system is not too full. A path that does not exist or does not answer is not well either.
 * @throws InputDataException INP-0521 when an option is wrong.
 */
export function diskCheck(options: DiskOptions): Check {
  const parsed = DiskOptionsSchema.safeParse(options);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `diskCheck.${issue.path.join('.')}: ${issue.message}`,
    );
    throw opsException('INP-0521', problems.join('; '), { data: { fields: problems } });
  }
  const { path, failAbovePercent, timeoutMs } = parsed.data;
  return () => within(timeoutMs, `${path}: no answer within ${timeoutMs} ms`, look(path, failAbovePercent));
}

async function look(path: string, failAbovePercent: number): Promise<CheckVerdict> {
  try {
    const { blocks, bfree, bavail } = await statfs(path);
    const percent = usedPercent({ blocks, freeBlocks: bfree, availableBlocks: bavail });
    return [percent <= failAbovePercent, describeUse(path, percent, failAbovePercent)];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return [false, `${path}: cannot be looked at (${code})`];
  }
}

/** The system call cannot be cancelled; a late answer is ignored. */
async function within(
  timeoutMs: number,
  message: string,
  answer: Promise<CheckVerdict>,
): Promise<CheckVerdict> {
  const late = Promise.withResolvers<CheckVerdict>();
  const timer = setTimeout(() => late.resolve([false, message]), timeoutMs);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
