import { SPECIFICATION_ERRORS } from '../adapters/store-sql/specification-errors.ts';
import type { AuditEntry } from '../guard/audit/audit-entry.ts';
import { type ErrorDefinition, findError } from '../kernel/define-errors.ts';
import type { Execution } from '../run/executions/execution.ts';
import type { TargetState } from '../run/targets/target.ts';
import type { AlertSignal, RaiseSignal } from '../watch/alerts/alert.ts';
import { type HealthSignal, healthSignalsOf } from '../watch/health/health-changes.ts';
import type { ConfigWarning } from './config/ops-config.ts';
import type { OpsChange } from './ops-store.ts';

const SPECIFIED: ReadonlyMap<string, ErrorDefinition> = new Map(SPECIFICATION_ERRORS);

const NO_JOBS: ReadonlySet<string> = new Set();

/**
 * Every "when X then Y" between chapters: what changes about to be committed mean for alerts. The alerts that follow
 * are written in the same transaction, so that no death can fall between a cause and its alert. `backupJobs` names the
 * jobs whose failure is one of backup.
 */
export function signalsOf(
  changes: readonly OpsChange[],
  backupJobs: ReadonlySet<string> = NO_JOBS,
): readonly AlertSignal[] {
  const ofChanges = changes.flatMap((change) => signalsOfChange(change, backupJobs));
  // A suspension explains the failure that led to it: it must be open when that failure is decided.
  const [causes, others] = [ofChanges.filter(isCause), ofChanges.filter((signal) => !isCause(signal))];
  return [...causes, ...others, ...healthSignalsOf(changes).flatMap(healthSignals)];
}

function isCause(signal: AlertSignal): boolean {
  return signal.kind === 'raise' && signal.alertType === 'TARGET_SUSPENDED';
}

function signalsOfChange(change: OpsChange, backupJobs: ReadonlySet<string>): readonly AlertSignal[] {
  switch (change.kind) {
    case 'target.update':
      return targetSignals(change.state, change.because);
    case 'execution.insert':
      return startSignals(change.execution);
    case 'execution.update':
      return change.execution.status === change.expect.status
        ? []
        : endSignals(change.execution, change.atMs, backupJobs);
    case 'audit.append':
      return auditSignals(change.entry);
    default:
      return [];
  }
}

/** A target is suspended, and is well again when a probe succeeds or an operator says so. */
function targetSignals(
  state: TargetState,
  because: Extract<OpsChange, { kind: 'target.update' }>['because'],
): readonly AlertSignal[] {
  const { targetId } = state;
  const dedupKey = `target:${targetId}:suspended`;
  const atMs = state.lastEndedAtMs ?? state.cursorMs;
  if (because === 'recovered') {
    return [{ kind: 'resolve', dedupKey, message: `target ${targetId} recovered; its runs go on`, atMs }];
  }
  if (because === 'reset') {
    return [{ kind: 'resolve', dedupKey, message: `target ${targetId} was reset by an operator`, atMs }];
  }
  if (because !== 'suspended') return [];
  const { lastErrorCode, lastExecutionId } = state;
  return [
    {
      kind: 'raise',
      dedupKey,
      alertType: 'TARGET_SUSPENDED',
      level: 'CRITICAL',
      title: `[TARGET_SUSPENDED] ${targetId}`,
      message: suspendedText(state),
      labels: { job: targetId, target: targetId },
      ...(lastErrorCode === undefined ? {} : { errorCode: lastErrorCode }),
      ...(lastExecutionId === undefined ? {} : { executionId: lastExecutionId }),
      atMs,
    },
  ];
}

