import type { BackupsView, BackupView, DrillView } from '@qts-ops/core/client';
import { z } from 'zod';
import { count, instantMs } from './view-schemas.ts';

/* The shapes of keep-client.ts for readers outside TypeScript. */

export const backupView = z
  .object({
    id: z.string(),
    source: z.string(),
    backupRoot: z.string(),
    copy: z.boolean(),
    state: z.enum(['verified', 'unverified', 'broken']),
    problem: z.string().exactOptional(),
    strategy: z.string(),
    codec: z.string(),
    madeAtMs: instantMs,
    verifiedAtMs: instantMs.exactOptional(),
    files: count,
    bytes: count,
    sourceBytes: count,
    parent: z.string().exactOptional(),
    held: z.boolean(),
  })
  .meta({ id: 'BackupView' }) satisfies z.ZodType<BackupView>;

const keepNote = z
  .object({ source: z.string(), code: z.string(), message: z.string(), standing: z.boolean() })
  .meta({ id: 'KeepNote' });

export const drillView = z
  .object({
    source: z.string(),
    kind: z.enum(['stream', 'full']),
    outcome: z.enum(['passed', 'failed']),
    atMs: instantMs,
    backupId: z.string().exactOptional(),
    problem: z.string().exactOptional(),
    files: count,
    bytes: count,
    ageMs: z.number(),
    recoveryMs: z.number(),
  })
  .meta({ id: 'DrillView' }) satisfies z.ZodType<DrillView>;

export const backupsView = z
  .object({
    atMs: instantMs.exactOptional(),
    configured: z.boolean(),
    backupRoot: z.string().exactOptional(),
    copyTo: z.string().exactOptional(),
    maxAgeMs: z.number().exactOptional(),
    sources: z.array(z.object({ id: z.string(), path: z.string(), verifiedAtMs: instantMs.exactOptional() })),
    backups: z.array(backupView),
    notes: z.array(keepNote),
    drills: z.array(drillView),
  })
  .meta({ id: 'BackupsView' }) satisfies z.ZodType<BackupsView>;
