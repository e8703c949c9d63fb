import type { AuditChange } from '../../guard/audit/audit-entry.ts';
import type { Committer } from '../../kernel/change.ts';
import type { TargetState } from './target.ts';

/** A job row as the specification names it; targets are jobs, six seeded jobs stay inactive. */
export interface BatchJob {
  readonly jobId: string;
  readonly jobName: string;
  readonly jobDescription?: string;
  readonly jobType: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'ON_DEMAND';
  readonly isActive: boolean;
}

/** Why the state of a target changed. */
export type TargetCause =
  | 'slot'
  | 'run-ended'
  | 'suspended'
  | 'recovered'
  | 'paused'
  | 'resumed'
  | 'reset'
  | 'clock-stepped'
  | 'started';

/** What a decision about targets may write. */
export type TargetChange =
  /** First state of a target that was never seen; a conflict when it exists. */
  | { readonly kind: 'target.insert'; readonly state: TargetState }
  /** Replaces the state whose revision is `expectRevision`; `state.revision` is one higher. */
  | {
      readonly kind: 'target.update';
      readonly expectRevision: number;
      readonly state: TargetState;
      /** Why it changed; becomes the event, is not stored. */
      readonly because: TargetCause;
    }
  /** Inserts or updates the job row of a target. */
  | { readonly kind: 'job.upsert'; readonly job: BatchJob; readonly atMs: number }
  /** Marks jobs that the config no longer names as inactive. */
  | {
      readonly kind: 'job.deactivate-others';
      readonly activeJobIds: readonly string[];
      readonly atMs: number;
    };

/** What the targets chapter remembers. */
export interface TargetStore extends Committer<TargetChange | AuditChange> {
  readTargetStates(): Promise<readonly TargetState[]>;
  readJobs(): Promise<readonly BatchJob[]>;
}