/** A start by hand and a replay are told, and are over when they are told. */
function startSignals(execution: Execution): readonly AlertSignal[] {
  const { runType, attempt, operatorId = 'an operator', jobId } = execution;
  if (runType === 'AUTO' || attempt > 1) return [];
  const replay = runType === 'REPLAY';
  const why = (replay ? execution.replayReason : execution.operatorNote) ?? 'no reason given';
  const alertType = replay ? 'REPLAY_EXECUTED' : 'MANUAL_START';
  const message = `${replay ? 'replay' : 'manual start'} of ${jobId} by ${operatorId}: ${why}`;
  const atMs = execution.createdAtMs;
  return [eventOf(execution, { alertType, level: 'INFO', message, atMs })];
}

/** A failed run is told at the level of its code if that code alerts; the next success resolves it. */
function endSignals(
  execution: Execution,
  atMs: number,
  backupJobs: ReadonlySet<string>,
): readonly AlertSignal[] {
  const { jobId, status } = execution;
  const dedupKey = `batch:${jobId}:failed`;
  if (status === 'SUCCESS') {
    return [{ kind: 'resolve', dedupKey, message: `a run of ${jobId} succeeded again`, atMs }];
  }
  if (status === 'FAILED') {
    return failedSignals(execution, { dedupKey, atMs, isBackup: backupJobs.has(jobId) });
  }
  const by = execution.stopRequest?.operatorId;
  // What the engine stops itself (its own end, a policy) is no news to whoever asked for that.
  if (status !== 'STOPPED' || by === undefined || by.startsWith('system:')) return [];
  const message = `run of ${jobId} was stopped by ${by}: ${execution.stopRequest?.reason ?? ''}`;
  return [eventOf(execution, { alertType: 'BATCH_STOPPED', level: 'WARN', message, atMs })];
}

/** A backup that failed is told whatever its code: what follows from it comes late and all at once. */
function failedSignals(
  execution: Execution,
  {
    dedupKey,
    atMs,
    isBackup,
  }: { readonly dedupKey: string; readonly atMs: number; readonly isBackup: boolean },
): readonly AlertSignal[] {
  const { jobId, errorCode = 'SYS-9999', errorMessage = '', operatorId } = execution;
  const definition = findError(errorCode)?.definition ?? SPECIFIED.get(errorCode);
  if (definition === undefined || !(definition.autoAlert || isBackup)) return [];
  const alertType = isBackup ? 'BACKUP_FAILED' : 'BATCH_FAILED';
  const said = errorMessage === '' ? definition.operator.en : errorMessage;
  const saidKo = errorMessage === '' ? definition.operator.ko : errorMessage;
  return [
    {
      kind: 'raise',
      dedupKey,
      alertType,
      level: definition.severity,
      title: `[${alertType}] ${jobId}`,
      message: `run of ${jobId} failed: ${errorCode} ${said}`,
      messageKo: `${jobId} 실행 실패: ${errorCode} ${saidKo}`,
      labels: { job: jobId, target: jobId, ...(operatorId === undefined ? {} : { operator: operatorId }) },
      detail: { jobId, errorCode, runType: execution.runType, attempt: execution.attempt },
      executionId: execution.id,
      errorCode,
      atMs,
    },
  ];
}

/** Acts that are told because somebody else must know of them. */
function auditSignals(entry: AuditEntry): readonly AlertSignal[] {
  if (entry.outcome !== 'OK') return [];
  const { atMs, targetId, operatorId, operatorReason, requestId } = entry;
  const event = { kind: 'raise', level: 'WARN', event: true, atMs } as const;
  if (entry.auditType === 'CLOCK_JUMP') {
    const title = '[SYSTEM_ERROR] clock';
    const dedupKey = `clock:jump:${atMs}`;
    return [{ ...event, dedupKey, alertType: 'SYSTEM_ERROR', title, message: operatorReason }];
  }
  if (entry.auditType !== 'DATA_CORRECTION') return [];
  const message = `data of ${targetId} were corrected by ${operatorId}: ${operatorReason}`;
  const title = `[DATA_CORRECTION] ${targetId}`;
  const dedupKey = `correction:${requestId}`;
  return [
    { ...event, dedupKey, alertType: 'DATA_CORRECTION', title, message, labels: { operator: operatorId } },
  ];
}

