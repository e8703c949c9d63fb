import type { Logger } from '../../ports/logger.ts';
import type { AlertBook } from './alert-book.ts';
import { type AttemptWorld, type BoundChannel, ChannelAttempts } from './channel-attempts.ts';
import {
  blockedUntilMs,
  type ChannelState,
  FAILURES_TO_TELL,
  freshChannel,
  refill,
  restoredChannel,
  tokenAtMs,
} from './channel-state-rules.ts';
import type { ChannelNow, Finished } from './delivery-rules.ts';
import type { OutboxRow } from './outbox.ts';
import { nextTooOldMs, type Outcome, pickRows, tooOldRows } from './outbox-rules.ts';

export type { BoundChannel } from './channel-attempts.ts';

/** What a lane needs of the rest. */
export interface LaneWorld extends AttemptWorld {
  readonly book: AlertBook;
  readonly logger: Logger;
  /** True while our own connection is down: a channel over the network would fail for no reason of its own. */
  readonly isIsolated: () => boolean;
  readonly lease: (
    rowIds: readonly string[],
    now: ChannelNow,
  ) => Promise<{ readonly rows: readonly OutboxRow[]; readonly state: ChannelState }>;
  readonly finish: (
    finished: readonly Finished[],
    now: ChannelNow,
  ) => Promise<{ readonly outcomes: ReadonlyArray<Outcome | undefined>; readonly state: ChannelState }>;
  /** Gives up rows that grew too old without a further attempt. */
  readonly giveUp: (rowIds: readonly string[]) => Promise<void>;
}

/** After the store refused a write, the lane tries again so much later. */
const STORE_RETRY_MS = 5000;
const TIMER_MAX_MS = 2 ** 31 - 1;

interface Picked {
  readonly rows: readonly OutboxRow[];
  readonly tooOld?: readonly OutboxRow[];
  readonly nextMs?: number;
}

/** Sends the rows of one channel, one after another. Nothing that happens here holds up another channel. */
export class ChannelLane {
  readonly channel: BoundChannel;
  readonly #world: LaneWorld;
  readonly #ends = new AbortController();
  readonly #attempts: ChannelAttempts;
  #state: ChannelState;
  #running: Promise<void> | undefined;
  #again = false;
  #cancelTimer: (() => void) | undefined;
  #blockedUntilMono = 0;

  constructor(channel: BoundChannel, world: LaneWorld) {
    this.channel = channel;
    this.#world = world;
    this.#attempts = new ChannelAttempts(channel, world, this.#ends.signal);
    this.#state = freshChannel(channel.capabilities, world.clock.now());
  }

  get state(): ChannelState {
    return this.#state;
  }

  /** Goes on from what the last start knew of the channel. */
  restore(stored: ChannelState): void {
    this.#state = restoredChannel(stored, this.channel.capabilities, this.#world.clock.now());
  }

