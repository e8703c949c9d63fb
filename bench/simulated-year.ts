import { createConfig } from '../packages/core/src/index.ts';
import { DueHeap } from '../packages/core/src/run/scheduler/due-heap.ts';
import { upcomingSlots } from '../packages/core/src/run/scheduler/next-slot.ts';
import { decideTurn, dueMs } from '../packages/core/src/run/scheduler/turn-rules.ts';
import type { TargetState } from '../packages/core/src/run/targets/target.ts';
import { newTargetState } from '../packages/core/src/run/targets/target-rules.ts';
import { type BenchRow, type Effort, timed } from './bench-row.ts';

const TARGETS = 100;
const DAY_MS = 86_400_000;
const BEGINS_MS = Date.UTC(2026, 0, 1);

/** The loop's decisions for a year, without a store and without work: heap, slot accounting, next slot. */
export async function measureSimulatedYear(effort: Effort): Promise<readonly BenchRow[]> {
  const days = effort === 'full' ? 365 : 10;
  const { targets } = createConfig({
    instance: 'bench',
    timeZone: 'America/New_York',
    targets: Array.from({ length: TARGETS }, (_, n) => ({
      id: `target-${n}`,
      on: { cron: `${n % 5}-59/5 * * * *` },
      run: () => undefined,
    })),
  });
  const definitions = new Map(targets.map((definition) => [definition.id, definition]));
  const states = new Map<string, TargetState>();
  const heap = new DueHeap();
  for (const definition of targets) {
    const state = newTargetState(definition.id, BEGINS_MS);
    states.set(definition.id, state);
    heap.set(definition.id, dueMs(definition, state));
  }
  const endMs = BEGINS_MS + days * DAY_MS;
  let turns = 0;
  const tookMs = await timed(() => {
    for (let nowMs = heap.nextDueMs; nowMs !== undefined && nowMs <= endMs; nowMs = heap.nextDueMs) {
      for (const id of heap.takeDue(nowMs)) {
        const [definition, state] = [definitions.get(id), states.get(id)];
        if (definition === undefined || state === undefined) continue;
        const idle = {
          occupied: { running: 0, waiting: 0 },
          poolFull: false,
          draining: false,
          startNow: false,
        };
        const turn = decideTurn({ definition, state, nowMs, ...idle });
        if (turn === undefined) throw new Error(`${id} was due at ${nowMs} and has no turn`);
        turns += turn.starts.length;
        const next = { ...state, cursorMs: turn.cursorMs };
        states.set(id, next);
        heap.set(id, dueMs(definition, next));
      }
    }
  });
  const schedule = targets[0]?.schedule;
  const slotsMs = await timed(() => {
    if (schedule !== undefined) upcomingSlots(schedule, BEGINS_MS, turns / TARGETS);
  });
  return [
    {
      id: `simulated-${days}-days`,
      name: `${days} days of ${TARGETS} five-minute targets in New York, every slot decided: ${turns.toLocaleString('en')} turns`,
      value: tookMs / 1000,
      unit: 's',
      better: 'less',
      limit: { name: 'their slots alone, nothing decided', value: (slotsMs * TARGETS) / 1000 },
      goal: (6 * days) / 365,
      note: 'without a store and without work',
    },
  ];
}
