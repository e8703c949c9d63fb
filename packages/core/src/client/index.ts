/**
 * What a program needs to watch and steer an engine, in its own process or over its socket. Light on purpose:
 * a terminal loads this page and nothing of the engine.
 */

export { connectSocket, type SocketClientOptions } from '../adapters/http-node/socket-client.ts';
export { findConfig, type StateFolderQuestion, stateFolderOf } from '../engine/config/find-config.ts';
export { makePrivateFolder } from '../engine/config/private-folder.ts';
export { resolveSocket } from '../engine/config/socket-path.ts';
export { AUDIT_TYPES, type AuditQuery, type AuditType } from '../guard/audit/audit-entry.ts';
export {
  type Actor,
  type Permission,
  REASON_MAX_CHARACTERS,
  REASON_MIN_CHARACTERS,
  reasonProblem,
} from '../kernel/actor.ts';
export type { ErrorCode, ErrorDefinition } from '../kernel/define-errors.ts';
export { findError } from '../kernel/define-errors.ts';
export { formatDuration, formatExactDuration, parseDurationMs } from '../kernel/duration.ts';
export { isUuid } from '../kernel/ids.ts';
export type { JsonObject, JsonValue } from '../kernel/json.ts';
export { isOpsException, OpsException, opsException } from '../kernel/ops-exception.ts';
export { formatClock, formatDate, formatInstant } from '../kernel/time/civil.ts';
export { ALERT_LEVELS, type AlertLevel } from '../ports/alert-channel.ts';
export { CHECK_STATUSES, type CheckStatus } from '../ports/health-check.ts';
export {
  EXECUTION_STATUSES,
  type ExecutionStatus,
  RUN_TYPES,
  type RunType,
  SKIP_REASONS,
  type SkipReason,
} from '../run/executions/execution.ts';
export type { ExecutionQuery } from '../run/executions/execution-store.ts';
export { ALERT_STATES, ALERT_TYPES, type AlertState, type AlertType } from '../watch/alerts/alert.ts';
export type { AlertQuery, UnacknowledgedCounts } from '../watch/alerts/alert-store.ts';
export { remedyOf } from './client-errors.ts';
export { INSTANT_ALLOWED, parseInstant } from './instant-input.ts';
export * from './keep-client.ts';
export * from './ops-client.ts';
export { type OpsVerdict, verdictOf } from './ops-verdict.ts';
export * from './ops-views.ts';
export * from './watch-client.ts';
export * from './watch-views.ts';
