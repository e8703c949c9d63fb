import type { AuditChange, AuditStore } from '../guard/audit/audit-entry.ts';
import type { CommitResult } from '../kernel/change.ts';
import type { ExecutionChange, ExecutionStore } from '../run/executions/execution-store.ts';
import type { TargetChange, TargetStore } from '../run/targets/target-store.ts';
import type { AlertChange } from '../watch/alerts/alert-changes.ts';
import type { AlertStore } from '../watch/alerts/alert-store.ts';
import type { HealthChange } from '../watch/health/health-changes.ts';
import type { HealthStore } from '../watch/health/health-store.ts';

import type { KeepChange, KeepStore } from './keep/keep-store.ts';

/** Every change the engine can commit; the union of the chapters' changes. */
export type OpsChange =
  | ExecutionChange
  | TargetChange
  | AuditChange
  | HealthChange
  | AlertChange
  | KeepChange;

/** The one store behind every chapter. */
export interface OpsStore
  extends Omit<ExecutionStore, 'commit'>,
    Omit<TargetStore, 'commit'>,
    AuditStore,
    HealthStore,
    KeepStore,
    Omit<AlertStore, 'commit'> {
  /** Writes all changes in one transaction, or none. */
  commit(changes: readonly OpsChange[]): Promise<CommitResult>;
  /** Finishes writing (checkpoint) and lets go of the file. */
  close(): Promise<void>;
}
