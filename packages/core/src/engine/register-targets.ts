import { opsException } from '../kernel/ops-exception.ts';
import { jobWasScheduled, registerTarget } from '../run/scheduler/target-registration.ts';
import type { TargetDefinition, TargetState } from '../run/targets/target.ts';
import type { OpsStore } from './ops-store.ts';

/** Makes the store know exactly the targets of the config; returns the state each of them begins with. */
export async function registerTargets(
  store: OpsStore,
  definitions: readonly TargetDefinition[],
  nowMs: number,
): Promise<readonly TargetState[]> {
  const stored = new Map((await store.readTargetStates()).map((state) => [state.targetId, state]));
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
  const result = await store.commit([
    ...registered.flatMap((target) => target.changes),
    { kind: 'job.deactivate-others', activeJobIds, atMs: nowMs },
  ]);
  if (result === 'conflict')
    throw opsException('BAT-0103', 'targets were changed while the engine was starting');
  return registered.map((target) => target.state);
}
