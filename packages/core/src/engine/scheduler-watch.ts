import type { Logger } from '../ports/logger.ts';
import type { Scheduler } from '../run/scheduler/scheduler.ts';
import type { AlertLine } from './reactions.ts';

/** What watches the scheduler's loop from outside is given: a counter to look at, and whom to tell. */
export interface SchedulerLook {
  /** Grows with every look of the loop, at least once a second. */
  readonly wakes: () => number;
  /** Once when the counter has stopped growing; `sinceMs` is an instant, `silentMs` how long ago it was. */
  readonly onStalled: (stall: {
    readonly sinceMs: number;
    readonly silentMs: number;
    readonly wakes: number;
  }) => void;
  /** Once when it grows again after `onStalled`. */
  readonly onMoving: () => void;
}

/** A loop that stands still starts nothing and notices nothing: it is logged and alerted, and so is its return. */
export function schedulerLook(
  scheduler: Pick<Scheduler, 'wakes'>,
  logger: Logger,
  say: (line: AlertLine) => void,
): SchedulerLook {
  return {
    wakes: () => scheduler.wakes,
    onStalled: ({ sinceMs, silentMs, wakes }) => {
      const seconds = Math.round(silentMs / 1000);
      logger.error('the scheduler stands still', { sinceMs, silentMs, wakes });
      const since = new Date(sinceMs).toISOString();
      const text = `scheduler has not looked for ${seconds} s (since ${since}); no target is started`;
      say({ level: 'critical', text });
    },
    onMoving: () => {
      logger.warn('the scheduler goes on', { wakes: scheduler.wakes });
      say({ level: 'warning', text: 'scheduler looks again; targets are started' });
    },
  };
}
