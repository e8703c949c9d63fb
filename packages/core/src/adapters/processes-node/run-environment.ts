import type { WorkStart } from '../../ports/work-runner.ts';

/** Descriptor a child writes its progress to: one JSON object a line. */
export const PROGRESS_FD = 3;

/** Where the variables of a child come from. */
export interface RunEnvironmentSource {
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly added: Readonly<Record<string, string>>;
  /** Absolute, without links: the scan for leftovers compares it. */
  readonly stateFolder: string;
}

/** The environment of one run. Our own variables win over inherited ones: an engine may itself be a run of another. */
export function runEnvironment(
  start: WorkStart,
  source: RunEnvironmentSource,
): Record<string, string | undefined> {
  return {
    ...source.inherited,
    ...source.added,
    QTS_EXECUTION_ID: start.executionId,
    QTS_TARGET_ID: start.targetId,
    QTS_FENCE: String(start.fence),
    QTS_OPS_STATE: source.stateFolder,
    // ISO 8601 in UTC, because every language and `date -d` reads it; absent for a manual run.
    QTS_SLOT: start.slotMs === undefined ? undefined : new Date(start.slotMs).toISOString(),
    QTS_PARAMS: JSON.stringify(start.params),
    QTS_PROGRESS_FD: String(PROGRESS_FD),
  };
}
