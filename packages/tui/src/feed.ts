import { type FeedMessage, STALE_MARGIN_MS } from '@qts-ops/core/client';
import { EngineTime } from './engine-time.ts';
import type { ScreenClock } from './screen-clock.ts';
import type { Action } from './state/actions.ts';
import { LATE_AFTER_BEATS, type Link } from './state/link.ts';
import { reduce } from './state/reducer.ts';
import type { Frame, ScreenState } from './state/screen-state.ts';
import { REORDER_EVERY_MS } from './state/target-order.ts';

/** Data is drawn at most so often; the first change after a quiet time is drawn at once. */
export const REFRESH_MS = 500;

/** What the slowness of a terminal does to the refresh. */
const SLOWED: Readonly<Record<0 | 1 | 2, number>> = { 0: 1, 1: 2, 2: 4 };

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
/** Frames that only time asks for come at most so often. */
const WAKE_LEAST_MS = 250;

/**
 * The screen's state, kept outside the drawing. Messages are gathered and applied at most twice a second, keys at
 * once; nothing is drawn while nothing changes.
 */
export class Feed {
  readonly #clock: ScreenClock;
  readonly #refreshMs: number;
  readonly #listeners = new Set<() => void>();
  readonly #time = new EngineTime();
  #state: ScreenState;
  #pending = new Map<string, FeedMessage>();
  #emittedAtMs = Number.NEGATIVE_INFINITY;
  #heardAtMs = 0;
  #cancelEmit: (() => void) | undefined;
  #cancelWake: (() => void) | undefined;
  #cancelLate: (() => void) | undefined;

  constructor(state: ScreenState, clock: ScreenClock, refreshMs: number = REFRESH_MS) {
    this.#state = state;
    this.#clock = clock;
    this.#refreshMs = refreshMs;
  }

  /** The state as last drawn; a new object after every change. */
  get = (): ScreenState => this.#state;

  /** Calls after every change until the returned function is called. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes a message of the engine; the newest per target and execution wins until the next frame. */
  receive(message: FeedMessage): void {
    this.#heardAtMs = this.#clock.nowMs();
    this.#time.note(message, this.#heardAtMs);
    const unlinked = this.#state.link.kind === 'connecting' || this.#state.link.kind === 'lost';
    if (unlinked && message.kind === 'snapshot') {
      this.#relive(message);
      return;
    }
    if (this.#state.link.kind === 'late') this.act({ kind: 'link', link: { kind: 'live' } });
    this.#watchSilence();
    if (message.kind === 'beat') return;
    if (message.kind === 'snapshot') this.#pending.clear();
    this.#pending.set(keyOf(message), message);
    this.#schedule();
  }

  /**
   * Something else happened: it is applied to what the person sees, then gathered messages, and drawn at once. A key of
   * a dialog decides on the newest that is known: the list is frozen, and what changed must be seen before it counts.
   */
  act(action: Action): ScreenState {
    if (action.kind === 'dialog.key') this.#apply();
    this.#state = reduce(this.#state, action, this.#frame());
    this.#emit();
    return this.#state;
  }

  /** There is no connection any more, or not yet. */
  unlink(link: Extract<Link, { kind: 'connecting' | 'lost' }>): void {
    this.#cancelLate?.();
    this.#cancelLate = undefined;
    if (link.kind === 'lost') this.#time.forget();
    this.act({ kind: 'link', link });
  }

  /** Stops every timer. */
  close(): void {
    for (const cancel of [this.#cancelEmit, this.#cancelWake, this.#cancelLate]) cancel?.();
    this.#listeners.clear();
  }

  /** The link and its first data are drawn together: old values must never look live. */
  #relive(snapshot: FeedMessage): void {
    this.#pending.clear();
    this.#state = reduce(this.#state, { kind: 'messages', messages: [snapshot] }, this.#frame());
    this.act({ kind: 'link', link: { kind: 'live' } });
    this.#watchSilence();
  }

  #frame(): Frame {
    const localMs = this.#clock.nowMs();
    return { localMs, nowMs: this.#time.at(localMs) };
  }

  #schedule(): void {
    if (this.#cancelEmit !== undefined) return;
    const intervalMs = this.#refreshMs * SLOWED[this.#state.slowness];
    const waitMs = this.#emittedAtMs + intervalMs - this.#clock.nowMs();
    if (waitMs <= 0) {
      this.#emit();
      return;
    }
    this.#cancelEmit = this.#clock.after(waitMs, () => {
      this.#cancelEmit = undefined;
      this.#emit();
    });
  }

