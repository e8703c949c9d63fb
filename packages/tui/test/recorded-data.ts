import type {
  AuditView,
  EngineView,
  ExecutionDetail,
  ExecutionView,
  OpsSnapshot,
  TargetView,
} from '@qts-ops/core/client';
import { PROTOCOL_VERSION } from '@qts-ops/core/client';
import { ALERTS, CHECKS, NOW_MS } from './recorded-watch.ts';

export { NOW_MS };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const ENGINE: EngineView = {
  instance: 'seoul-1',
  environment: 'PROD',
  version: '0.1.0',
  bootId: 'b0a7c0de-0000-4000-8000-000000000001',
  pid: 4711,
  state: 'running',
  startedAtMs: NOW_MS - 26 * HOUR,
  timeZone: 'Asia/Seoul',
  beatEveryMs: 2_000,
  stateFolder: '/srv/desk/.qts-ops',
};

/** A target that is fine; tests change what they are about. */
export function targetView(id: string, change: Partial<TargetView> = {}): TargetView {
  return {
    id,
    kind: 'function',
    schedule: 'every 10 s',
    revision: 100,
    breaker: { kind: 'closed' },
    consecutiveErrors: 0,
    maxConsecutiveErrors: 3,
    outcomes: '........................',
    detached: false,
    lastExecutionId: executionId(900),
    lastStatus: 'SUCCESS',
    lastEndedAtMs: NOW_MS - 4 * SECOND,
    lastDurationMs: 41,
    lastSuccessAtMs: NOW_MS - 4 * SECOND,
    nextSlotMs: NOW_MS + 6 * SECOND,
    graceMs: 10 * SECOND,
    timeoutMs: 30 * SECOND,
    stopGraceMs: 5 * SECOND,
    ...change,
  };
}

/** An execution that succeeded. */
export function executionView(number: number, change: Partial<ExecutionView> = {}): ExecutionView {
  const startedAtMs = NOW_MS - number * 7 * SECOND;
  return {
    id: executionId(number),
    jobId: 'ledger-sync-kraken',
    runType: 'AUTO',
    status: 'SUCCESS',
    stopping: false,
    scheduledAtMs: startedAtMs,
    late: false,
    createdAtMs: startedAtMs,
    startedAtMs,
    endedAtMs: startedAtMs + 1_310,
    outcomeKnown: true,
    detached: false,
    outputBytes: 0,
    ...change,
  };
}

