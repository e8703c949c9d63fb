import type {
  AlertDetail,
  AlertView,
  BackupsView,
  BackupView,
  ChannelView,
  DeliveryView,
  HealthCheckView,
  SilenceView,
} from '@qts-ops/core/client';

/** 14:05:21 on 2026-11-20 in Seoul; every recorded time is told from here. */
export const NOW_MS = Date.parse('2026-11-20T14:05:21+09:00');

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An open alert that nobody has taken; tests change what they are about. */
export function alertView(id: string, change: Partial<AlertView> = {}): AlertView {
  return {
    id,
    dedupKey: `check:${id}`,
    alertType: 'HEALTH_CHECK',
    level: 'WARN',
    state: 'firing',
    title: id,
    message: change.title ?? `${id} is not well`,
    labels: { check: id },
    event: false,
    startedAtMs: NOW_MS - 10 * MINUTE,
    lastSeenAtMs: NOW_MS - MINUTE,
    count: 1,
    flapping: false,
    ...change,
  };
}

export const ALERTS: readonly AlertView[] = [
  alertView('01900000-0000-7000-8000-00000000a001', {
    dedupKey: 'check:broker_heartbeat',
    level: 'CRITICAL',
    title: 'broker_heartbeat: no quote for 92 s while the market is open',
    message:
      'The last quote of kraken is 92 s old, at most 30 s are allowed while XKRX is open. 시세가 오지 않습니다. Orders are not sent without quotes.',
    labels: { check: 'broker_heartbeat', group: 'venue', venue: 'kraken' },
    startedAtMs: NOW_MS - 7 * MINUTE,
    lastSeenAtMs: NOW_MS - 20 * SECOND,
    count: 14,
    escalatesAtMs: NOW_MS + 3 * MINUTE,
  }),
  alertView('01900000-0000-7000-8000-00000000a002', {
    dedupKey: 'target:feed-heartbeat-kraken:suspended',
    alertType: 'TARGET_SUSPENDED',
    level: 'ERROR',
    title: 'feed-heartbeat-kraken is suspended after 3 errors',
    message: 'EXT-0101 connect refused 10.2.0.7:443',
    errorCode: 'EXT-0101',
    executionId: '0193474a-3b00-7000-8000-000000000001',
    labels: { job: 'feed-heartbeat-kraken' },
    startedAtMs: NOW_MS - 6 * MINUTE,
  }),
  alertView('01900000-0000-7000-8000-00000000a003', {
    dedupKey: 'batch:ledger-sync-kraken:failed',
    alertType: 'BATCH_FAILED',
    level: 'ERROR',
    state: 'acknowledged',
    title: '원장 동기화 실패 (ledger-sync-kraken) 🚨',
    labels: { job: 'ledger-sync-kraken' },
    startedAtMs: NOW_MS - 40 * MINUTE,
    count: 2,
    acknowledgedBy: 'bob',
    acknowledgedAtMs: NOW_MS - 30 * MINUTE,
    acknowledgedReason: 'vendor ticket 8812',
    acknowledgedUntilMs: NOW_MS + 5 * HOUR,
  }),
  alertView('01900000-0000-7000-8000-00000000a004', {
    dedupKey: 'check:disk-data',
    title: 'disk-data: 88 % of /srv is used',
    startedAtMs: NOW_MS - 26 * HOUR,
    count: 311,
    suppressedBy: 'maintenance weekend-move',
  }),
  alertView('01900000-0000-7000-8000-00000000a005', {
    dedupKey: 'manual:prices-kraken-replay',
    alertType: 'MANUAL_START',
    level: 'INFO',
    state: 'resolved',
    event: true,
    title: 'bob started prices-kraken-replay by hand',
    startedAtMs: NOW_MS - 2 * MINUTE - 10 * SECOND,
    resolvedAtMs: NOW_MS - 2 * MINUTE - 10 * SECOND,
  }),
  alertView('01900000-0000-7000-8000-00000000a006', {
    dedupKey: 'check:clock',
    level: 'CRITICAL',
    state: 'resolved',
    title: 'clock: 3.1 s behind the time server',
    startedAtMs: NOW_MS - 5 * HOUR,
    resolvedAtMs: NOW_MS - 4 * HOUR,
    acknowledgedBy: 'alice',
  }),
];

function delivery(channelId: string, change: Partial<DeliveryView> = {}): DeliveryView {
  return {
    rowId: `row-${channelId}`,
    channelId,
    reason: 'firing',
    status: 'sent',
    createdAtMs: NOW_MS - 6 * MINUTE,
    attempts: 1,
    sentAtMs: NOW_MS - 6 * MINUTE + 2 * SECOND,
    ...change,
  };
}

