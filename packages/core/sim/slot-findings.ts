import type { Execution } from '../src/run/executions/execution.ts';
import { EXECUTION_TRANSITIONS } from '../src/run/executions/execution-rules.ts';
import { countSlots } from '../src/run/scheduler/next-slot.ts';
import { dueMs } from '../src/run/scheduler/turn-rules.ts';
import type { TargetDefinition, TargetState } from '../src/run/targets/target.ts';
import { OUTCOMES_MAX } from '../src/run/targets/target.ts';
import { attemptFindings, dependentFindings } from './policy-findings.ts';
import type { SimulationRecord } from './slot-simulation.ts';

/** The loop looks at least once a second; a slot that has been due for longer than this was forgotten, ms. */
const FORGOTTEN_AFTER_MS = 2500;

/** Every rule that a simulation's record breaks, in words. */
export async function findingsOf(record: SimulationRecord): Promise<readonly string[]> {
  const executions = await allExecutions(record);
  const states = new Map((await record.store.readTargetStates()).map((state) => [state.targetId, state]));
  const findings = [...record.offences];
  for (const execution of executions) findings.push(...(await lifeFindings(record, execution)));
  for (const definition of record.targets) {
    const state = states.get(definition.id);
    if (state === undefined) findings.push(`${definition.id}: has no state`);
    else findings.push(...(await targetFindings(record, { definition, state, executions })));
  }
  findings.push(...(await dependentFindings(record, executions)));
  const broken = await record.store.verifyAuditChain(1);
  if (broken !== undefined) findings.push(`audit row ${broken.seq}: ${broken.problem}`);
  return findings;
}

async function allExecutions({ store }: SimulationRecord): Promise<readonly Execution[]> {
  const all: Execution[] = [];
  for (;;) {
    const { items } = await store.queryExecutions({ limit: 1000, offset: all.length });
    all.push(...items);
    if (items.length < 1000) return all;
  }
}

/** Only legal steps, one end, and work that began exactly when the row says so. */
async function lifeFindings(record: SimulationRecord, execution: Execution): Promise<readonly string[]> {
  const { id, status, jobId } = execution;
  const findings: string[] = [];
  const transitions = await record.store.readTransitions(id);
  for (const [index, { from, to }] of transitions.entries()) {
    const legal =
      from === undefined ? index === 0 && to === 'READY' : EXECUTION_TRANSITIONS[from].includes(to);
    if (!legal) findings.push(`${jobId} ${id}: ${from ?? 'nothing'} to ${to}`);
  }
  if (transitions.at(-1)?.to !== status)
    findings.push(`${jobId} ${id}: row ${status}, last step ${transitions.at(-1)?.to}`);
  if (status === 'READY' || status === 'RUNNING') findings.push(`${jobId} ${id}: left ${status}`);
  const began = record.begun.includes(id);
  if (began && execution.startedAtMs === undefined)
    findings.push(`${jobId} ${id}: ran without a start on record`);
  if (!began && status === 'SUCCESS') findings.push(`${jobId} ${id}: SUCCESS without a run`);
  const { processedCount, successCount, failedCount } = execution.progress;
  if (successCount + failedCount > processedCount) findings.push(`${jobId} ${id}: counts do not add up`);
  return findings;
}

/** What is known of one target. */
export interface TargetFacts {
  readonly definition: TargetDefinition;
  readonly state: TargetState;
  readonly executions: readonly Execution[];
}

async function targetFindings(record: SimulationRecord, facts: TargetFacts): Promise<readonly string[]> {
  return [
    ...(await slotFindings(record, facts)),
    ...outcomeFindings(record, facts),
    ...stateFindings(facts),
    ...attemptFindings(facts),
  ];
}

/** slots = executions + skips, and none was forgotten. */
async function slotFindings(record: SimulationRecord, facts: TargetFacts): Promise<readonly string[]> {
  const { definition, state } = facts;
  const { schedule, id } = definition;
  if (schedule === undefined) return [];
  if (schedule.kind === 'interval' && schedule.mode === 'delay') return delayFindings(record, facts);
  const findings: string[] = [];
  const stretches = record.stretches.get(id) ?? [];
  const slots = stretches.reduce((sum, stretch) => sum + countSlots(schedule, stretch, 1_000_000).count, 0);
  const counted = await record.store.countSlots(id, 0);
  const skips = await record.store.readSkips(id, 1000);
  const capped = skips.some((skip) => skip.capped);
  const { executions, skips: skipped } = counted;
  const wrong = capped ? executions + skipped > slots : executions + skipped !== slots;
  if (wrong) findings.push(`${id}: ${slots} slots, ${executions} executions + ${skipped} skips`);
  if (skips.some(({ reason }) => reason === 'duplicate')) findings.push(`${id}: a slot was planned twice`);
  const due = dueMs(definition, state);
  if (due !== undefined && due < record.endMs - FORGOTTEN_AFTER_MS)
    findings.push(`${id}: forgot the slot ${due}`);
  return findings;
}

/** A delay has one slot at a time: it must be set, and not long past, unless its run was going on at the end. */
function delayFindings(record: SimulationRecord, { definition, state }: TargetFacts): readonly string[] {
  if (state.nextSlotMs === undefined) return [`${definition.id}: has no next slot`];
  const late = state.nextSlotMs < record.endMs - FORGOTTEN_AFTER_MS;
  return late ? [`${definition.id}: forgot the slot ${state.nextSlotMs}`] : [];
}

/** The letters of the last runs are those of the ends that were told. */
function outcomeFindings(
  record: SimulationRecord,
  { definition, state, executions }: TargetFacts,
): readonly string[] {
  const rows = new Map(executions.map((execution) => [execution.id, execution]));
  const letters = record.ended.flatMap((id) => {
    const row = rows.get(id);
    if (row?.jobId !== definition.id || row.startedAtMs === undefined) return [];
    return row.status === 'SUCCESS' ? '.' : row.status === 'FAILED' ? 'x' : 's';
  });
  const expected = letters.join('').slice(-OUTCOMES_MAX);
  return state.outcomes === expected
    ? []
    : [`${definition.id}: outcomes ${state.outcomes}, ends ${expected}`];
}

function stateFindings({ definition, state }: TargetFacts): readonly string[] {
  const { id, errors } = definition;
  const findings: string[] = [];
  if (state.breaker.kind === 'half-open') findings.push(`${id}: a probe is going on after the end`);
  const suspended = state.breaker.kind !== 'closed';
  const tooMany = state.consecutiveErrors >= errors.maxConsecutiveErrors;
  if (suspended !== tooMany)
    findings.push(`${id}: ${state.consecutiveErrors} errors, breaker ${state.breaker.kind}`);
  if (
    id === 'healthy' &&
    /[xs]/.test(state.outcomes.replace(/^.*s/, '')) &&
    state.lastErrorCode === 'BAT-0304'
  )
    findings.push('healthy: failed by itself');
  return findings;
}
