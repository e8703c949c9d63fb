import type { RunChange } from '../run/executions/runs.ts';
import { jobWasScheduled, registerTarget } from '../run/scheduler/target-registration.ts';
import type { TargetDefinition, TargetState } from '../run/targets/target.ts';
import type { OpsStore } from './ops-store.ts';

/** What must be written for the targets of a config, and the state each of them begins with. */
export interface Registration {
  readonly states: readonly TargetState[];
  readonly changes: readonly RunChange[];
}

/** Decides how the store comes to know exactly the targets of the config; `stored`: the states of an earlier start. */
export async function registerTargets(
  store: Pick<OpsStore, 'readJobs'>,
  targets: { readonly definitions: readonly TargetDefinition[]; readonly stored: readonly TargetState[] },
  nowMs: number,
): Promise<Registration> {
  const { definitions } = targets;
  const stored = new Map(targets.stored.map((state) => [state.targetId, state]));
  const jobs = new Map((await store.readJobs()).map((job) => [job.jobId, job]));
  const registered = definitions.map((definition) =>
    registerTarget({
      definition,
      stored: stored.get(definition.id),
      wasScheduled: jobWasScheduled(jobs.get(definition.id)),
      nowMs,
    }),
  );
  const activeJobIds = definitions.map((definition) => definition.id);
  return {
    states: registered.map((target) => target.state),
    changes: [
      ...registered.flatMap((target) => target.changes),
      { kind: 'job.deactivate-others', activeJobIds, atMs: nowMs },
    ],
  };
}
