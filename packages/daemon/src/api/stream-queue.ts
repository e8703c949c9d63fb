import type { FeedMessage, OpsDelta, OpsSnapshot } from '@qts-ops/core/client';

/** A client that reads too slowly keeps at most so much waiting; beyond it everything is replaced by one snapshot. */
export const QUEUE_MAX_BYTES = 1_000_000;

interface Waiting {
  readonly seq: number;
  /** The delta as JSON, without its number. */
  readonly text: string;
  readonly bytes: number;
}

/**
 * What waits for one watching client. Of several changes to one thing only the latest is kept, and numbers are
 * given when a line leaves, so that the client sees them without a gap however much was left out.
 */
export class StreamQueue {
  readonly #maxBytes: number;
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;
  #snapshot: OpsSnapshot | undefined;
  #beatAtMs: number | undefined;
  #lastSeq = 0;
  #overflowed = false;

  constructor(maxBytes = QUEUE_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** True when too much was left out: `restart` with a fresh snapshot before taking more. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Bytes that wait, the snapshot not counted. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a message; never waits. */
  push(message: FeedMessage): void {
    if (message.kind === 'snapshot') this.restart(message.snapshot);
    else if (message.kind === 'beat') this.#beatAtMs = message.atMs;
    else this.#add(message.delta);
  }

  /** Starts over from a snapshot; keeps only what is newer. */
  restart(snapshot: OpsSnapshot): void {
    for (const [key, { seq }] of this.#waiting) if (seq <= snapshot.seq) this.#drop(key);
    this.#snapshot = snapshot;
    this.#overflowed = false;
  }

  /** The next line to send, or absent when nothing waits (or a snapshot must come first). */
  take(): string | undefined {
    if (this.#overflowed) return undefined;
    if (this.#snapshot !== undefined) {
      const line = `${JSON.stringify({ kind: 'snapshot', snapshot: this.#snapshot })}\n`;
      this.#lastSeq = this.#snapshot.seq;
      this.#snapshot = undefined;
      return line;
    }
    for (const [key, { text }] of this.#waiting) {
      this.#drop(key);
      this.#lastSeq += 1;
      return `{"kind":"delta","delta":{"seq":${this.#lastSeq},${text.slice(1)}}\n`;
    }
    if (this.#beatAtMs === undefined) return undefined;
    const line = `${JSON.stringify({ kind: 'beat', atMs: this.#beatAtMs, seq: this.#lastSeq })}\n`;
    this.#beatAtMs = undefined;
    return line;
  }

  #add(delta: OpsDelta): void {
    const key = keyOf(delta);
    const { seq, ...rest } = delta;
    const text = JSON.stringify(rest);
    const bytes = Buffer.byteLength(text);
    this.#drop(key);
    this.#waiting.set(key, { seq, text, bytes });
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes) this.#overflow();
  }

  #drop(key: string): void {
    const known = this.#waiting.get(key);
    if (known === undefined) return;
    this.#waiting.delete(key);
    this.#bytes -= known.bytes;
  }

  #overflow(): void {
    this.#waiting.clear();
    this.#bytes = 0;
    this.#overflowed = true;
  }
}

/** What a delta is about: a later one about the same thing makes it superfluous. */
function keyOf(delta: OpsDelta): string {
  switch (delta.kind) {
    case 'target':
      return `target:${delta.target.id}`;
    case 'execution':
      return `execution:${delta.execution.id}`;
    case 'audit':
      return `audit:${delta.entry.seq}`;
    case 'engine':
      return 'engine';
    case 'alert':
      return `alert:${delta.alert.id}`;
    case 'check':
      return `check:${delta.check.id}`;
    default:
      return delta satisfies never;
  }
}
