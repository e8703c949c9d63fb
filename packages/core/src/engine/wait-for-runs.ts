import { formatExactDuration } from '../kernel/duration.ts';
import type { StopRequest } from '../run/executions/execution.ts';
import type { EngineParts } from './engine-parts.ts';
import type { EngineServices } from './engine-services.ts';

/** So many targets are named in one line of the log. */
const namedMax = 20;

/**
 * Waits until no run goes on any more, for the drain time of the config at most, and says in the log whom it waits for and
 * who is ended when that is over.
 */
export async function waitForRuns(
  { runs, states }: Pick<EngineServices, 'runs' | 'states'>,
  { clock, config, logger }: Pick<EngineParts, 'clock' | 'config' | 'logger'>,
): Promise<void> {
  const goingOn = () => [...states.definitions()].map(({ id }) => id).filter((id) => runs.of(id).length > 0);
  const atFirst = goingOn();
  const most = formatExactDuration(config.drainMs);
  if (atFirst.length > 0) {
    logger.info(`waiting for ${named(atFirst)}, ${most} at most`, { event: 'engine.waiting' });
  }
  const patience = new AbortController();
  const waited = clock.sleep(config.drainMs, patience.signal).catch(() => undefined);
  await Promise.race([runs.idle(), waited]);
  patience.abort();
  const left = goingOn();
  if (left.length === 0) return;
  logger.warn(`still running after ${most}, ended now: ${named(left)}`, { event: 'engine.drain-over' });
}

/** Ends by force what could not be ended in order: whoever asked for the end gets it, and no program is left behind. */
export async function endAnyhow(
  ending: Promise<void>,
  runs: EngineServices['runs'],
  stop: StopRequest,
): Promise<{ readonly error?: unknown }> {
  try {
    await ending;
    return {};
  } catch (error) {
    runs.killAll(stop);
    await runs.idle();
    return { error };
  }
}

function named(ids: readonly string[]): string {
  const more = ids.length - namedMax;
  return `${ids.slice(0, namedMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
