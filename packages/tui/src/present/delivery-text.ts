import type { AlertDetail, DeliveryView } from '@qts-ops/core/client';
import type { Theme } from '../theme.ts';
import { plain, type Span, toned } from './line.ts';

/** What became of the newest notice to one channel. */
export interface ChannelDelivery {
  readonly channelId: string;
  readonly outcome: 'sent' | 'waiting' | 'failed';
}

const FAILED: ReadonlySet<string> = new Set(['dead']);
const SENT: ReadonlySet<string> = new Set(['sent', 'superseded']);

/** Whether a notice has arrived, still may, or never will. */
export function outcomeOf({ status }: Pick<DeliveryView, 'status'>): ChannelDelivery['outcome'] {
  if (SENT.has(status)) return 'sent';
  return FAILED.has(status) ? 'failed' : 'waiting';
}

const RANK: Readonly<Record<ChannelDelivery['outcome'], number>> = { failed: 0, waiting: 1, sent: 2 };

/** The newest notice of each channel, those in trouble first; one that gave way to another is not told. */
export function channelDeliveries({
  deliveries,
}: Pick<AlertDetail, 'deliveries'>): readonly ChannelDelivery[] {
  const newest = new Map<string, DeliveryView>();
  for (const delivery of deliveries) {
    const known = newest.get(delivery.channelId);
    const older = known !== undefined && known.createdAtMs > delivery.createdAtMs;
    if (!older && delivery.status !== 'superseded') newest.set(delivery.channelId, delivery);
  }
  return [...newest.values()]
    .map((delivery) => ({ channelId: delivery.channelId, outcome: outcomeOf(delivery) }))
    .sort((a, b) => RANK[a.outcome] - RANK[b.outcome] || (a.channelId < b.channelId ? -1 : 1));
}

/** `mail ✓ slack …`, for a row; says so when nothing was sent to anybody. */
export function deliverySpans(detail: AlertDetail | undefined, theme: Theme): readonly Span[] {
  if (detail === undefined) return [toned('dim', 'not read yet')];
  const deliveries = channelDeliveries(detail);
  if (deliveries.length === 0) return [toned('dim', 'nobody told')];
  return deliveries.flatMap(({ channelId, outcome }, index) => [
    plain(`${index === 0 ? '' : '  '}${channelId} `),
    outcomeSpan(outcome, theme),
  ]);
}

/** The sign of one outcome. */
export function outcomeSpan(outcome: ChannelDelivery['outcome'], { signs }: Theme): Span {
  if (outcome === 'sent') return toned('ok', signs.sent);
  return outcome === 'failed' ? toned('fail', signs.failed) : toned('warn', signs.waiting);
}