  /** Looks whether something can be sent now. Never waits for it. */
  wake(): void {
    if (this.#ends.signal.aborted) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.wake();
    });
  }

  /** Resolves when nothing is being sent and nothing could be sent at once. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Sends nothing more; what is under way is asked to end. */
  close(): void {
    this.#ends.abort(new Error('the engine ends'));
    this.#cancelTimer?.();
  }

  async #run(): Promise<void> {
    this.#cancelTimer?.();
    while (!this.#ends.signal.aborted) {
      const { rows, tooOld = [], nextMs } = this.#pick();
      if (rows.length === 0 && tooOld.length === 0) return this.#sleepUntil(nextMs);
      try {
        if (tooOld.length > 0) await this.#world.giveUp(tooOld.map(({ id }) => id));
        else await this.#send(rows);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        this.#world.logger.error('the outbox could not be written', {
          channel: this.channel.id,
          error: text,
        });
        this.#blockedUntilMono = this.#world.clock.mono() + STORE_RETRY_MS;
      }
    }
  }

  #pick(): Picked {
    const { clock, book } = this.#world;
    const nowMs = clock.now();
    const waitMs = this.#blockedUntilMono - clock.mono();
    if (waitMs > 0) return { rows: [], nextMs: nowMs + waitMs };
    if (this.#isCutOff()) return this.#pickTooOld(nowMs);
    this.#state = this.#sane(refill(this.#state, this.channel.capabilities, nowMs), nowMs);
    const { calmUntilMs, tokens } = this.#state;
    const blockedMs = blockedUntilMs(this.#state);
    if (blockedMs > nowMs) return { rows: [], nextMs: blockedMs };
    if (tokens < 1) return { rows: [], nextMs: tokenAtMs(this.#state, this.channel.capabilities, nowMs) };
    const calm = calmUntilMs > nowMs;
    const picked = pickRows(book.liveRows(this.channel.id), {
      nowMs,
      most: Math.min(this.channel.atOnce ?? 1, Math.floor(tokens)),
      isLive: (rowId) => book.findRow(rowId) !== undefined,
      criticalOnly: calm,
    });
    if (picked.rows.length > 0 || !calm) return picked;
    return { rows: [], nextMs: Math.min(calmUntilMs, picked.nextMs ?? calmUntilMs) };
  }

  #isCutOff(): boolean {
    return this.channel.capabilities.network !== false && this.#world.isIsolated();
  }

  /** While nothing can be sent no attempt is spent; what grows too old meanwhile is given up all the same. */
  #pickTooOld(nowMs: number): Picked {
    const live = [...this.#world.book.liveRows(this.channel.id)];
    const nextMs = nextTooOldMs(live, nowMs);
    const tooOld = tooOldRows(live, nowMs);
    return { rows: [], tooOld, ...(nextMs === undefined ? {} : { nextMs }) };
  }

  /** A wall clock that was set back must not make a pause longer than it was meant. */
  #sane(state: ChannelState, nowMs: number): ChannelState {
    const latest = Math.max(state.lastFailedAtMs ?? 0, state.lastSentAtMs ?? 0);
    if (latest <= nowMs) return state;
    return { ...state, pausedUntilMs: 0, refusedUntilMs: 0, calmUntilMs: 0, lastFailedAtMs: nowMs };
  }

  async #send(picked: readonly OutboxRow[]): Promise<void> {
    const { rows: leased, state } = await this.#world.lease(
      picked.map(({ id }) => id),
      this.#now(),
    );
    this.#state = state;
    // Taken back meanwhile, as the book then says; if it does not, asking again at once would be of no use.
    const same = picked.some((row) => this.#world.book.findRow(row.id) === row);
    if (leased.length === 0 && same) this.#blockedUntilMono = this.#world.clock.mono() + 1000;
    const results = await Promise.all(leased.map((row) => this.#attempts.make(row)));
    let finished: readonly Finished[] = results.map(({ row, result, measured }) => {
      const sent = result.status === 'sent';
      const failures = sent ? 0 : this.#state.failures + 1;
      return { row, result, measured, failures, tell: failures >= FAILURES_TO_TELL };
    });
    // What was sent is sent: this is written before anything else, however long the store refuses.
    while (finished.length > 0) {
      const written = await this.#finish(finished);
      if (written !== undefined) {
        this.#state = written.state;
        for (const [index, outcome] of written.outcomes.entries()) this.#say(finished[index], outcome);
        finished = [];
      } else if (this.#ends.signal.aborted) return;
    }
  }

  #now(): ChannelNow {
    return { channelId: this.channel.id, state: this.#state };
  }

  async #finish(
    finished: readonly Finished[],
  ): Promise<Awaited<ReturnType<LaneWorld['finish']>> | undefined> {
    const { finish, logger, clock } = this.#world;
    try {
      return await finish(finished, this.#now());
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      logger.error('the outbox could not be written', { channel: this.channel.id, error: text });
      await clock.sleep(STORE_RETRY_MS, this.#ends.signal).catch(() => undefined);
      return undefined;
    }
  }

  #say(finished: Finished | undefined, outcome: Outcome | undefined): void {
    if (finished === undefined || outcome?.failure === undefined) return;
    const { id: noticeId, attempts } = finished.row;
    this.#world.logger.error('an alert channel failed', {
      channel: this.channel.id,
      error: outcome.failure.text,
      noticeId,
      attempts,
      status: outcome.row.status,
    });
  }

  #sleepUntil(atMs: number | undefined): void {
    if (atMs === undefined || this.#ends.signal.aborted) return;
    const delayMs = Math.min(Math.max(0, atMs - this.#world.clock.now()), TIMER_MAX_MS);
    this.#cancelTimer = this.#world.clock.setTimer(() => this.wake(), delayMs);
  }
}
