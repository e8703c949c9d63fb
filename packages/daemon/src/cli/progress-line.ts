import { formatDuration } from '@qts-ops/core/client';
import type { CliIo } from './cli-io.ts';
import { sizeText } from './size-text.ts';
import { cutTo, plainLine } from './text-table.ts';

/** Where something long is. */
export interface ProgressPoint {
  readonly done: number;
  readonly total?: number | undefined;
  /** `B` is shown as a size, everything else as it is. */
  readonly unit?: string | undefined;
  readonly message?: string | undefined;
  readonly ratePerSecond?: number | undefined;
  readonly etaMs?: number | undefined;
}

const BAR_COLUMNS = 20;
const COLUMNS_DEFAULT = 80;
/** A person sees no difference between lines that come faster, ms. */
const DRAW_EVERY_MS = 100;
/** A rate is measured over so long at least, ms. */
const RATE_FROM_MS = 300;

/** `data: write  42 %  ████████············  12.3 MiB/s  ETA 4s`. */
export function progressText(point: ProgressPoint): string {
  const { done, total, unit, message, ratePerSecond, etaMs } = point;
  const amount = (value: number) =>
    unit === 'B' ? sizeText(value) : `${Math.round(value)} ${unit ?? ''}`.trim();
  const share = total === undefined || total === 0 ? undefined : Math.min(1, done / total);
  const filled = Math.round((share ?? 0) * BAR_COLUMNS);
  return [
    ...(message === undefined ? [] : [plainLine(message)]),
    ...(share === undefined
      ? [amount(done)]
      : [`${String(Math.floor(share * 100)).padStart(3)} %`, '█'.repeat(filled).padEnd(BAR_COLUMNS, '·')]),
    ...(ratePerSecond === undefined ? [] : [`${amount(ratePerSecond)}/s`]),
    ...(etaMs === undefined || share === 1 ? [] : [`ETA ${formatDuration(Math.max(1000, etaMs))}`]),
  ].join('  ');
}

/** One line that is drawn over and over for a person at a terminal; nothing for anybody else. */
export class ProgressLine implements Disposable {
  readonly #io: CliIo;
  #startedAtMs: number | undefined;
  #drawnAtMs = 0;
  #isDrawn = false;
  #lastDone = 0;

  constructor(io: CliIo) {
    this.#io = io;
  }

  /** Draws where something is; a rate that is not given is measured since the first call. */
  show(point: ProgressPoint): void {
    if (!this.#io.talksToPerson) return;
    const nowMs = performance.now();
    // The next stage begins at nothing again, and has a rate of its own.
    if (point.done < this.#lastDone) this.#startedAtMs = nowMs;
    this.#lastDone = point.done;
    this.#startedAtMs ??= nowMs;
    if (nowMs - this.#drawnAtMs < DRAW_EVERY_MS) return;
    this.#drawnAtMs = nowMs;
    const text = progressText(point.ratePerSecond === undefined ? this.#rated(point, nowMs) : point);
    this.#io.err(`\r\u001b[K${cutTo(text, (this.#io.columns ?? COLUMNS_DEFAULT) - 1)}`);
    this.#isDrawn = true;
  }

  /** Takes the line away, so that what follows begins on an empty one. */
  clear(): void {
    if (!this.#isDrawn) return;
    this.#io.err('\r\u001b[K');
    this.#isDrawn = false;
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #rated(point: ProgressPoint, nowMs: number): ProgressPoint {
    const tookMs = nowMs - (this.#startedAtMs ?? nowMs);
    if (tookMs < RATE_FROM_MS || point.done <= 0) return point;
    const ratePerSecond = (point.done * 1000) / tookMs;
    const left = point.total === undefined ? undefined : Math.max(0, point.total - point.done);
    return { ...point, ratePerSecond, etaMs: left === undefined ? undefined : (left * 1000) / ratePerSecond };
  }
}