  #emit(): void {
    this.#cancelEmit?.();
    this.#cancelEmit = undefined;
    this.#apply();
    this.#emittedAtMs = this.#clock.nowMs();
    for (const listener of this.#listeners) listener();
    this.#sleep();
  }

  #apply(): void {
    if (this.#pending.size === 0) return;
    const messages = [...this.#pending.values()];
    this.#pending = new Map();
    this.#state = reduce(this.#state, { kind: 'messages', messages }, this.#frame());
  }

  /** The next frame that time alone asks for: a minute, a second of an age that ticks, a target or check that becomes stale, a silence that ends. */
  #sleep(): void {
    this.#cancelWake?.();
    const { localMs, nowMs } = this.#frame();
    const delayMs = Math.max(WAKE_LEAST_MS, wakeInMs(this.#state, { localMs, nowMs }));
    this.#cancelWake = this.#clock.after(delayMs, () => {
      this.#cancelWake = undefined;
      this.act({ kind: 'frame' });
    });
  }

  #watchSilence(): void {
    this.#cancelLate?.();
    const beatMs = this.#state.world.engine?.beatEveryMs;
    if (beatMs === undefined) return;
    this.#cancelLate = this.#clock.after(beatMs * LATE_AFTER_BEATS, () => {
      if (this.#state.link.kind !== 'live') return;
      this.act({ kind: 'link', link: { kind: 'late', heardAtMs: this.#heardAtMs } });
    });
  }
}

function keyOf(message: FeedMessage): string {
  if (message.kind !== 'delta') return message.kind;
  const { delta } = message;
  switch (delta.kind) {
    case 'target':
      return `target ${delta.target.id}`;
    case 'execution':
      return `execution ${delta.execution.id}`;
    case 'audit':
      return `audit ${delta.entry.seq}`;
    case 'alert':
      return `alert ${delta.alert.id}`;
    case 'check':
      return `check ${delta.check.id}`;
    case 'engine':
      return 'engine';
    default:
      return delta satisfies never;
  }
}

/** How long until time alone changes something on the screen. */
export function wakeInMs(state: ScreenState, frame: Frame): number {
  if (state.link.kind === 'late' || state.link.kind === 'lost') return SECOND_MS;
  let inMs = MINUTE_MS - (frame.nowMs % MINUTE_MS);
  const deafMs = state.dialog === undefined ? 0 : state.dialog.deafUntilMs - frame.localMs;
  if (deafMs > 0) inMs = Math.min(inMs, deafMs);
  for (const target of state.world.targets.values()) {
    if (target.nextSlotMs === undefined) continue;
    const staleInMs = target.nextSlotMs + target.graceMs + STALE_MARGIN_MS + 1 - frame.nowMs;
    if (staleInMs > 0) inMs = Math.min(inMs, staleInMs);
  }
  for (const { staleAtMs } of state.world.checks.values()) {
    if (staleAtMs !== undefined && staleAtMs >= frame.nowMs) {
      inMs = Math.min(inMs, staleAtMs + 1 - frame.nowMs);
    }
  }
  for (const { startsAtMs, endsAtMs } of state.asked.silences ?? []) {
    for (const atMs of [startsAtMs, endsAtMs])
      if (atMs > frame.nowMs) inMs = Math.min(inMs, atMs - frame.nowMs);
  }
  const { order, frozen } = state;
  if (!order.due || frozen !== undefined) return inMs;
  return Math.min(inMs, Math.max(0, order.madeAtMs + REORDER_EVERY_MS - frame.localMs));
}
