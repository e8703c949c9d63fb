import { SimulatedEngine } from './simulated-engine.ts';
import type { SimulationEvent, SimulationInput } from './simulation-events.ts';
import { SimulationCounts, type SimulationSummary } from './simulation-summary.ts';

/**
 * What an engine that starts at `fromMs` would do up to `toMs`, told in the order in which it would be written down:
 * a run when it ends, a skip when it is decided. Nothing is kept, so that a span may be as long as it likes; the
 * summary is what the generator returns.
 */
export function* simulate(input: SimulationInput): Generator<SimulationEvent, SimulationSummary> {
  const { fromMs, toMs } = input;
  let told: SimulationEvent[] = [];
  const counts = new SimulationCounts(input.definitions.map(({ id }) => id));
  const engine = new SimulatedEngine(input, (event) => {
    counts.add(event);
    told.push(event);
  });
  while (engine.step(toMs)) {
    if (told.length === 0) continue;
    yield* told;
    told = [];
  }
  engine.finish();
  yield* told;
  return counts.summary({ fromMs, toMs }, engine.poolUses);
}

/** Runs a simulation for its summary alone; `onEvent` hears what it tells. */
export function summarize(
  input: SimulationInput,
  onEvent?: (event: SimulationEvent) => void,
): SimulationSummary {
  const events = simulate(input);
  for (;;) {
    const next = events.next();
    if (next.done === true) return next.value;
    onEvent?.(next.value);
  }
}
