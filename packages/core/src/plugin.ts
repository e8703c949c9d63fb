/**
 * All a plugin may see of the engine. A plugin depends on this page and on nothing else of core, so that the
 * inside of the engine can change without breaking anyone's channel or check.
 */

export type {
  ErrorCategory,
  ErrorCode,
  ErrorDefinition,
  ErrorSeverity,
  LocalText,
  RetryClass,
} from './kernel/define-errors.ts';
export { defineErrors } from './kernel/define-errors.ts';
export type { JsonObject, JsonValue } from './kernel/json.ts';
export {
  isOpsException,
  OpsException,
  type OpsExceptionOptions,
  opsException,
} from './kernel/ops-exception.ts';
export { redact, Secret } from './kernel/secret.ts';
export type { AlertChannel } from './ports/alert-channel.ts';
export type { Progress, TargetContext, TargetFunction } from './ports/target.ts';
