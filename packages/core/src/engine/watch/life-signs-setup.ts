import type { PluginContext } from '../../ports/alert-channel.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { EngineServices } from '../engine-services.ts';
import { outboxReading } from './health-setup.ts';
import { LifeSigns } from './life-signs.ts';

/** Begins to tell the outside that an engine works, and to take signs of life of others; the returned function ends it. */
export function startLifeSigns(
  parts: Pick<EngineParts, 'lifeSigns' | 'config' | 'clock' | 'logger'>,
  { scheduler, alerts, health, canary, pingDoor }: EngineServices,
  contextOf: (owner: string) => PluginContext,
): () => Promise<void> {
  const { lifeSigns, config, clock, logger } = parts;
  // How it went is the business of the check of the door.
  void pingDoor?.open();
  const closeDoor = async () => pingDoor?.close();
  if (lifeSigns === undefined) return closeDoor;
  const startedMono = clock.mono();
  const signs = new LifeSigns({
    ...lifeSigns,
    deadMan: config.watch.deadMan,
    clock,
    logger,
    contextOf,
    instance: config.instance,
    progress: () => {
      const intervals = health.list().map(({ intervalMs }) => intervalMs);
      return {
        wakes: scheduler.wakes,
        lastLookMono: health.lastLookMono,
        hasChecks: intervals.length > 0,
        shortestIntervalMs: intervals.length > 0 ? Math.min(...intervals) : undefined,
        outboxOldestMs: outboxReading(alerts, clock.now()).oldestMs,
        isIsolated: health.isolated,
        runningMs: clock.mono() - startedMono,
      };
    },
    writeCanary: canary,
  });
  signs.start();
  return async () => {
    await Promise.all([closeDoor(), signs.close()]);
  };
}
