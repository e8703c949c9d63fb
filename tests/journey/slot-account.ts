import type { ExecutionView, OpsClient, TargetDetail } from '@qts-ops/core/client';

type SlotSkip = TargetDetail['skips'][number];

/** What became of the slots of one `rate` target with a constant distance and no phase. */
export interface SlotAccount {
  /** Slots between the first and the last one accounted for, both included. */
  readonly slots: number;
  readonly executed: number;
  readonly skipped: number;
  /** Slots that are neither an execution nor a skip. */
  readonly missing: readonly number[];
  /** Slots that are on record more than once. */
  readonly repeated: readonly number[];
  readonly executions: readonly ExecutionView[];
  readonly skips: readonly SlotSkip[];
}

const PAGE = 1_000;

/** An engine tells this many of the newest skips; with as many, what lies before them cannot be accounted for. */
const SKIPS_TOLD = 20;

/** Reads the record of a target and says what became of each of its slots, as far back as the engine tells. */
export async function accountSlots(
  client: OpsClient,
  targetId: string,
  intervalMs: number,
): Promise<SlotAccount> {
  const { items } = await client.executions({ jobId: targetId, runType: 'AUTO', limit: PAGE });
  if (items.length === PAGE) throw new Error(`${targetId} has ${PAGE} executions or more; ask in pages`);
  const { skips } = await client.target(targetId);
  const executions = items.toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  const sinceMs = skips.length < SKIPS_TOLD ? 0 : Math.min(...skips.map(({ fromMs }) => fromMs));
  // A run at the engine's start stands for the moment of the start, which is no multiple of the distance.
  const ran = executions.flatMap(({ scheduledAtMs }) =>
    scheduledAtMs === undefined || scheduledAtMs < sinceMs || scheduledAtMs % intervalMs !== 0
      ? []
      : [scheduledAtMs],
  );
  // The skips were asked for after the executions: what is newer than both answers may be in one of them alone.
  const last = Math.max(...ran);
  const left = skips.flatMap((skip) => slotsOf(skip, intervalMs)).filter((slotMs) => slotMs <= last);
  const first = Math.min(...ran, ...left);
  const seen = new Map<number, number>();
  for (const slotMs of [...ran, ...left]) seen.set(slotMs, (seen.get(slotMs) ?? 0) + 1);
  const slots = Array.from(
    { length: (last - first) / intervalMs + 1 },
    (_, index) => first + index * intervalMs,
  );
  return {
    slots: slots.length,
    executed: ran.length,
    skipped: left.length,
    missing: slots.filter((slotMs) => !seen.has(slotMs)),
    repeated: [...seen].filter(([, times]) => times > 1).map(([slotMs]) => slotMs),
    executions,
    skips,
  };
}

function slotsOf({ fromMs, count }: SlotSkip, intervalMs: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => fromMs + index * intervalMs);
}
