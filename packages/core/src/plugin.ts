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
export { cleanLine, cleanText, cutText, escapeHtml, escapeSlack, fitSlack } from './kernel/plain-text.ts';
export { redact, Secret } from './kernel/secret.ts';
export {
  ALERT_LEVELS,
  type AlertChannel,
  type AlertChannelDefinition,
  type AlertChannelInstance,
  type AlertLevel,
  type AlertNotice,
  type ChannelCapabilities,
  type NoticeField,
  type NoticeReason,
  type PluginContext,
  type RenderedNotice,
  type SecretInput,
  type SendCall,
  type SendResult,
  type SettledRecipients,
} from './ports/alert-channel.ts';
export {
  type AlertChannelSpec,
  type ChannelEntry,
  type ChannelKind,
  defineAlertChannel,
} from './ports/define-alert-channel.ts';
export {
  CHECK_POLICY_FIELDS,
  type CheckBound,
  type CheckEntry,
  type CheckKind,
  defineHealthCheck,
  type HealthCheckSpec,
} from './ports/define-health-check.ts';
export {
  CHECK_STATUSES,
  type CheckCall,
  type CheckCapabilities,
  type CheckFinding,
  type CheckGap,
  type CheckObservation,
  type CheckOutage,
  type CheckStatus,
  type HealthCheckDefinition,
  type HealthCheckInstance,
} from './ports/health-check.ts';
export type { Logger } from './ports/logger.ts';
export {
  type ConfiguredChannel,
  type ConfiguredCheck,
  PLUGIN_API_VERSION,
  PLUGIN_BRAND,
  type Plugin,
} from './ports/plugin.ts';
export { fromCallables } from './ports/plugin-callables.ts';
export { isPlugin } from './ports/plugin-entries.ts';
export {
  failedBeforeSending,
  type HttpAnswer,
  networkReason,
  readAnswer,
  resultOfAnswer,
  resultOfNetworkError,
  retryAfterToMs,
} from './ports/plugin-http.ts';
export type { OptionsSchema, SchemaIssue, SchemaResult } from './ports/plugin-options.ts';
export { secretOption } from './ports/plugin-secret.ts';
export type { Progress, TargetContext, TargetFunction } from './ports/target.ts';
