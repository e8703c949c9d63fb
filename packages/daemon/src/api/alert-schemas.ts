import {
  ALERT_LEVELS,
  ALERT_STATES,
  ALERT_TYPES,
  type AlertDetail,
  type AlertView,
  type ChannelTestView,
  type ChannelView,
  type SilenceView,
  type UnacknowledgedCounts,
} from '@qts-ops/core/client';
import { z } from 'zod';

/* Shapes of watch-views.ts about alerts; see view-schemas.ts for what they are used for. */

const instantMs = z.int().meta({ description: 'Milliseconds since 1970-01-01 UTC.' });
const count = z.int().min(0);
export const alertLevel = z.enum(ALERT_LEVELS);
export const alertState = z.enum(ALERT_STATES);
export const alertType = z.enum(ALERT_TYPES);

const alertFields = {
  id: z.string(),
  dedupKey: z.string().meta({ description: 'What makes two signals the same alert.' }),
  alertType,
  level: alertLevel,
  state: alertState,
  title: z.string(),
  message: z.string(),
  labels: z.record(z.string(), z.string()),
  executionId: z.string().exactOptional(),
  errorCode: z.string().exactOptional(),
  event: z.boolean().meta({ description: 'True for what is over when it is told.' }),
  startedAtMs: instantMs,
  lastSeenAtMs: instantMs,
  resolvedAtMs: instantMs.exactOptional(),
  count: count.meta({ description: 'How often it was seen.' }),
  acknowledgedBy: z.string().exactOptional(),
  acknowledgedAtMs: instantMs.exactOptional(),
  acknowledgedReason: z.string().exactOptional(),
  acknowledgedUntilMs: instantMs.exactOptional(),
  suppressedBy: z.string().exactOptional().meta({ description: 'Why nobody is told.' }),
  silencedBy: z.string().exactOptional().meta({ description: 'The silence that keeps it untold.' }),
  flapping: z.boolean(),
  escalatesAtMs: instantMs.exactOptional(),
  noticesMovedAtMs: instantMs
    .exactOptional()
    .meta({ description: 'When a notice of it last moved; in the stream alone, when it is known.' }),
};

export const alertView = z.object(alertFields).meta({ id: 'AlertView' }) satisfies z.ZodType<AlertView>;

const attempt = z
  .object({
    number: count,
    atMs: instantMs,
    result: z.string().exactOptional().meta({ description: 'sent, retry, rejected or lost.' }),
    durationMs: z.number().exactOptional(),
    text: z.string().exactOptional(),
    rejectedRecipients: z.array(z.string()).exactOptional(),
  })
  .meta({ id: 'NoticeAttempt' });

const delivery = z
  .object({
    rowId: z.string(),
    channelId: z.string(),
    reason: z.string(),
    status: z.string().meta({ description: 'pending, sending, retry, sent, dead or superseded.' }),
    createdAtMs: instantMs,
    attempts: count,
    nextAttemptAtMs: instantMs.exactOptional(),
    sentAtMs: instantMs.exactOptional(),
    problem: z.string().exactOptional(),
    history: z.array(attempt).exactOptional(),
  })
  .meta({ id: 'Delivery' });

export const alertDetail = z
  .object({
    ...alertFields,
    userMessage: z.string().exactOptional(),
    remedy: z.array(z.string()).exactOptional(),
    deliveries: z.array(delivery),
  })
  .meta({ id: 'AlertDetail' }) satisfies z.ZodType<AlertDetail>;

export const unacknowledgedCounts = z
  .object({ INFO: count, WARN: count, ERROR: count, CRITICAL: count })
  .meta({ id: 'UnacknowledgedCounts' }) satisfies z.ZodType<UnacknowledgedCounts>;

export const silenceView = z
  .object({
    id: z.string(),
    matchers: z.array(z.string()),
    createdBy: z.string(),
    reason: z.string(),
    startsAtMs: instantMs,
    endsAtMs: instantMs,
    endedBy: z.string().exactOptional().meta({ description: 'Who ended it before its time.' }),
    active: z.boolean(),
  })
  .meta({ id: 'SilenceView' }) satisfies z.ZodType<SilenceView>;

export const channelView = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.enum(['ok', 'failing', 'paused']),
    pending: count,
    lastSentAtMs: instantMs.exactOptional(),
    problem: z.string().exactOptional(),
    pausedUntilMs: instantMs.exactOptional(),
  })
  .meta({ id: 'ChannelView' }) satisfies z.ZodType<ChannelView>;

export const channelTestView = z
  .object({
    channelId: z.string(),
    delivered: z.boolean(),
    text: z.string(),
    attempts: count,
    durationMs: z.number(),
  })
  .meta({ id: 'ChannelTestView' }) satisfies z.ZodType<ChannelTestView>;
