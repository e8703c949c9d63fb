import type {
  AlertChannelInstance,
  AlertNotice,
  ChannelCapabilities,
  RenderedNotice,
  SendResult,
} from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { AlertBook } from './alert-book.ts';
import {
  afterFailure,
  afterSuccess,
  type ChannelState,
  FAILURES_TO_TELL,
  freshChannel,
  refill,
  tokenAtMs,
} from './channel-state-rules.ts';
import type { Finished } from './delivery-rules.ts';
import type { OutboxRow } from './outbox.ts';
import { checkedResult, type Measured, type Outcome, pickRows, SEND_DEADLINE_MS } from './outbox-rules.ts';

/** A channel the engine can send by. */
export interface BoundChannel {
  readonly id: string;
  /** Name of its definition: `email`, `slack`, … */
  readonly kind: string;
  readonly capabilities: ChannelCapabilities;
  readonly instance: AlertChannelInstance;
  /** So many notices at once; more than 1 only where a repeated line does no harm. Default 1. */
  readonly atOnce?: number | undefined;
}

/** What a lane needs of the rest. */
export interface LaneWorld {
  readonly book: AlertBook;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly render: (notice: AlertNotice, capabilities: ChannelCapabilities) => RenderedNotice;
  readonly redact: (text: string) => string;
  readonly lease: (rowIds: readonly string[]) => Promise<readonly OutboxRow[]>;
  readonly finish: (finished: readonly Finished[]) => Promise<ReadonlyArray<Outcome | undefined>>;
}

/** After the store refused a write, the lane tries again so much later. */
const STORE_RETRY_MS = 5000;
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Sends the rows of one channel, one after another. Nothing that happens here holds up another channel. */
export class ChannelLane {
  readonly channel: BoundChannel;
  readonly #world: LaneWorld;
  readonly #ends = new AbortController();
  #state: ChannelState;
  #running: Promise<void> | undefined;
  #again = false;
  #cancelTimer: (() => void) | undefined;
  #blockedUntilMono = 0;

  constructor(channel: BoundChannel, world: LaneWorld) {
    this.channel = channel;
    this.#world = world;
    this.#state = freshChannel(channel.capabilities, world.clock.now());
  }