const DELIVERIES: Readonly<Record<string, readonly DeliveryView[]>> = {
  '01900000-0000-7000-8000-00000000a001': [
    delivery('mail'),
    waiting('slack', {
      status: 'retry',
      attempts: 3,
      nextAttemptAtMs: NOW_MS + 40 * SECOND,
      problem: 'EXT-0501 429 rate_limited, asked to wait 40 s',
    }),
    waiting('webhook', { status: 'dead', attempts: 12, problem: 'EXT-0501 404 no_service' }),
  ],
  '01900000-0000-7000-8000-00000000a002': [delivery('mail'), delivery('slack')],
  '01900000-0000-7000-8000-00000000a003': [delivery('mail'), delivery('slack')],
  '01900000-0000-7000-8000-00000000a005': [delivery('mail', { reason: 'event' })],
  '01900000-0000-7000-8000-00000000a006': [delivery('mail', { reason: 'resolved' }), delivery('slack')],
};

function waiting(channelId: string, change: Partial<DeliveryView>): DeliveryView {
  const { sentAtMs: _, ...row } = delivery(channelId, change);
  return row;
}

/** What the engine tells about one alert when asked. */
export function alertDetail(alert: AlertView): AlertDetail {
  const critical = alert.dedupKey === 'check:broker_heartbeat';
  return {
    ...alert,
    ...(critical
      ? {
          userMessage: 'A venue sends no data.',
          remedy: ['Look whether kraken is in maintenance.', 'Restart the quote process of the desk.'],
        }
      : {}),
    deliveries: DELIVERIES[alert.id] ?? [],
  };
}

export const CHANNELS: readonly ChannelView[] = [
  { id: 'mail', kind: 'email', state: 'ok', pending: 0, lastSentAtMs: NOW_MS - 6 * MINUTE },
  {
    id: 'slack',
    kind: 'slack',
    state: 'paused',
    pending: 2,
    pausedUntilMs: NOW_MS + 40 * SECOND,
    problem: '429',
  },
  { id: 'webhook', kind: 'webhook', state: 'failing', pending: 0, problem: '404 no_service' },
];

/** A check that passed a moment ago. */
export function checkView(id: string, change: Partial<HealthCheckView> = {}): HealthCheckView {
  return {
    id,
    kind: id,
    critical: false,
    status: 'pass',
    message: 'all is well',
    lookedAtMs: NOW_MS - 20 * SECOND,
    durationMs: 12,
    sinceMs: NOW_MS - 3 * HOUR,
    intervalMs: 30 * SECOND,
    flapping: false,
    staleAtMs: NOW_MS + DAY,
    dependsOn: [],
    ...change,
  };
}

export const CHECKS: readonly HealthCheckView[] = [
  checkView('broker_heartbeat', {
    critical: true,
    status: 'fail',
    message: 'no quote of kraken for 92 s, at most 30 s (시세 지연)',
    value: 92,
    unit: 's',
    sinceMs: NOW_MS - 7 * MINUTE,
    alertLevel: 'CRITICAL',
    dependsOn: ['internet'],
  }),
  checkView('disk-data', {
    kind: 'disk',
    status: 'warn',
    message: '88 % of /srv is used',
    value: 88.25,
    unit: '%',
  }),
  checkView('sheets', {
    kind: 'google_sheets',
    critical: true,
    message: 'written and read back',
    lookedAtMs: NOW_MS - 14 * MINUTE,
    staleAtMs: NOW_MS - 12 * MINUTE,
  }),
  checkView('tls-venue', {
    kind: 'tls_expiry',
    status: 'unknown',
    why: 'isolated',
    message: 'no answer',
    lastKnownAtMs: NOW_MS - 25 * MINUTE,
    held: 'isolated',
  }),
  checkView('clock', { critical: true, value: 4, unit: 'ms' }),
  checkView('disk-state', { kind: 'disk', value: 41, unit: '%', message: '41 % of / is used' }),
  checkView('internet', { kind: 'tcp', value: 9, unit: 'ms' }),
  checkView('memory', { value: 512, unit: 'MB', message: '512 MB of 2 GB' }),
  checkView('outbox', { critical: true, value: 0, unit: 's' }),
  checkView('scheduler', { critical: true, value: 3, unit: 'ms' }),
  checkView('store', { critical: true, value: 1.25, unit: 'ms' }),
];

