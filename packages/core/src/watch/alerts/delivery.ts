import type { Change } from '../../kernel/change.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { NetworkIsolation } from '../../ports/network-isolation.ts';
import type { AlertChange } from './alert-changes.ts';
import type { AlertDesk } from './alert-desk.ts';
import type { AlertRules } from './announce-rules.ts';
import { type BoundChannel, ChannelLane, type LaneWorld } from './channel-lane.ts';
import { blockedUntilMs } from './channel-state-rules.ts';
import { finishFor, giveUpRows, leaseFor, recoverOutbox } from './delivery-rules.ts';
import type { NoticeOrigin } from './notice-rules.ts';
import type { OutboxRow } from './outbox.ts';

interface DeliveryOptions<C extends Change> {
  readonly desk: AlertDesk<C>;
  readonly channels: readonly BoundChannel[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bootId: string;
  readonly origin: NoticeOrigin;
  readonly rules: AlertRules;
  readonly render: LaneWorld['render'];
  readonly redact: (text: string) => string;
  readonly isolation?: NetworkIsolation | undefined;
}

/** How a channel is doing, for screens, checks and metrics. */
export interface ChannelReport {
  readonly channelId: string;
  readonly kind: string;
  readonly failures: number;
  readonly waiting: number;
  /** When the oldest notice that waits was made. */
  readonly oldestMs?: number;
  /** Since when the oldest notice that is due waits; one that waits for its hours or its company is not due. */
  readonly dueSinceMs?: number;
  readonly lastSentAtMs?: number;
  readonly lastFailedAtMs?: number;
  readonly lastError?: string;
  readonly pausedUntilMs?: number;
  /** True while it waits because our own connection is down. */
  readonly isolated: boolean;
}

/** Sends what stands in the outbox: a lane for each channel, so that a dead one delays nobody. */
export class Delivery<C extends Change> {
  readonly #options: DeliveryOptions<C>;
  readonly #lanes: ReadonlyMap<string, ChannelLane>;
  readonly #unfollow: () => void;
  #started = false;

  constructor(options: DeliveryOptions<C>) {
    this.#options = options;
    this.#lanes = new Map(
      options.channels.map((channel) => [channel.id, new ChannelLane(channel, this.#world())]),
    );
    this.#unfollow = options.isolation?.onIsolationChange(() => this.wakeAll()) ?? (() => undefined);
  }

  has(channelId: string): boolean {
    return this.#lanes.has(channelId);
  }

  /** Closes what a dead engine left in the outbox, and goes on from what it knew of the channels. */
  async recover(): Promise<void> {
    const { desk, bootId, logger } = this.#options;
    const { book } = desk;
    for (const { channelId, state } of book.channels) this.#lanes.get(channelId)?.restore(state);
    const { value } = await desk.decide((draft) => {
      const rows = book.liveChannels().flatMap((channelId) => [...book.liveRows(channelId)]);
      return recoverOutbox(draft, rows, { bootId, has: (channelId) => this.has(channelId) });
    });
    if (value.repeated > 0) {
      logger.warn('notices that a dead engine was sending are sent again', { count: value.repeated });
    }
    for (const { id, channelId } of value.orphaned) {
      logger.warn('a notice was given up: its channel is gone', { noticeId: id, channel: channelId });
    }
  }

  /** Begins to send. */
  start(): void {
    this.#started = true;
    for (const lane of this.#lanes.values()) lane.wake();
  }

  /** Wakes the channels that committed changes concern. */
  committed(changes: readonly AlertChange[]): void {
    if (!this.#started) return;
    const touched = new Set<string>();
    for (const change of changes) {
      if (change.kind === 'outbox.insert' || change.kind === 'outbox.update') {
        touched.add(change.row.channelId);
      }
    }
    for (const channelId of touched) this.#lanes.get(channelId)?.wake();
  }

  /** Looks again at everything: the wall clock was set. */
  wakeAll(): void {
    if (this.#started) for (const lane of this.#lanes.values()) lane.wake();
  }

  reports(): readonly ChannelReport[] {
    return [...this.#lanes.values()].map((lane) => this.#report(lane));
  }

  /** Waits for what is under way, at most `waitMs`, and sends nothing more. What is left stays in the outbox. */
  async close(waitMs: number): Promise<void> {
    const { clock } = this.#options;
    this.#unfollow();
    const done = new AbortController();
    const idle = Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
    await Promise.race([idle, clock.sleep(waitMs, done.signal).catch(() => undefined)]);
    done.abort();
    this.#started = false;
    for (const lane of this.#lanes.values()) lane.close();
    // A lane that was waiting for its channel writes that it may have arrived.
    await Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
  }

  #world(): LaneWorld {
    const { desk, clock, logger, render, redact, bootId, origin, rules, isolation } = this.#options;
    return {
      book: desk.book,
      clock,
      logger,
      render,
      redact,
      isIsolated: () => isolation?.isIsolated() ?? false,
      lease: async (rowIds, now) => {
        const { value } = await desk.decide((draft) => leaseFor(draft, rowIds, { bootId, origin, ...now }));
        return value;
      },
      finish: async (finished, now) => {
        const { value } = await desk.decide((draft) => finishFor(draft, finished, { ...rules, ...now }));
        return value;
      },
      giveUp: async (rowIds) => {
        await desk.decide((draft) => giveUpRows(draft, rowIds, rules));
      },
    };
  }

  #report({ channel, state }: ChannelLane): ChannelReport {
    const { desk, isolation } = this.#options;
    const { book } = desk;
    const nowMs = this.#options.clock.now();
    let oldest: OutboxRow | undefined;
    let dueSinceMs: number | undefined;
    for (const row of book.liveRows(channel.id)) {
      oldest ??= row;
      // What was tried was due when it was made; waiting for the next attempt does not make it young again.
      const dueMs = row.attempts > 0 ? row.createdAtMs : row.nextAtMs;
      if (dueMs <= nowMs) dueSinceMs = Math.min(dueSinceMs ?? dueMs, dueMs);
    }
    const { failures, lastSentAtMs, lastFailedAtMs, lastError } = state;
    const pausedUntilMs = blockedUntilMs(state);
    return {
      channelId: channel.id,
      kind: channel.kind,
      failures,
      waiting: book.liveCount(channel.id),
      isolated: channel.capabilities.network !== false && isolation?.isIsolated() === true,
      ...(oldest === undefined ? {} : { oldestMs: oldest.createdAtMs }),
      ...(dueSinceMs === undefined ? {} : { dueSinceMs }),
      ...(lastSentAtMs === undefined ? {} : { lastSentAtMs }),
      ...(lastFailedAtMs === undefined ? {} : { lastFailedAtMs }),
      ...(lastError === undefined ? {} : { lastError }),
      ...(pausedUntilMs > nowMs ? { pausedUntilMs } : {}),
    };
  }
}
