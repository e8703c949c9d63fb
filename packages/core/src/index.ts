/** The public surface of the engine. Plugins use `@qts-ops/core/plugin`, screens `@qts-ops/core/client`. */

export { LogOnlyAlertChannel } from './adapters/alert-log/log-only-alert-channel.ts';
export { nodeCronGrammar } from './adapters/cron-node/cron-grammar.ts';
export { isStateLocked, type LockOwner, readLockOwner } from './adapters/files-node/state-lock.ts';
export { jsonLogger, silentLogger } from './adapters/logger-json/json-logger.ts';
export { functionOrigin } from './adapters/processes-node/function-context.ts';
export { type Dying, leaveLastWord } from './adapters/processes-node/last-word.ts';
export { type LoopBlock, readLoopBlock } from './adapters/processes-node/loop-watchdog.ts';
export { type AuditLook, lookAtAuditChain } from './adapters/store-sql/audit-look.ts';
export {
  lookAtStore,
  type RecordedDuration,
  readRecordedDurations,
  type StoreLook,
} from './adapters/store-sql/store-look.ts';
export * from './client/index.ts';
export * from './engine/config/index.ts';
export { createOps, STORE_FILE } from './engine/create-ops.ts';
export type { PlacedGlob } from './engine/keep/hold-globs.ts';
export {
  type DeskBackups,
  type DeskChoice,
  deskBackups,
  type FoundBackup,
  findBackup,
  hasEngine,
  holdingState,
  type KeepDesk,
  type KeepDeskOptions,
  openKeepDesk,
} from './engine/keep/keep-desk.ts';
export {
  type DeskFollow,
  type DeskPrune,
  type DeskRestore,
  type DeskVerification,
  performHere,
  pruneHere,
  recordHere,
  restoreHere,
  verifyHere,
} from './engine/keep/keep-desk-acts.ts';
export {
  type DeskHeld,
  type DeskHold,
  type HeldPlace,
  holdHere,
  releaseHere,
} from './engine/keep/keep-desk-backup-holds.ts';
export {
  type FileHold,
  type FileHoldWish,
  fileHolds,
  type HoldsPlaced,
  holdFilesHere,
  releaseFilesHere,
} from './engine/keep/keep-desk-holds.ts';
export {
  type ExplainedFile,
  explainFile,
  previewSources,
  type ShownBackup,
  type SourcePreview,
  showBackup,
} from './engine/keep/keep-desk-reads.ts';
export type { KeepReport, KeepSourceReport, KeepStatus, SourceAct } from './engine/keep/keep-request.ts';
export type { BackupRow } from './engine/keep/keep-state.ts';
export type { Ops, OpsOptions } from './engine/ops.ts';
export type { EngineEvents, OpsEvents } from './engine/ops-events.ts';
export { drawnDuration } from './engine/simulation/drawn-duration.ts';
export {
  type Preview,
  type PreviewedConfig,
  type PreviewedRuns,
  type PreviewQuestion,
  type PreviewRow,
  previewConfig,
  type TargetPreview,
} from './engine/simulation/preview.ts';
export type { UnknownDays } from './engine/simulation/preview-calendars.ts';
export {
  type ClockNote,
  clockChangesIn,
  type PreviewedClockChange,
} from './engine/simulation/preview-clock.ts';
export type { ExplainedSkip } from './engine/simulation/preview-skips.ts';
export type { PoolUse } from './engine/simulation/simulated-runs.ts';
export { simulate, summarize } from './engine/simulation/simulation.ts';
export type {
  SimulatedOutcome,
  SimulatedRunEvent,
  SimulatedSkipEvent,
  SimulationEvent,
  SimulationInput,
} from './engine/simulation/simulation-events.ts';
export {
  runsOf,
  type SimulationSummary,
  type TargetSummary,
} from './engine/simulation/simulation-summary.ts';
export { VERSION } from './engine/version.ts';
export { alertsSilencedBy, type SilenceWish } from './engine/watch/silence-preview.ts';
export { previewTest, type TestPreview, type TestWish } from './engine/watch/test-preview.ts';
export * from './facade/index.ts';
export type { RestoreProgress, RestoreReport } from './keep/restore/restore-request.ts';
export { expiredText, keptText } from './keep/retention/kept-text.ts';
export {
  ERROR_CATEGORIES,
  type ErrorCategory,
  type ErrorSeverity,
  listErrors,
} from './kernel/define-errors.ts';
export * from './plugin.ts';
export type { LockWait } from './ports/lock-wait.ts';
export type { Progress, TargetContext, TargetFunction } from './ports/target.ts';
export { type CoverageProblem, coverageProblem } from './run/calendars/coverage-rules.ts';
export {
  EXPLAIN_LANGUAGES,
  type ExpressionContext,
  type ExpressionExplanation,
  type ExpressionProblem,
  explainExpression,
  explainSchedule,
  type ScheduleExplanation,
} from './run/scheduler/explain-schedule.ts';
export {
  TARGET_BACKUP_MAINTENANCE,
  TARGET_BROKER_HEARTBEAT,
  TARGET_DASHBOARD_UPDATE,
  TARGET_PIPELINE,
} from './run/targets/target.ts';
