import type { SkipView } from '../client/ops-views.ts';
import type { SlotSkip } from '../run/executions/execution.ts';
import { DaySlots } from '../run/scheduler/day-slots.ts';
import { explainNoSlot } from '../run/scheduler/no-slot-text.ts';
import { explainInherited, explainSkippedSlot } from '../run/scheduler/skip-text.ts';
import type { TargetDefinition } from '../run/targets/target.ts';
import type { TargetStates } from '../run/targets/target-states.ts';
import type { OpsChange, OpsStore } from './ops-store.ts';

/** So many skips of a target are looked through for the one that explains a skip of a target that comes after it. */
const lookedThrough = 100;

/** Where the reasons of skips stand. */
interface SkipSources {
  readonly states: TargetStates<OpsChange>;
  readonly store: Pick<OpsStore, 'readSkips'>;
}

/** Skips of a target with their reasons in words; those of a dependent say what happened to the target before it. */
export async function skipViews(
  definition: TargetDefinition,
  skips: readonly SlotSkip[],
  sources: SkipSources,
): Promise<readonly SkipView[]> {
  const inherited = skips.some(({ reason }) => reason === 'upstream')
    ? await inheritedReasons(definition, sources)
    : () => undefined;
  return skips.map((skip) => {
    const { reason, toMs } = skip;
    const text = reason === 'upstream' ? inherited(toMs) : undefined;
    return { ...skip, reasonText: text ?? explainSkippedSlot(definition, reason, toMs).en };
  });
}

/** What the first target before a dependent says that has no slot for one of its slots, or skipped it. */
async function inheritedReasons(
  definition: TargetDefinition,
  { states, store }: SkipSources,
): Promise<(slotMs: number) => string | undefined> {
  const definitions = new Map([...states.definitions()].map((one) => [one.id, one]));
  const days = new DaySlots(definitions.values());
  const parents = definition.policies.dependency?.after ?? [];
  const skipped = await Promise.all(parents.map((parentId) => store.readSkips(parentId, lookedThrough)));
  return (slotMs) => {
    for (const [index, parentId] of parents.entries()) {
      const noSlot = explainNoSlot({ definition, parentId, slotMs }, { days, definitions });
      if (noSlot !== undefined) return noSlot.en;
      const parent = definitions.get(parentId);
      const parentSlotMs = days.parentSlot(definition, parentId, slotMs) ?? slotMs;
      const skip = skipped[index]?.find(({ fromMs, toMs }) => fromMs <= parentSlotMs && parentSlotMs <= toMs);
      if (parent === undefined || skip === undefined) continue;
      return explainInherited(parentId, explainSkippedSlot(parent, skip.reason, parentSlotMs)).en;
    }
    return undefined;
  };
}
