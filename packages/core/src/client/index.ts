export * from './ops-client.ts';
export * from './ops-views.ts';
export { reasonProblem, REASON_MAX_CHARACTERS, REASON_MIN_CHARACTERS } from '../kernel/actor.ts';
export { formatDuration, parseDurationMs } from '../kernel/duration.ts';
export { formatClock, formatInstant } from '../kernel/time/civil.ts';
export { isOpsException, OpsException, opsException } from '../kernel/ops-exception.ts';
export type { ErrorCode, ErrorDefinition } from '../kernel/define-errors.ts';
export { findError } from '../kernel/define-errors.ts';
export type { JsonObject, JsonValue } from '../kernel/json.ts';
