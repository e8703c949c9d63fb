import type { EngineView } from '../client/ops-views.ts';
import type { EngineParts } from './engine-parts.ts';

/** A screen hears from the engine at least this often, ms. */
export const BEAT_EVERY_MS = 2000;

/** What screens are shown of the engine itself. */
export function engineView(
  { config, version, bootId, self, stateFolder }: EngineParts,
  { draining, startedAtMs }: { readonly draining: boolean; readonly startedAtMs: number },
): EngineView {
  return {
    instance: config.instance,
    environment: config.environment,
    version,
    bootId,
    pid: self.pid,
    state: draining ? 'draining' : 'running',
    startedAtMs,
    timeZone: config.timeZone,
    beatEveryMs: BEAT_EVERY_MS,
    stateFolder,
  };
}
