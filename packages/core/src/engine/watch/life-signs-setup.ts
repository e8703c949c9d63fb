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
  const signs = new LifeSigns({
    ...lifeSigns,
    deadMan: config.watch.deadMan,
    clock,
    logger,
    contextOf,
    progress: () => ({
      wakes: scheduler.wakes,
      lastLookMono: health.lastLookMono,
      hasChecks: health.list().length > 0,
      outboxOldestMs: outboxReading(alerts, clock.now()).oldestMs,
    }),
    writeCanary: canary,
  });
  signs.start();
  return async () => {
    await Promise.all([closeDoor(), signs.close()]);
  };
}