  get state(): ChannelState {
    return this.#state;
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
      const { rows, nextMs } = this.#pick();
      if (rows.length === 0) return this.#sleepUntil(nextMs);
      try {
        await this.#send(rows);
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

  #pick(): { readonly rows: readonly OutboxRow[]; readonly nextMs?: number } {
    const { clock, book } = this.#world;
    const nowMs = clock.now();
    const waitMs = this.#blockedUntilMono - clock.mono();
    if (waitMs > 0) return { rows: [], nextMs: nowMs + waitMs };
    this.#state = this.#sane(refill(this.#state, this.channel.capabilities, nowMs), nowMs);
    const { pausedUntilMs, calmUntilMs, tokens } = this.#state;
    if (pausedUntilMs > nowMs) return { rows: [], nextMs: pausedUntilMs };
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

  /** A wall clock that was set back must not make a pause longer than it was meant. */
  #sane(state: ChannelState, nowMs: number): ChannelState {
    const latest = Math.max(state.lastFailedAtMs ?? 0, state.lastSentAtMs ?? 0);
    return latest <= nowMs ? state : { ...state, pausedUntilMs: 0, calmUntilMs: 0, lastFailedAtMs: nowMs };
  }

  async #send(picked: readonly OutboxRow[]): Promise<void> {
    const leased = await this.#world.lease(picked.map(({ id }) => id));
    // Taken back meanwhile, as the book then says; if it does not, asking again at once would be of no use.
    const same = picked.some((row) => this.#world.book.findRow(row.id) === row);
    if (leased.length === 0 && same) this.#blockedUntilMono = this.#world.clock.mono() + 1000;
    this.#state = { ...this.#state, tokens: this.#state.tokens - leased.length };
    const results = await Promise.all(leased.map((row) => this.#attempt(row)));
    let finished: readonly Finished[] = results.map(({ row, result, measured }) => {
      const sent = result.status === 'sent';
      const failures = sent ? 0 : this.#state.failures + 1;
      return { row, result, measured, failures, tell: failures >= FAILURES_TO_TELL };
    });
    // What was sent is sent: this is written before anything else, however long the store refuses.
    while (finished.length > 0) {
      const outcomes = await this.#finish(finished);
      if (outcomes !== undefined) {
        for (const [index, outcome] of outcomes.entries()) this.#learn(finished[index], outcome);
        finished = [];
      } else if (this.#ends.signal.aborted) return;
    }
  }

  async #finish(finished: readonly Finished[]): Promise<ReadonlyArray<Outcome | undefined> | undefined> {
    const { finish, logger, clock } = this.#world;
    try {
      return await finish(finished);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      logger.error('the outbox could not be written', { channel: this.channel.id, error: text });
      await clock.sleep(STORE_RETRY_MS, this.#ends.signal).catch(() => undefined);
      return undefined;
    }
  }

  #learn(finished: Finished | undefined, outcome: Outcome | undefined): void {
    if (finished === undefined || outcome === undefined) return;
    const nowMs = finished.measured.endedAtMs;
    const { failure } = outcome;
    if (failure === undefined) {
      this.#state = afterSuccess(this.#state, nowMs);
      return;
    }
    const { pauseMs, text } = failure;
    this.#state = afterFailure(this.#state, { text, nowMs, ...(pauseMs === undefined ? {} : { pauseMs }) });
    const { id: noticeId, attempts } = finished.row;
    this.#world.logger.error('an alert channel failed', {
      channel: this.channel.id,
      error: text,
      noticeId,
      attempts,
      status: outcome.row.status,
    });
  }

  async #attempt(row: OutboxRow): Promise<Pick<Finished, 'row' | 'result' | 'measured'>> {
    const { clock } = this.#world;
    const [startedAtMs, startedMono] = [clock.now(), clock.mono()];
    const { result, timedOut } = await this.#call(row);
    const measured: Measured = {
      startedAtMs,
      endedAtMs: clock.now(),
      durationMs: clock.mono() - startedMono,
      timedOut,
    };
    return { row, result: this.#clean(result), measured };
  }

  /** The channel's answer, or none: its deadline holds even when it ignores its signal. */
  async #call(row: OutboxRow): Promise<{ readonly result: SendResult; readonly timedOut: boolean }> {
    const { clock } = this.#world;
    const asked = new AbortController();
    const signal = AbortSignal.any([asked.signal, this.#ends.signal]);
    const { promise, resolve } = Promise.withResolvers<{ result: SendResult; timedOut: boolean }>();
    const late = (reason: string) => () => {
      resolve({ result: { status: 'retry', reason }, timedOut: true });
      asked.abort(new Error(reason));
    };
    const cancel = clock.setTimer(late(`no answer within ${SEND_DEADLINE_MS / 1000} s`), SEND_DEADLINE_MS);
    const ended = late('the engine ended while it was being sent');
    this.#ends.signal.addEventListener('abort', ended, { once: true });
    const failed = (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      resolve({ result: { status: 'retry', reason: `unclassified: ${reason}` }, timedOut: false });
    };
    const answered = (answer: unknown) => resolve({ result: checkedResult(answer), timedOut: false });
    this.#handOver(row, signal).then(answered, failed);
    try {
      return await promise;
    } finally {
      cancel();
      this.#ends.signal.removeEventListener('abort', ended);
    }
  }

  /** Async, so that a channel that throws before it returns a promise fails like every other one. */
  async #handOver(row: OutboxRow, signal: AbortSignal): Promise<SendResult> {
    const { clock, render } = this.#world;
    const { capabilities, instance } = this.channel;
    if (row.notice === undefined) throw new Error('the notice was not worded');
    const notice = { ...row.notice, maybeRepeat: row.maybeRepeat };
    const { title, text, ...rich } = render(notice, capabilities);
    const nowMs = clock.now();
    const call = { signal, attempt: row.attempts, deadlineMs: nowMs + SEND_DEADLINE_MS, nowMs };
    return instance.send(notice, row.plain ? { title, text } : { title, text, ...rich }, call);
  }

  /** What the other side said must not carry a secret into our records. */
  #clean(result: SendResult): SendResult {
    const { redact } = this.#world;
    if (result.status !== 'sent') return { ...result, reason: redact(String(result.reason)) };
    const { ref, rejectedRecipients } = result;
    return {
      status: 'sent',
      ...(ref === undefined ? {} : { ref: redact(ref) }),
      ...(rejectedRecipients === undefined
        ? {}
        : { rejectedRecipients: rejectedRecipients.map((to) => redact(String(to))) }),
    };
  }

  #sleepUntil(atMs: number | undefined): void {
    if (atMs === undefined || this.#ends.signal.aborted) return;
    const delayMs = Math.min(Math.max(0, atMs - this.#world.clock.now()), TIMER_MAX_MS);
    this.#cancelTimer = this.#world.clock.setTimer(() => this.wake(), delayMs);
  }
}
