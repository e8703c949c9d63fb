import { writeSync } from 'node:fs';

/** Tells a watcher how far a run is. */
export type ReportProgress = (done: number, total: number) => void;

const MOST_LINES_PER_RUN = 100;

/**
 * Writes progress as JSON lines to an open file descriptor. Without a descriptor nothing is written, a reader that is
 * gone is ignored, and the lines of a run fit many times into a pipe's buffer, so that a reader who never reads
 * cannot hold the run: being watched must never stop the work.
 */
export function progressWriter(descriptor: string | undefined): ReportProgress {
  if (descriptor === undefined || !/^\d{1,4}$/.test(descriptor)) return () => {};
  const fd = Number(descriptor);
  return (done, total) => {
    if (done !== total && done % Math.ceil(total / MOST_LINES_PER_RUN) !== 0) return;
    try {
      writeSync(fd, `${JSON.stringify({ done, total, message: `bar ${done} of ${total}` })}\n`);
    } catch {
      // Nobody reads; the run goes on.
    }
  };
}
