import type { Change } from '../../kernel/change.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { AlertDeskRecord } from './alert-desk.ts';
import { DEFAULT_HISTORY_MS } from './alert-settings.ts';

/** The first look comes when the start is over and the clock has had time to be set. */
const FIRST_AFTER_MS = 600_000;
const EVERY_MS = 86_400_000;
/** A pass takes away at most so much of the oldest history: a clock that is wrong must not cost all of it. */
export const HISTORY_STRIDE_MS = 7 * EVERY_MS;
/** Notices and alerts of one transaction. */
const BATCH_MAX = 200;
/** Batches of one pass; what is left waits for the next. */
const BATCHES_MAX = 250;
/** Other writers get the store between two batches, ms. */
const BREATH_MS = 50;

interface AlertHistoryOptions<C extends Change> {
  readonly record: AlertDeskRecord<C>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keepMs?: number | undefined;
}

/**
 * Takes away alerts that have been over for longer than they are kept, with their notices and attempts, once a day. What
 * is open, on its way, or still named by one of these stays; silences and the audit log are never touched.
 */
export class AlertHistory<C extends Change> {
  readonly #options: AlertHistoryOptions<C>;
  readonly #ends = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: AlertHistoryOptions<C>) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#watch();
  }

  async close(): Promise<void> {
    this.#ends.abort(new Error('the engine ends'));
    await this.#running;
  }

  async #watch(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#ends;
    const wait = (ms: number) => clock.sleep(ms, signal).catch(() => undefined);
    await wait(FIRST_AFTER_MS);
    while (!signal.aborted) {
      try {
        await this.#pass();
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        logger.error('the history of alerts could not be cut', { error: text });
      }
      await wait(EVERY_MS);
    }
  }

  async #pass(): Promise<void> {
    const { record, clock, keepMs = DEFAULT_HISTORY_MS } = this.#options;
    const endMs = clock.now() - keepMs;
    const { oldestMs } = await record.readForgettable(endMs, 1);
    if (oldestMs === undefined) return;
    // The oldest notice may tell of an alert that ended much later: then the stride grows until it reaches that end.
    for (let strideMs = HISTORY_STRIDE_MS; !this.#ends.signal.aborted; strideMs *= 2) {
      const beforeMs = Math.min(endMs, oldestMs + strideMs);
      if ((await this.#forget(beforeMs)) || beforeMs === endMs) return;
    }
  }

  /** True when there was something to take away. */
  async #forget(beforeMs: number): Promise<boolean> {
    const { record, clock, logger } = this.#options;
    const { signal } = this.#ends;
    let [notices, alerts] = [0, 0];
    for (let batch = 0; batch < BATCHES_MAX && !signal.aborted; batch++) {
      const { rowIds, alertIds } = await record.readForgettable(beforeMs, BATCH_MAX);
      if (rowIds.length + alertIds.length === 0) break;
      await record.commit([{ kind: 'alert.forget', beforeMs, rowIds, alertIds }]);
      notices += rowIds.length;
      alerts += alertIds.length;
      await clock.sleep(BREATH_MS, signal).catch(() => undefined);
    }
    if (notices + alerts === 0) return false;
    logger.info('old alerts were taken away', { before: new Date(beforeMs).toISOString(), alerts, notices });
    return true;
  }
}