/** What a check says; holding back was decided by the check's own rules. */
function healthSignals(signal: HealthSignal): readonly AlertSignal[] {
  const said = healthSignal(signal);
  const { because, dedupKey, atMs } = signal;
  if (because !== 'flapping-started' && because !== 'flapping-ended') return [said];
  return [said, { kind: 'flap', dedupKey, flapping: because === 'flapping-started', atMs }];
}

function healthSignal(signal: HealthSignal): AlertSignal {
  const { dedupKey, checkId, message, atMs } = signal;
  const value = signal.value === undefined ? '' : ` (${signal.value}${signal.unit ?? ''})`;
  if (signal.action === 'resolve') {
    return { kind: 'resolve', dedupKey, message: `check ${checkId} is well: ${message}${value}`, atMs };
  }
  return {
    kind: 'raise',
    dedupKey,
    alertType: 'HEALTH_CHECK',
    level: signal.level,
    title: `[HEALTH_CHECK] ${checkId}`,
    message: `check ${checkId}: ${signal.status}: ${message}${value}`,
    labels: { ...signal.labels, check: checkId, kind: signal.kindOfCheck },
    detail: { checkId, status: signal.status, flapping: signal.flapping, sinceMs: signal.sinceMs },
    errorCode: signal.errorCode,
    atMs,
  };
}

/** What the config warned of: open as long as it does. Data that have ended need a person now, others soon. */
export function warningSignals(warnings: readonly ConfigWarning[], atMs: number): readonly RaiseSignal[] {
  return warnings.map(({ code, path, text }) => ({
    kind: 'raise',
    dedupKey: `config:${code}:${path}`.slice(0, 255),
    alertType: 'SYSTEM_ERROR',
    level: findError(code)?.definition.autoAlert === true ? 'CRITICAL' : 'WARN',
    title: `[CONFIG] ${path}`,
    message: `${code} ${path}: ${text.en}`,
    messageKo: `${code} ${path}: ${text.ko}`,
    errorCode: code,
    atMs,
  }));
}

/** One line about the scheduler's loop. */
export interface AlertLine {
  readonly level: 'critical' | 'warning';
  readonly text: string;
}

/** A loop that stands still is critical; when it looks again that is over. */
export function schedulerSignal(line: AlertLine, atMs: number): AlertSignal {
  const dedupKey = 'scheduler:stalled';
  if (line.level === 'warning') return { kind: 'resolve', dedupKey, message: line.text, atMs };
  return {
    kind: 'raise',
    dedupKey,
    alertType: 'SYSTEM_ERROR',
    level: 'CRITICAL',
    title: '[SYSTEM_ERROR] scheduler',
    message: line.text,
    atMs,
  };
}

function eventOf(
  execution: Execution,
  event: Pick<RaiseSignal, 'alertType' | 'level' | 'message' | 'atMs'>,
): RaiseSignal {
  const { id, jobId, operatorId } = execution;
  return {
    kind: 'raise',
    dedupKey: `${event.alertType.toLowerCase().replaceAll('_', '-')}:${id}`,
    title: `[${event.alertType}] ${jobId}`,
    labels: { job: jobId, target: jobId, ...(operatorId === undefined ? {} : { operator: operatorId }) },
    executionId: id,
    event: true,
    ...event,
  };
}

function suspendedText(state: TargetState): string {
  const why = [state.lastErrorCode, state.lastErrorMessage].filter((part) => part !== undefined).join(' ');
  const breaker = state.breaker;
  const probe =
    breaker.kind === 'open' && breaker.probeAtMs !== undefined
      ? `next probe ${new Date(breaker.probeAtMs).toISOString()}`
      : 'an operator must reset it';
  return `target ${state.targetId} suspended after ${state.consecutiveErrors} errors in a row; last error: ${why}; ${probe}`;
}