export function executionId(number: number): string {
  return `0193474a-3b00-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

export const TARGETS: readonly TargetView[] = [
  targetView('ledger-sync-kraken', {
    kind: 'command',
    title: '원장 동기화',
    schedule: '*/5 * * * *',
    timeZone: 'Asia/Seoul',
    revision: 4711,
    consecutiveErrors: 2,
    outcomes: '......................xx',
    lastExecutionId: executionId(1),
    lastStatus: 'FAILED',
    lastEndedAtMs: NOW_MS - 10 * MINUTE + 17 * SECOND,
    lastDurationMs: 31_000,
    lastSuccessAtMs: NOW_MS - 20 * MINUTE,
    lastErrorCode: 'EXT-0101',
    lastErrorMessage: 'kraken: timeout after 30 s while reading the trades of account 7 (거래소 응답 없음)',
    nextSlotMs: NOW_MS + 4 * MINUTE + 39 * SECOND,
    timeoutMs: 60 * SECOND,
  }),
  targetView('feed-heartbeat-kraken', {
    revision: 980,
    consecutiveErrors: 3,
    breaker: {
      kind: 'open',
      sinceMs: NOW_MS - 7 * MINUTE + 10 * SECOND,
      cooldownMs: 8 * MINUTE,
      probeAtMs: NOW_MS + MINUTE + 10 * SECOND,
    },
    outcomes: '............x........xxx',
    lastStatus: 'FAILED',
    lastEndedAtMs: NOW_MS - 7 * MINUTE,
    lastErrorCode: 'EXT-0101',
    lastErrorMessage: 'connect refused 10.2.0.7:443',
  }),
  targetView('prices-kraken-replay', {
    kind: 'isolated',
    schedule: 'on demand',
    revision: 12,
    outcomes: '..',
    running: {
      executionId: executionId(2),
      runType: 'MANUAL',
      startedAtMs: NOW_MS - 2 * MINUTE - 10 * SECOND,
      operatorId: 'bob',
      stopping: false,
      progress: { done: 410, total: 1000, failed: 0, unit: 'days', etaMs: NOW_MS + 3 * MINUTE },
    },
    lastStatus: 'SUCCESS',
    lastEndedAtMs: NOW_MS - 22 * HOUR,
  }),
  targetView('reconcile-kraken', {
    kind: 'command',
    schedule: '0 * * * *',
    revision: 77,
    pause: { operatorId: 'bob', atMs: NOW_MS - 2 * HOUR, reason: 'venue is down, see ticket 8812' },
    lastEndedAtMs: NOW_MS - 2 * HOUR,
  }),
  targetView('quality-kraken', {
    kind: 'command',
    schedule: '5 16 * * 1-5',
    revision: 31,
    outcomes: '..........s.............',
    lastSkip: { reason: 'overlap', toMs: NOW_MS - 30 * MINUTE, count: 3 },
    lastEndedAtMs: NOW_MS - 22 * HOUR,
    nextSlotMs: NOW_MS + 2 * HOUR,
  }),
  targetView('dashboard_update', {
    title: 'dashboard',
    nextSlotMs: NOW_MS - 40 * SECOND,
    lastEndedAtMs: NOW_MS - 50 * SECOND,
  }),
  newTarget('month-close'),
  ...['binance', 'bitstamp', 'coinbase', 'gemini', 'upbit', 'bithumb', '코빗'].map((venue) =>
    targetView(`orderbook-${venue}`),
  ),
];

/** A backup that is under way. */
export const KEEP_TARGET: TargetView = targetView('backup-market-data', {
  kind: 'keep',
  schedule: '5 */3 * * *',
  running: {
    executionId: executionId(4),
    runType: 'AUTO',
    startedAtMs: NOW_MS - 21 * SECOND,
    stopping: false,
    progress: {
      done: 3_900_000_000,
      total: 9_400_000_000,
      failed: 0,
      unit: 'B',
      message: 'market-data: writing, 17,102 files',
      ratePerSecond: 185_000_000,
      etaMs: NOW_MS + 29 * SECOND,
    },
  },
});

function newTarget(id: string): TargetView {
  const {
    lastStatus: _,
    lastExecutionId: __,
    lastEndedAtMs: ___,
    lastDurationMs: ____,
    lastSuccessAtMs: _____,
    ...fresh
  } = targetView(id, {
    kind: 'command',
    schedule: '0 6 1 * *',
    outcomes: '',
    nextSlotMs: NOW_MS + 10 * 24 * HOUR,
  });
  return fresh;
}

export const EXECUTIONS: readonly ExecutionView[] = [
  executionView(2, {
    jobId: 'prices-kraken-replay',
    runType: 'MANUAL',
    status: 'RUNNING',
    createdAtMs: NOW_MS - 2 * MINUTE - 10 * SECOND,
    startedAtMs: NOW_MS - 2 * MINUTE - 10 * SECOND,
    progress: { done: 410, total: 1000, failed: 0, unit: 'days' },
    operatorId: 'bob',
    operatorNote: 'vendor delivered corrected prices',
    outputBytes: 5_000,
  }),
  executionView(1, {
    runType: 'AUTO',
    status: 'FAILED',
    createdAtMs: NOW_MS - 10 * MINUTE,
    startedAtMs: NOW_MS - 10 * MINUTE,
    endedAtMs: NOW_MS - 10 * MINUTE + 31 * SECOND,
    errorCode: 'EXT-0101',
    errorMessage: 'kraken: timeout after 30 s',
    outputBytes: 200,
  }),
  executionView(3, {
    jobId: 'reconcile-kraken',
    runType: 'MANUAL',
    status: 'STOPPED',
    operatorId: 'alice',
    stopReason: 'wrong day was chosen',
  }),
  ...Array.from({ length: 40 }, (_, index) =>
    executionView(index + 10, { jobId: index % 3 === 0 ? 'ledger-sync-kraken' : 'orderbook-binance' }),
  ),
].map(withoutEndWhenRunning);

function withoutEndWhenRunning(execution: ExecutionView): ExecutionView {
  if (execution.status !== 'RUNNING') return execution;
  const { endedAtMs: _, ...running } = execution;
  return running;
}

export const ACTS: readonly AuditView[] = [
  act(55_212, 'TARGET_PAUSE', {
    targetId: 'reconcile-kraken',
    operatorId: 'bob',
    reason: 'venue is down, see ticket 8812',
    atMs: NOW_MS - 2 * HOUR,
  }),
  act(55_213, 'BATCH_START', {
    targetId: 'prices-kraken-replay',
    operatorId: 'bob',
    reason: 'vendor delivered corrected prices',
    atMs: NOW_MS - 2 * MINUTE - 10 * SECOND,
  }),
];

function act(seq: number, auditType: string, change: Partial<AuditView>): AuditView {
  return {
    seq,
    auditType,
    atMs: NOW_MS,
    targetId: 'x',
    operatorId: 'alice',
    reason: '',
    outcome: 'OK',
    ...change,
  };
}

/** A snapshot of the recorded engine. */
export function snapshotOf(targets: readonly TargetView[] = TARGETS): OpsSnapshot {
  return {
    protocol: PROTOCOL_VERSION,
    seq: 1,
    atMs: NOW_MS,
    engine: ENGINE,
    targets,
    executions: EXECUTIONS,
    alerts: ALERTS.filter(({ state }) => state !== 'resolved'),
    alertCount: ALERTS.filter(({ state }) => state !== 'resolved').length,
    health: { atMs: NOW_MS, status: 'fail', isolated: false, checks: CHECKS },
  };
}

/** What the engine tells about one execution when asked. */
export function executionDetail(execution: ExecutionView): ExecutionDetail {
  const startedAtMs = execution.startedAtMs ?? execution.createdAtMs;
  const failed = execution.status === 'FAILED';
  const ended =
    execution.endedAtMs === undefined
      ? []
      : [
          {
            executionId: execution.id,
            from: 'RUNNING' as const,
            to: execution.status,
            fence: 1,
            atMs: execution.endedAtMs,
            by: 'scheduler',
          },
        ];
  return {
    ...execution,
    fence: 1,
    transitions: [
      {
        executionId: execution.id,
        to: 'READY',
        fence: 1,
        atMs: execution.createdAtMs,
        by: execution.operatorId ?? 'scheduler',
      },
      {
        executionId: execution.id,
        from: 'READY',
        to: 'RUNNING',
        fence: 1,
        atMs: startedAtMs,
        by: 'scheduler',
      },
      ...ended,
    ],
    log: failed
      ? [
          {
            executionId: execution.id,
            level: 'ERROR',
            category: 'EXT',
            code: 'EXT-0101',
            message: 'exit code 75: the venue did not answer',
            atMs: startedAtMs + 30_000,
          },
        ]
      : [],
    ...(failed
      ? {
          userMessage: 'A system we depend on did not answer in time.',
          remedy: ['Look whether the venue is in maintenance.', 'Run the target again when it answers.'],
        }
      : {}),
    outputTail: '',
    outputTruncated: false,
  };
}

/** Captured output of every recorded execution: colours, a tab, Hangul and a screen-clearing sequence included. */
export const OUTPUT = [
  '2026-11-20 13:55:00 INFO  reading trades of \u001b[1;32maccount 7\u001b[0m',
  '2026-11-20 13:55:01 INFO\tpage 1 of 4',
  '2026-11-20 13:55:03 WARN  응답이 느립니다: 2.1 s',
  '\u001b[2J\u001b[H2026-11-20 13:55:30 ERROR timeout after 30 s',
  'Traceback (most recent call last):',
  '  File "ledger.py", line 88, in read_trades',
  'TimeoutError: https://api.kraken.example/0/private/TradesHistory did not answer within 30 s, 3 attempts were made and none of them came back',
  '',
].join('\n');
