import type { Emit } from '../kernel/event-bus.ts';
import {
  type ExecutionEvents,
  executionEvent,
  executionEventName,
} from '../run/executions/execution-events.ts';
import { type TargetEvents, targetEventName } from '../run/targets/target-events.ts';
import { type AlertEvents, alertEvent, alertEventName, noticeEvent } from '../watch/alerts/alert-events.ts';
import { checkEvent, checkEventName, type HealthEvents } from '../watch/health/health-events.ts';
import type { OpsChange } from './ops-store.ts';

/** Events of the engine itself. */
export interface EngineEvents {
  'engine.started': { readonly bootId: string; readonly atMs: number };
  'engine.draining': { readonly bootId: string; readonly atMs: number };
  'engine.ended': { readonly bootId: string; readonly atMs: number };
  'clock.jumped': { readonly jumpMs: number; readonly atMs: number };
  'backups.listed': {
    readonly runId: string;
    readonly act: string;
    readonly verified: readonly string[];
    readonly atMs: number;
  };
  'audit.appended': { readonly auditType: string; readonly targetId: string; readonly operatorId: string };
}

/** Everything the bus can say: past tense, JSON, only what was committed. */
export type OpsEvents = ExecutionEvents & TargetEvents & HealthEvents & AlertEvents & EngineEvents;

/** Publishes what a committed change means. */
export function emitChange(emit: Emit<OpsEvents>, change: OpsChange): void {
  switch (change.kind) {
    case 'execution.insert':
      return emit('execution.created', executionEvent(change.execution, change.execution.createdAtMs));
    case 'execution.update':
      return emit(
        executionEventName(change.execution, change.expect.status),
        executionEvent(change.execution, change.atMs),
      );
    case 'slot.skip':
      return emit('slot.skipped', change.skip);
    case 'target.update':
      return emit(targetEventName(change.because), targetEvent(change.state));
    case 'audit.append': {
      const { auditType, targetId, operatorId } = change.entry;
      return emit('audit.appended', { auditType, targetId, operatorId });
    }
    case 'backup.list':
      return emit('backups.listed', listedEvent(change));
    case 'health.insert':
      return emit('check.looked', checkEvent(change.state, 'confirming', change.state.sinceMs));
    case 'health.update':
      return emit(checkEventName(change.because), checkEvent(change.state, change.because, change.atMs));
    case 'health.remove':
      return emit('check.removed', { checkId: change.checkId, atMs: change.atMs });
    case 'health.gap':
      return emit('health.gap', change.gap);
    case 'alert.insert':
      return emit('alert.opened', alertEvent(change.alert, 'opened', change.alert.startedAtMs));
    case 'alert.update':
      return emit(alertEventName(change.because), alertEvent(change.alert, change.because, change.atMs));
    case 'outbox.update': {
      const event = noticeEvent(change.row, change.atMs);
      return event === undefined ? undefined : emit('notice.moved', event);
    }
    case 'silence.insert':
      return emit('silence.made', { silenceId: change.silence.id, operatorId: change.silence.createdBy });
    case 'silence.expire':
      return emit('silence.expired', { silenceId: change.silenceId, operatorId: change.operatorId });
    case 'outbox.insert':
    case 'outbox.join':
    case 'outbox.attempt':
    case 'outbox.attempt-end':
    case 'outbox.channel':
    case 'alert.forget':
    case 'health.transition':
    case 'health.span':
    case 'health.compact':
    case 'health.canary':
    case 'ping.put':
    case 'target.insert':
    case 'job.upsert':
    case 'job.deactivate-others':
    case 'execution.log':
      return;
    default:
      return change satisfies never;
  }
}

function listedEvent({ listing, verified }: Extract<OpsChange, { kind: 'backup.list' }>) {
  const { runId, act, atMs } = listing;
  return { runId, act, verified, atMs };
}

function targetEvent(state: Extract<OpsChange, { kind: 'target.update' }>['state']) {
  const { targetId, revision, consecutiveErrors, lastErrorCode, lastErrorMessage } = state;
  return {
    targetId,
    revision,
    consecutiveErrors,
    ...(lastErrorCode === undefined ? {} : { lastErrorCode }),
    ...(lastErrorMessage === undefined ? {} : { lastErrorMessage }),
  };
}
