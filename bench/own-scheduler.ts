import { systemClock } from '../packages/core/src/adapters/clock-system/system-clock.ts';
import type { OpsChange } from '../packages/core/src/engine/ops-store.ts';
import { createConfig, silentLogger } from '../packages/core/src/index.ts';
import { Runs } from '../packages/core/src/run/executions/runs.ts';
import { Dependents } from '../packages/core/src/run/scheduler/dependents.ts';
import { NOTHING_FOLLOWS } from '../packages/core/src/run/scheduler/follow-draft.ts';
import { Scheduler } from '../packages/core/src/run/scheduler/scheduler.ts';
import { newTargetState } from '../packages/core/src/run/targets/target-rules.ts';
import { TargetStates } from '../packages/core/src/run/targets/target-states.ts';

/** Runs that only call: nothing is written, nothing has to end. */
class CalledRuns extends Runs {
  called: () => void = () => {};

  override launch(): void {
    this.called();
  }
}

/** Our loop with all its decisions and rows, over a store that agrees to everything at once. */
export function startOwnScheduler(count: number, expression: string, called: () => void): void {
  const { targets } = createConfig({
    instance: 'bench',
    targets: Array.from({ length: count }, (_, n) => ({
      id: `target-${n}`,
      on: { cron: expression },
      run: () => undefined,
    })),
  });
  const states = new TargetStates<OpsChange>(targets, {
    commit: async () => 'committed',
    readTargetStates: async () => [],
  });
  states.load(targets.map(({ id }) => newTargetState(id, Date.now())));
  const runs = new CalledRuns({
    states,
    clock: systemClock,
    logger: silentLogger,
    runner: { start: () => ({ settled: new Promise(() => {}), requestStop: () => {}, kill: () => true }) },
    outputFiles: { save: async () => '', read: async () => '' },
    secrets: [],
    owner: undefined,
    pools: {},
    slotAfterRun: (_, state) => state,
    follow: () => NOTHING_FOLLOWS,
    afterStops: () => NOTHING_FOLLOWS,
    onMoved: () => {},
  });
  runs.called = called;
  const clock = systemClock;
  const dependents = new Dependents({ states, runs: () => runs, now: () => clock.now() });
  new Scheduler({
    states,
    runs,
    dependents,
    clock,
    logger: silentLogger,
    host: 'bench',
    onClockJump: () => {},
  }).start();
}
