import { CHECK_STATUSES, type HealthCheckView, type HealthView } from '@qts-ops/core/client';
import { z } from 'zod';
import { alertLevel } from './alert-schemas.ts';

/* Shapes of watch-views.ts about checks; see view-schemas.ts for what they are used for. */

const instantMs = z.int().meta({ description: 'Milliseconds since 1970-01-01 UTC.' });
const checkStatus = z.enum(CHECK_STATUSES);
const percent = z.number().min(0).max(100).exactOptional();

export const healthCheckView = z
  .object({
    id: z.string(),
    kind: z.string(),
    critical: z.boolean(),
    status: checkStatus.meta({ description: 'Worked out when it was asked for.' }),
    why: z.string().exactOptional(),
    message: z.string().exactOptional(),
    value: z.number().exactOptional(),
    unit: z.string().exactOptional(),
    lookedAtMs: instantMs.exactOptional(),
    durationMs: z.number().exactOptional(),
    sinceMs: instantMs.exactOptional(),
    lastKnownAtMs: instantMs
      .exactOptional()
      .meta({ description: 'When a look last found anything; absent when none did yet.' }),
    intervalMs: z.number(),
    flapping: z.boolean(),
    alertLevel: alertLevel.exactOptional(),
    held: z.string().exactOptional().meta({ description: 'What holds an alert about it back.' }),
    staleAtMs: instantMs
      .exactOptional()
      .meta({ description: 'From this instant on nothing is known any more, whatever the status says.' }),
    dependsOn: z.array(z.string()),
    day: z
      .object({ pass: percent, warn: percent, fail: percent, unknown: percent })
      .exactOptional()
      .meta({ description: 'Share of the last day in percent; maintenance is left out.' }),
  })
  .meta({ id: 'HealthCheckView' }) satisfies z.ZodType<HealthCheckView>;

export const healthView = z
  .object({
    atMs: instantMs,
    status: checkStatus,
    isolated: z.boolean(),
    checks: z.array(healthCheckView),
  })
  .meta({ id: 'HealthView' }) satisfies z.ZodType<HealthView>;

const word = z.enum(['pass', 'warn', 'fail']);

/** What `/health` answers, in the words of the health+json draft. */
export const healthDocument = z
  .object({
    status: word,
    version: z.string(),
    releaseId: z.string(),
    serviceId: z.string(),
    description: z.string(),
    output: z.string().optional(),
    state: z.enum(['running', 'draining']),
    bootId: z.string(),
    pid: z.int(),
    checks: z.record(
      z.string(),
      z.array(
        z.object({
          componentType: z.string(),
          status: word,
          observedValue: z.number().optional(),
          observedUnit: z.string().optional(),
          time: z.string().optional(),
          output: z.string().optional(),
        }),
      ),
    ),
  })
  .meta({ id: 'Health' });
/** What `/health` answers. */
export type HealthDocument = z.infer<typeof healthDocument>;
