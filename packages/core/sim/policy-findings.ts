import type { Execution } from '../src/run/executions/execution.ts';
import type { TargetFacts } from './slot-findings.ts';
import type { SimulationRecord } from './slot-simulation.ts';

/** Every further attempt follows a failed one at the same slot, and there are never too many. */
export function attemptFindings({ definition, executions }: TargetFacts): readonly string[] {
  const { id, policies } = definition;
  const rows = new Map(executions.map((execution) => [execution.id, execution]));
  const findings: string[] = [];
  for (const execution of executions) {
    const { jobId, attempt, parentExecutionId = '', scheduledAtMs, runType } = execution;
    if (jobId !== id || runType !== 'AUTO' || attempt === 1) continue;
    const parent = rows.get(parentExecutionId);
    const follows =
      parent?.status === 'FAILED' && parent.attempt === attempt - 1 && parent.scheduledAtMs === scheduledAtMs;
    if (!follows) findings.push(`${id} ${execution.id}: attempt ${attempt} follows no failed one`);
    if (attempt > policies.retry.maxAttempts) findings.push(`${id}: attempt ${attempt}`);
  }
  return findings;
}

/** Every slot of a parent ends as an execution or a skip of each of its dependents, once. */
export async function dependentFindings(
  record: SimulationRecord,
  executions: readonly Execution[],
): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const { id, policies } of record.targets) {
    const [parentId] = policies.dependency?.after ?? [];
    if (parentId === undefined) continue;
    const parent = await record.store.countSlots(parentId, 0);
    const child = await record.store.countSlots(id, 0);
    const [asked, given] = [parent.executions + parent.skips, child.executions + child.skips];
    // A slot that was under way when the clock was set back comes again before it has been concluded.
    // A delay may have two slots at one instant: a run at a start, and one at the next start.
    const schedule = record.targets.find((target) => target.id === parentId)?.schedule;
    // Who counts more than a thousand slots says so, and may stop at another number.
    const skips = await record.store.readSkips(parentId, 1000);
    if (skips.some((skip) => skip.capped)) continue;
    const isExact = !record.wentBack && !(schedule?.kind === 'interval' && schedule.mode === 'delay');
    const isComparable = !record.wentBack || policies.dependency?.after.length === 1;
    const wrong = isExact ? given !== asked : isComparable && given > asked;
    if (wrong)
      findings.push(
        `${id}: ${asked} slots of ${parentId}, ${child.executions} executions + ${child.skips} skips`,
      );
    const slots = executions.filter(
      ({ jobId, runType, attempt }) => jobId === id && runType === 'AUTO' && attempt === 1,
    );
    const distinct = new Set(slots.map(({ scheduledAtMs }) => scheduledAtMs));
    if (!record.wentBack && distinct.size !== slots.length) findings.push(`${id}: a slot was run twice`);
  }
  return findings;
}
