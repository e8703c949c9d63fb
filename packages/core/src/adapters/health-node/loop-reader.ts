import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoopReading } from '../../watch/health/self-readers.ts';

/** How often the loop is sampled, ms; what it measures when nothing waits is taken off. */
const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

/** Measures how long the event loop keeps work waiting. */
export interface LoopReader {
  /** Since the reading before; a wait that began in the same turn of the loop as that reading is not seen. */
  readonly read: () => LoopReading;
  /** Ends the measurement. */
  readonly close: () => void;
}

/** Begins to measure; the measurement itself keeps no process alive. */
export function openLoopReader(): LoopReader {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const waited = (nanoseconds: number) => Math.max(0, nanoseconds / NS_PER_MS - RESOLUTION_MS);
  return {
    read: () => {
      const reading = { maxMs: waited(histogram.max), p99Ms: waited(histogram.percentile(99)) };
      histogram.reset();
      return reading;
    },
    close: () => {
      histogram.disable();
    },
  };
}
