import { Cron } from 'croner';
import { schedule as scheduleTask } from 'node-cron';
import { rest } from './bench-row.ts';
import { startOwnScheduler } from './own-scheduler.ts';
import { cpuMsOf } from './process-meter.ts';

/*
 * One subject in a process of its own: `same-second-child.ts SUBJECT COUNT PHASE PERIOD SLOTS` creates COUNT targets that
 * are all due at second PHASE of every PERIOD seconds, watches SLOTS of them and prints what it saw as JSON.
 */

/** What one subject showed. */
export interface SameSecond {
  /** How late each call came, ms. */
  readonly latenessMs: readonly number[];
  readonly calls: number;
  readonly cpuPercent: number;
  readonly heapBytesPerTarget: number;
  readonly createMs: number;
}

/** Starts `count` targets; `called` is to be called once for each call. */
type Starter = (count: number, expression: string, called: () => void) => void | Promise<void>;

const starters: Readonly<Record<string, Starter>> = {
  ours: startOwnScheduler,
  'node-cron': (count, expression, called) => {
    for (let n = 0; n < count; n++) scheduleTask(expression, called, { timezone: 'UTC' });
  },
  croner: (count, expression, called) => {
    for (let n = 0; n < count; n++) new Cron(expression, { timezone: 'UTC' }, called);
  },
  bare: (count, expression, called) => {
    const [phase = 0, period = 1] = (expression.split(' ')[0] ?? '').split('-59/').map(Number);
    const functions = Array.from({ length: count }, () => () => called());
    const arm = () => {
      const nowMs = Date.now();
      const nextMs = (Math.floor((nowMs / 1000 - phase) / period) + 1) * period * 1000 + phase * 1000;
      setTimeout(() => {
        if (Date.now() >= nextMs) for (const run of functions) run();
        arm();
      }, nextMs - nowMs);
    };
    arm();
  },
};

if (import.meta.main) {
  const [subject = '', count = '', phase = '', period = '', slots = ''] = process.argv.slice(2);
  const numbers = {
    count: Number(count),
    phase: Number(phase),
    period: Number(period),
    slots: Number(slots),
  };
  process.stdout.write(JSON.stringify(await watch(subject, numbers)));
  process.exit(0);
}

interface Numbers {
  readonly count: number;
  readonly phase: number;
  readonly period: number;
  readonly slots: number;
}

async function watch(subject: string, { count, phase, period, slots }: Numbers): Promise<SameSecond> {
  const start = starters[subject];
  if (start === undefined) throw new Error(`unknown subject ${subject}`);
  const latenessMs: number[] = [];
  let watching = false;
  const called = () => {
    if (watching)
      latenessMs.push((((Date.now() - phase * 1000) % (period * 1000)) + period * 1000) % (period * 1000));
  };
  const heapBefore = heapBytes();
  const begun = performance.now();
  await start(count, `${phase}-59/${period} * * * * *`, called);
  const createMs = performance.now() - begun;
  const heapBytesPerTarget = (heapBytes() - heapBefore) / count;
  // Watched from the middle between two slots to the middle between two slots.
  const middleMs = (phase + period / 2) * 1000;
  const nowMs = Date.now();
  const waitMs = (((middleMs - nowMs) % (period * 1000)) + period * 1000) % (period * 1000);
  await rest(waitMs);
  const cpuBefore = cpuMsOf('self');
  const watchedSince = performance.now();
  watching = true;
  await rest(slots * period * 1000);
  watching = false;
  const cpuPercent = (100 * (cpuMsOf('self') - cpuBefore)) / (performance.now() - watchedSince);
  return { latenessMs, calls: latenessMs.length, cpuPercent, heapBytesPerTarget, createMs };
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
