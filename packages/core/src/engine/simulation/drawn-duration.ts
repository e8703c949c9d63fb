import { spreadFraction } from '../../kernel/ids.ts';

/**
 * One of the durations that runs of a target took, ms: slow ones come as often as they came. The same slot always draws
 * the same one, so that two simulations differ only by what was changed between them. 0 for none.
 */
export function drawnDuration(takenMs: readonly number[], targetId: string, slotMs: number): number {
  const place = Math.floor(spreadFraction('duration', targetId, String(slotMs)) * takenMs.length);
  return takenMs[place] ?? 0;
}