/** Every check as the engine tells about it when asked. */
export function checksOfTheDay(): readonly HealthCheckView[] {
  return CHECKS.map((check) => ({ ...check, day: { pass: 97.5, fail: 2.25, unknown: 0.25 } }));
}

/** A verified backup of an hour ago. */
export function backupView(id: string, change: Partial<BackupView> = {}): BackupView {
  return {
    id,
    source: 'market-data',
    backupRoot: '/srv/backup',
    copy: false,
    state: 'verified',
    strategy: 'archive',
    codec: 'zstd-1',
    madeAtMs: NOW_MS - 3 * HOUR,
    verifiedAtMs: NOW_MS - 3 * HOUR + 4 * MINUTE,
    files: 41_220,
    bytes: 3_112_000_000,
    sourceBytes: 9_400_000_000,
    held: false,
    ...change,
  };
}

export const BACKUPS: BackupsView = {
  atMs: NOW_MS - 3 * HOUR,
  configured: true,
  backupRoot: '/srv/backup',
  copyTo: '/mnt/second/backup',
  maxAgeMs: 26 * HOUR,
  sources: [
    { id: 'market-data', path: '/srv/desk/data/raw', verifiedAtMs: NOW_MS - 3 * HOUR + 4 * MINUTE },
    { id: 'ledger', path: '/srv/desk/ledger', verifiedAtMs: NOW_MS - 31 * HOUR },
  ],
  backups: [
    backupView('20261120-110500'),
    backupView('20261120-110500', { copy: true, backupRoot: '/mnt/second/backup' }),
    backupView('20261119-110500', {
      madeAtMs: NOW_MS - 27 * HOUR,
      verifiedAtMs: NOW_MS - 27 * HOUR,
      held: true,
      strategy: 'incremental',
      parent: '20261118-110500',
      files: 812,
      bytes: 41_220_000,
    }),
    unverified('20261120-140200', {
      source: 'ledger',
      madeAtMs: NOW_MS - 3 * MINUTE,
      files: 204,
      bytes: 812_000,
    }),
    backupView('20261118-110500', {
      source: 'ledger',
      madeAtMs: NOW_MS - 51 * HOUR,
      verifiedAtMs: NOW_MS - 51 * HOUR,
      state: 'broken',
      problem: 'ledger.jsonl: digest differs from the manifest (원장)',
      files: 203,
      bytes: 801_000,
    }),
  ],
  drills: [
    {
      source: 'market-data',
      kind: 'stream',
      outcome: 'passed',
      atMs: NOW_MS - 4 * DAY,
      backupId: '20261116-110500',
      files: 41_190,
      bytes: 9_390_000_000,
      ageMs: 3 * HOUR,
      recoveryMs: 38_000,
    },
  ],
  notes: [
    {
      source: 'ledger',
      code: 'SYS-0311',
      message: 'the only copy is on the same disk as the source: one failure takes both',
      standing: true,
    },
  ],
};

function unverified(id: string, change: Partial<BackupView>): BackupView {
  const { verifiedAtMs: _, ...rest } = backupView(id, { state: 'unverified', ...change });
  return rest;
}

/** One that holds, one to come, one that has ended today, one that ended longer ago. */
export const SILENCES: readonly SilenceView[] = [
  {
    id: '01900000-0000-7000-8000-00000000b001',
    matchers: ['dedupKey=check:disk-data'],
    createdBy: 'bob',
    reason: 'the old files go this weekend, 티켓 8812',
    startsAtMs: NOW_MS - 40 * MINUTE,
    endsAtMs: NOW_MS + 20 * MINUTE,
    active: true,
  },
  {
    id: '01900000-0000-7000-8000-00000000b002',
    matchers: ['job=ledger-sync-*', 'level!=CRITICAL'],
    createdBy: 'alice',
    reason: 'the venue moves its servers tonight',
    startsAtMs: NOW_MS + 3 * HOUR,
    endsAtMs: NOW_MS + 7 * HOUR,
    active: false,
  },
  {
    id: '01900000-0000-7000-8000-00000000b003',
    matchers: ['check=broker_heartbeat'],
    createdBy: 'carol',
    reason: 'broker maintenance window',
    startsAtMs: NOW_MS - 5 * HOUR,
    endsAtMs: NOW_MS - 4 * HOUR,
    active: false,
  },
  {
    id: '01900000-0000-7000-8000-00000000b004',
    matchers: ['job=prices'],
    createdBy: 'carol',
    reason: 'long forgotten by everybody',
    startsAtMs: NOW_MS - 3 * DAY,
    endsAtMs: NOW_MS - 2 * DAY,
    active: false,
  },
];
