import { formatDuration } from '@qts-ops/core/client';
import type { CliIo } from './cli-io.ts';
import { ProgressMeter } from './progress-meter.ts';
import { sizeText } from './size-text.ts';
import { cutTo, displayWidth, plainLine } from './text-table.ts';

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
/** Some terminals say 0 or nothing about their size. */
const COLUMNS_MIN = 20;
/** A person sees no difference between lines that come faster, ms. */
const DRAW_EVERY_MS = 100;

/**
 * `data: write  42 %  ████████············  12.3 MiB/s  ETA 4s`. Where that is too wide the bar goes first, then the
 * rate; how long it takes stays longest.
 */
export function progressText(point: ProgressPoint, columns = Number.POSITIVE_INFINITY): string {
  const { done, total, unit, message, ratePerSecond, etaMs } = point;
  const amount = (value: number) =>
    unit === 'B' ? sizeText(value) : `${Math.round(value)} ${unit ?? ''}`.trim();
  const percent = total === undefined || total === 0 ? undefined : Math.min(100, (done * 100) / total);
  const filled = Math.floor(((percent ?? 0) * BAR_COLUMNS) / 100);
  const what = message === undefined ? [] : [plainLine(message)];
  const bar = percent === undefined ? [] : ['█'.repeat(filled).padEnd(BAR_COLUMNS, '·')];
  const where = [percent === undefined ? amount(done) : `${String(Math.floor(percent)).padStart(3)} %`];
  const rate = ratePerSecond === undefined ? [] : [`${amount(ratePerSecond)}/s`];
  const end = etaMs === undefined || percent === 100 ? [] : [`ETA ${formatDuration(wholeSeconds(etaMs))}`];
  const forms = [
    [...what, ...where, ...bar, ...rate, ...end],
    [...what, ...where, ...rate, ...end],
    [...what, ...where, ...end],
    [...where, ...end, ...what],
  ].map((parts) => parts.join('  '));
  return forms.find((text) => displayWidth(text) <= columns) ?? cutTo(forms.at(-1) ?? '', columns);
}

/** Tenths would change faster than they can be read. */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000)) * 1000;
}

/** One line that is drawn over and over for a person at a terminal; nothing for anybody else. */
export class ProgressLine implements Disposable {
  readonly #io: Pick<CliIo, 'err' | 'errColumns'>;
  readonly #now: () => number;
  readonly #meter = new ProgressMeter();
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  constructor(io: Pick<CliIo, 'err' | 'errColumns'>, now = () => performance.now()) {
    this.#io = io;
    this.#now = now;
  }

  /** Draws where something is; a rate that is not given is measured. */
  show(point: ProgressPoint): void {
    const { err, errColumns } = this.#io;
    if (errColumns === undefined) return;
    const nowMs = this.#now();
    const measured = this.#meter.rateAt(nowMs, point);
    if (nowMs - this.#drawnAtMs < DRAW_EVERY_MS) return;
    this.#drawnAtMs = nowMs;
    // Asked each time: a line that is wider than the terminal leaves rests that nobody takes away.
    const columns = errColumns() >= COLUMNS_MIN ? errColumns() : COLUMNS_DEFAULT;
    const text = progressText(
      point.ratePerSecond === undefined ? { ...point, ...measured } : point,
      columns - 1,
    );
    err(`\r\u001b[K${text}`);
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
}
