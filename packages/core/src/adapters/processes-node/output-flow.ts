import type { Readable } from 'node:stream';

/** Most bytes read per second of one child's output. */
export const OUTPUT_BYTES_PER_SECOND = 8 * 1024 * 1024;
const WINDOW_MS = 100;

/** One stream of a child and what is done with its bytes. */
export interface FlowSource {
  readonly stream: Readable;
  readonly onBytes: (bytes: Buffer) => void;
  readonly onEnd?: () => void;
}

/**
 * Reads streams of one child together at no more than `bytesPerSecond`. Beyond it they are paused until the window
 * of 100 ms is over; the pipes fill up and the child blocks in its write. So a child that floods is slowed down
 * by the system itself, nothing is buffered for it, and the event loop keeps its time for the other targets.
 * The returned function stops reading and drops what was not read.
 */
export function readWithLimit(sources: readonly FlowSource[], bytesPerSecond: number): () => void {
  const windowBytes = (bytesPerSecond * WINDOW_MS) / 1000;
  let windowStartMs = performance.now();
  let windowUsed = 0;
  let timer: NodeJS.Timeout | undefined;
  const nextWindow = () => {
    timer = undefined;
    windowStartMs = performance.now();
    windowUsed = 0;
    for (const { stream } of sources) stream.resume();
  };
  const take = (bytes: number) => {
    const nowMs = performance.now();
    if (nowMs - windowStartMs >= WINDOW_MS) {
      windowStartMs = nowMs;
      windowUsed = 0;
    }
    windowUsed += bytes;
    if (windowUsed < windowBytes || timer !== undefined) return;
    for (const { stream } of sources) stream.pause();
    timer = setTimeout(nextWindow, WINDOW_MS - (nowMs - windowStartMs));
  };
  for (const { stream, onBytes, onEnd } of sources) {
    stream.on('data', (bytes: Buffer) => {
      take(bytes.length);
      onBytes(bytes);
    });
    // A broken pipe ends the stream; the exit of the child says the rest.
    stream.on('error', () => stream.destroy());
    if (onEnd !== undefined) stream.on('end', onEnd);
  }
  return () => {
    clearTimeout(timer);
    for (const { stream } of sources) stream.destroy();
  };
}
