import type { OpsChange } from '../src/engine/ops-store.ts';
import type { Execution } from '../src/run/executions/execution.ts';
import type { TargetDefinition } from '../src/run/targets/target.ts';
import { maxConcurrentOf } from '../src/run/targets/target-policies.ts';
import { SCRIPT_POOLS } from './script-policies.ts';

/** Watches the rows that are RUNNING: never too many of a target or, for what the loop starts, of a pool. */
export class RunningRows {
  readonly #definitions: ReadonlyMap<string, TargetDefinition>;
  readonly #offences: string[];
  readonly #running = new Map<string, Execution>();

  constructor(targets: readonly TargetDefinition[], offences: string[]) {
    this.#definitions = new Map(targets.map((target) => [target.id, target]));
    this.#offences = offences;
  }

  /** Takes over what was committed in one transaction. */
  follow(changes: readonly OpsChange[]): void {
    const started: Execution[] = [];
    for (const change of changes) {
      if (change.kind !== 'execution.update') continue;
      const { execution, expect } = change;
      if (execution.status === 'RUNNING') this.#running.set(execution.id, execution);
      else this.#running.delete(execution.id);
      if (expect.status === 'READY' && execution.status === 'RUNNING') started.push(execution);
    }
    for (const execution of started) this.#check(execution);
  }

  #check({ jobId, lane, runType }: Execution): void {
    const definition = this.#definitions.get(jobId);
    if (definition === undefined) return;
    const { policies } = definition;
    const rows = [...this.#running.values()];
    const ofTarget = rows.filter((row) => row.jobId === jobId);
    if (ofTarget.filter((row) => row.lane === lane).length > 1)
      this.#offences.push(`${jobId}: two in lane ${lane}`);
    if (ofTarget.length > maxConcurrentOf(policies))
      this.#offences.push(`${jobId}: ${ofTarget.length} at once`);
    const limit = SCRIPT_POOLS[policies.pool];
    // An operator's run is not held by a pool, only counted in it.
    if (limit === undefined || runType !== 'AUTO') return;
    const inPool = rows.filter((row) => this.#definitions.get(row.jobId)?.policies.pool === policies.pool);
    if (inPool.length > limit) this.#offences.push(`pool ${policies.pool}: ${inPool.length} at once`);
  }
}
