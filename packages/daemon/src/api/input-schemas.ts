import { INSTANT_ALLOWED, KEEP_ACT_NAMES, opsException, parseInstant } from '@qts-ops/core/client';
import { z } from 'zod';
import { jsonValue } from './view-schemas.ts';

/** The longest page a list gives at once. */
export const PAGE_MAX = 1000;
export const PAGE_DEFAULT = 100;

const LIMIT_ALLOWED = `allowed: a whole number from 1 to ${PAGE_MAX}`;

/** A number in a query, where everything is text. */
function wholeNumber(allowed: string) {
  return z
    .string(allowed)
    .regex(/^\d{1,15}$/, allowed)
    .transform(Number);
}

const offset = wholeNumber('allowed: a whole number from 0').default(0);

/** `limit` and `offset` of every list. */
export const paging = {
  limit: wholeNumber(LIMIT_ALLOWED)
    .pipe(z.int().min(1, LIMIT_ALLOWED).max(PAGE_MAX, LIMIT_ALLOWED))
    .default(PAGE_DEFAULT)
    .meta({ description: `1 to ${PAGE_MAX}; default ${PAGE_DEFAULT}.` }),
  offset: offset.meta({ description: '0 or more; default 0.' }),
};

/** `start_date` and `end_date` of every list. */
export const dates = {
  start_date: z
    .string()
    .max(40)
    .optional()
    .meta({ description: `From: ${INSTANT_ALLOWED}.` }),
  end_date: z
    .string()
    .max(40)
    .optional()
    .meta({ description: `To and with: ${INSTANT_ALLOWED}.` }),
};

export const offsetQuery = z.strictObject({ offset });
export const idParams = z.strictObject({ id: z.string().min(1).max(100) });
export const jobParams = z.strictObject({ job_id: z.string().min(1).max(50) });
export const flag = z.enum(['true', 'false']);

const reason = z
  .string()
  .max(2000)
  .meta({ description: 'Why: at least 10 characters besides spaces; stands in the audit log.' });
const expectedRevision = z.int().min(0).optional().meta({
  description: 'Revision of the target this was decided on; refused with BAT-0105 when it has moved on.',
});

/** Body of stop, pause, resume and reset. */
export const actBody = z.strictObject({ reason, expected_revision: expectedRevision });

/** Body of the record of an act on backups. */
export const keepActBody = z.strictObject({
  act: z.enum(KEEP_ACT_NAMES),
  subject: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'What it is about: the id of a backup, a source, a folder.' }),
  reason,
});

/** Body of a manual start. */
export const startBody = z.strictObject({
  operator_reason: reason,
  params: z.record(z.string().max(100), jsonValue).optional(),
  parent_execution_id: z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'The ended execution this one resumes.' }),
  expected_revision: expectedRevision,
});

/** The instants of a list's date range, ms UTC; a date alone is that day in the engine's zone. */
export function rangeOf(
  query: { readonly start_date?: string | undefined; readonly end_date?: string | undefined },
  zone: string,
): { readonly fromMs?: number; readonly toMs?: number } {
  const { start_date: start, end_date: end } = query;
  return {
    ...(start === undefined
      ? {}
      : { fromMs: required('start_date', start, parseInstant(start, zone, 'start')) }),
    ...(end === undefined ? {} : { toMs: required('end_date', end, parseInstant(end, zone, 'end')) }),
  };
}

function required(name: string, text: string, instantMs: number | undefined): number {
  if (instantMs !== undefined) return instantMs;
  throw opsException('INP-0301', `query.${name}: '${text}'; allowed: ${INSTANT_ALLOWED}`, {
    data: { name },
  });
}
