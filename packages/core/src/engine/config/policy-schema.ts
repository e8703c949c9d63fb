import { z } from 'zod';
import { duration, field, wholeNumber } from './schema-fields.ts';

const secondMs = 1_000;
const dayMs = 86_400_000;

/** `missed: { all: … }`. */
export const missedAllSchema = z.strictObject({
  maxCatchUp: wholeNumber(1, 1_000, 'leave it out for 10').optional(),
  window: duration(secondMs, 30 * dayMs, '1 s to 30 days').optional(),
});

/** Most slots that wait for their turn: `overlap: { queue: n }`. */
export const queueSchema = wholeNumber(
  1,
  1_000,
  "write how many may wait; 'queue-one' keeps the newest only",
);

/** Most runs of one target side by side: `overlap: { allow: n }`. */
export const allowSchema = wholeNumber(2, 100, "write how many may run at once; one at a time is 'skip'");

/** `retry: n`. */
export const attemptsSchema = wholeNumber(
  1,
  10,
  'count the first attempt too; 1 means that nothing is tried again',
);

/** `retry: { … }`; the categories are read one by one. */
export const retrySchema = z.strictObject({
  maxAttempts: attemptsSchema,
  backoff: duration(0, dayMs, '0 to 1 day').optional(),
  factor: field(z.number().min(1).max(10), 'a number from 1 to 10', 'leave it out for 2').optional(),
  maxBackoff: duration(0, dayMs, '0 to 1 day').optional(),
  categories: z.unknown(),
});

/** `pools: { name: … }`. */
export const poolLimitSchema = wholeNumber(
  1,
  10_000,
  'write how many runs may go on at once; a pool without a limit needs no entry',
);
