import type { Secret } from '../../kernel/secret.ts';
import { SecretFilter } from './output-capture-filter.ts';
import { ByteTail } from './output-capture-tail.ts';

/** Most bytes kept of one run's output, unless the caller says otherwise. */
export const OUTPUT_MAX_BYTES = 1024 * 1024;
/** Least sensible bound: below it the marker would be most of the text. */
export const OUTPUT_MIN_BYTES = 256;
const MARKER_MAX_BYTES = 64;

/** What bounds and cleans the output of one run. */
export interface OutputCaptureOptions {
  /** Most bytes of UTF-8 that `finish` returns, marker included; 256 or more. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** Values that must never be kept; those under 4 characters are left, they hide nothing. */
  readonly secrets?: readonly Secret[] | undefined;
}

/** A look at the output while the run goes on. Offsets count bytes of the cleaned output since its start. */
export interface OutputPart {
  readonly text: string;
  /** Where the next look starts. */
  readonly nextOffset: number;
  /** Bytes between the asked offset and `nextOffset` that are no longer kept; the marker stands in their place. */
  readonly missedBytes: number;
}

/** The output of a run that has ended. */
export interface CapturedOutput {
  readonly text: string;
  /** Bytes of the whole cleaned output, also those left out. */
  readonly totalBytes: number;
  readonly truncated: boolean;
}

/**
 * Keeps the output of one run: the first half and the last half of the bound, because the beginning says what was
 * attempted and the end says how it failed. Memory is at most 1.5 times the bound, however much arrives.
 */
export class OutputCapture {
  readonly #filter: SecretFilter;
  readonly #headMaxBytes: number;
  readonly #tail: ByteTail;
  #head: Buffer[] = [];
  #headBytes = 0;
  #headFull = false;
  #totalBytes = 0;
  #finished = false;

  /** @throws RangeError when `maxBytes` is under 256. */
  constructor(options: OutputCaptureOptions = {}) {
    const maxBytes = options.maxBytes ?? OUTPUT_MAX_BYTES;
    if (!Number.isSafeInteger(maxBytes) || maxBytes < OUTPUT_MIN_BYTES) {
      throw new RangeError(`maxBytes: ${maxBytes}; allowed: a whole number from ${OUTPUT_MIN_BYTES}`);
    }
    this.#filter = new SecretFilter(options.secrets ?? []);
    const half = Math.floor((maxBytes - MARKER_MAX_BYTES) / 2);
    this.#headMaxBytes = half;
    this.#tail = new ByteTail(half);
  }

  /** Adds text as it arrived; nothing is added after `finish`. */
  append(text: string): void {
    if (!this.#finished) this.#keep(this.#filter.push(text));
  }

  /** What arrived since `fromOffset` (0 … the last `nextOffset`); may lag behind by the start of a secret. */
  read(fromOffset: number): OutputPart {
    const from = Math.min(Math.max(0, Math.trunc(fromOffset)), this.#totalBytes);
    const tailStart = this.#totalBytes - this.#tail.length;
    const head = Buffer.concat(this.#head).subarray(Math.min(from, this.#headBytes));
    const gapStart = Math.max(from, this.#headBytes);
    const tail = fromCharacterStart(
      this.#tail.bytes().subarray(Math.max(0, from - tailStart)),
      gapStart < tailStart,
    );
    const missedBytes = this.#totalBytes - tail.length - gapStart;
    const gap = missedBytes > 0 ? marker(missedBytes) : '';
    return {
      text: `${head.toString('utf8')}${gap}${tail.toString('utf8')}`,
      nextOffset: this.#totalBytes,
      missedBytes: Math.max(0, missedBytes),
    };
  }

  /** Ends the capture and returns what is kept of it. Calling it again returns the same. */
  finish(): CapturedOutput {
    if (!this.#finished) {
      this.#keep(this.#filter.flush());
      this.#finished = true;
    }
    const { text, missedBytes } = this.read(0);
    return { text, totalBytes: this.#totalBytes, truncated: missedBytes > 0 };
  }

  #keep(text: string): void {
    if (text === '') return;
    let bytes = Buffer.from(text, 'utf8');
    this.#totalBytes += bytes.length;
    if (!this.#headFull) {
      const room = this.#headMaxBytes - this.#headBytes;
      const fitting = bytes.length <= room ? bytes : bytes.subarray(0, characterStart(bytes, room));
      this.#keepInHead(fitting);
      this.#headFull = fitting.length < bytes.length;
      bytes = bytes.subarray(fitting.length);
    }
    this.#tail.append(bytes);
  }

  /** Small pieces are joined now and then, so that a million one-byte pieces do not become a million objects. */
  #keepInHead(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#head.push(Buffer.from(bytes));
    this.#headBytes += bytes.length;
    if (this.#head.length >= 1024) this.#head = [Buffer.concat(this.#head)];
  }
}

function marker(bytes: number): string {
  return `\n… ${bytes} bytes left out …\n`;
}

/** The last index at or before `index` where a character starts, so that no half character is kept. */
function characterStart(bytes: Buffer, index: number): number {
  let start = index;
  while (start > 0 && isContinuation(bytes[start])) start -= 1;
  return start;
}

/** Drops the rest of a character whose beginning was left out. */
function fromCharacterStart(bytes: Buffer, cut: boolean): Buffer {
  let start = 0;
  while (cut && start < 4 && isContinuation(bytes[start])) start += 1;
  return bytes.subarray(start);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
