export { configErrors } from './config-errors.ts';
export type {
  AnchorInput,
  CalendarFileInput,
  CommandInput,
  ConfigInput,
  CronInput,
  DurationInput,
  HttpInput,
  HttpRequestInput,
  IntervalInput,
  IsolatedInput,
  MissedInput,
  OverlapInput,
  RetryInput,
  ScheduleInput,
  SecretReference,
  StatusInput,
  TargetInput,
  TargetOptions,
  WorkInput,
} from './config-input.ts';
export { type ConfigProblem, problemsText } from './config-place.ts';
export {
  at,
  cron,
  defaultFailWhen,
  defineConfig,
  every,
  exec,
  http,
  isolated,
  keep,
  onDemand,
  secret,
  target,
} from './define-config.ts';
export { describeConfig } from './describe-config.ts';
export {
  configFileNames,
  findConfig,
  type StateFolderQuestion,
  stateFolderName,
  stateFolderOf,
} from './find-config.ts';
export { type ConfigFormat, type InitResult, initConfig } from './init-config.ts';
export type {
  BackupConfig,
  BackupKeepConfig,
  BackupSourceConfig,
  KeepConfig,
  RetentionRuleConfig,
} from './keep-config.ts';
export type {
  BackupInput,
  BackupKeepInput,
  BackupSourceInput,
  KeepInput,
  RetentionRuleInput,
  SizeInput,
} from './keep-input.ts';
export { type CreateConfigOptions, createConfig, type LoadOptions, loadConfig } from './load-config.ts';
export type { ConfigWarning, OpsConfig } from './ops-config.ts';
export { type ConfigResolution, type ResolveContext, resolveConfig } from './resolve-config.ts';
export { runningCopyArguments, shareRunningCopy } from './resolve-hook.ts';
export { resolveSocket, socketPathOf } from './socket-path.ts';
export type { DeadManConfig, JudgedCheck, PingDoorConfig, SecretPlace, WatchConfig } from './watch-config.ts';
export type {
  AlertRouteInput,
  AlertsInput,
  EscalationInput,
  InhibitionInput,
  IsolationInput,
  MaintenanceWindowInput,
  NamedPluginInput,
  PingsInput,
  PluginInput,
  SelfChecksInput,
} from './watch-input.ts';
