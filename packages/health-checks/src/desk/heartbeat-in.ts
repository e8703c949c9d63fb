import { stat } from 'node:fs/promises';
import {
  type CheckCall,
  type CheckFinding,
  defineHealthCheck,
  PLUGIN_API_VERSION,
  type PluginContext,
} from '@qts-ops/core/plugin';
import * as z from 'zod';
import { awakeSince } from '../look/awake-since.ts';
import { look } from '../look/look.ts';
import { zoneOption } from '../look/open-hours.ts';
import { exactlyOne, onlyWith } from '../look/option-rules.ts';
import { shownMs } from '../look/shown-numbers.ts';
import { codeOf } from '../look/trouble.ts';
import { type CronFields, lastSlot, parseCron } from './cron-slots.ts';
import { type DeafTime, OutageMemory } from './outage-memory.ts';

/** The last thing a job said about itself. */
export interface Ping {
  /** When it last said that it had ended, ms UTC. */
  readonly atMs: number;
  readonly outcome: 'success' | 'fail';
  /** Exit code, where the job told one. */
  readonly exitCode?: number | undefined;
  /** When it last said that it began, if it has not ended since. */
  readonly startedAtMs?: number | undefined;
}

/** Where pings are kept; the engine, or a program of your own, implements it. */
export interface PingStore {
  /** The last ping of a job; undefined when it never sent one. */
  lastPing(key: string): Ping | undefined | Promise<Ping | undefined>;
}

const isPingStore = (value: unknown) =>
  typeof value === 'object' && value !== null && 'lastPing' in value && typeof value.lastPing === 'function';

const options = z
  .strictObject({
    /** A file that the job touches when it has ended well. */
    file: z.string().min(1).optional(),
    /** Where the pings of the job are kept; default: the engine, which `qts-ops heartbeat` and its API tell. */
    pings: z
      .custom<PingStore>(isPingStore, { error: 'write an object with a method lastPing', abort: false })
      .optional(),
    /** The name under which the job pings. */
    key: z.string().min(1).max(200).optional(),
    /** How often the job pings, ms. */
    periodMs: z.number().positive().optional(),
    /** When the job begins: `minute hour day month weekday`. */
    cron: z
      .string()
      .max(256)
      .refine((text) => parseCron(text) !== undefined, "write five fields 'minute hour day month weekday'")
      .optional(),
    /** IANA zone of `cron`. */
    timeZone: zoneOption.default('UTC'),
    /** How late a ping may be, ms; also how long a run that has begun may take. */
    graceMs: z.number().min(0).default(60_000),
    /** How long the store may take to answer, ms. */
    answerWithinMs: z.int().min(10).max(60_000).default(5_000),
  })
  .refine(...exactlyOne('file', 'key'))
  .refine(...exactlyOne('periodMs', 'cron'))
  .refine(...onlyWith('pings', 'key'));

/** Options of `heartbeatIn`. */
export type HeartbeatInOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

/** A job that runs elsewhere says in time that it has run: by a ping or by touching a file. */
export const heartbeatIn = defineHealthCheck({
  name: 'heartbeat_in',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: false },
  defaults: { intervalMs: 30_000, timeoutMs: 10_000 },
  pingKeys: ({ key, pings }) => (key === undefined || pings !== undefined ? [] : [key]),
  create: async (given, context) => {
    const target = given.key ?? given.file ?? '';
    const due = dueRule(given);
    const waitingSinceMs = context.now();
    const { answerWithinMs } = given;
    const pings = given.key === undefined ? undefined : pingsFor(given.pings, context);
    const memory = new OutageMemory();
    return {
      check: (call) =>
        look(
          call,
          { target, answerWithinMs, whenLate: 'unknown', usesDisk: pings === undefined },
          async () => {
            const ping = pings === undefined ? await touchOf(target) : await pings.lastPing(target);
            const heard = given.key !== undefined && given.pings === undefined;
            const remote = heard && context.pingsOverNetwork?.(target) === true;
            const deaf = remote ? memory.deafTime(call, lastSignMs(ping)) : undefined;
            const sight = {
              target,
              ping,
              call,
              waitingSinceMs,
              heard,
              ...(deaf === undefined ? {} : { deaf }),
            };
            return memory.keep(pingFinding(sight, given, due), call);
          },
        ),
    };
  },
});

function pingsFor(given: PingStore | undefined, { lastPing }: PluginContext): PingStore {
  if (given !== undefined) return given;
  if (lastPing !== undefined) return { lastPing };
  throw new Error('there is no engine that keeps pings; give pings, or a file');
}

function lastSignMs(ping: Ping | undefined): number | undefined {
  return ping === undefined ? undefined : Math.max(ping.atMs, ping.startedAtMs ?? ping.atMs);
}

/** The earliest instant a ping must not be before, seen from an instant; undefined when none is due yet. */
type Due = (nowMs: number) => number | undefined;

function dueRule({ periodMs, cron, timeZone, graceMs }: Given): Due {
  if (periodMs !== undefined) return (nowMs) => nowMs - periodMs - graceMs;
  const fields: CronFields | undefined = parseCron(cron ?? '');
  let knownMs: number | undefined;
  return (nowMs) => {
    if (fields === undefined) return undefined;
    const beforeMs = nowMs - graceMs;
    // A clock that was set back makes the known slot one of the future.
    if (knownMs !== undefined && knownMs > beforeMs) knownMs = undefined;
    knownMs = lastSlot(fields, { timeZone, beforeMs, knownMs });
    return knownMs;
  };
}

async function touchOf(path: string): Promise<Ping | undefined> {
  try {
    return { atMs: (await stat(path)).mtimeMs, outcome: 'success' };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A ping so far in the future came before the clock was set. */
const AHEAD_MS = 60_000;

interface Sight {
  readonly target: string;
  readonly ping: Ping | undefined;
  readonly call: CheckCall;
  /** Since when pings are waited for. */
  readonly waitingSinceMs: number;
  /** True for pings that the engine hears itself: while it does not run, they are lost. */
  readonly heard: boolean;
  /** When a ping could not come because our own connection was down. */
  readonly deaf?: DeafTime;
}

function pingFinding(sight: Sight, given: Given, due: Due): CheckFinding {
  const { target, ping, waitingSinceMs } = sight;
  const { nowMs } = sight.call;
  const dueMs = due(nowMs);
  const expected =
    given.cron === undefined ? `every ${shownMs(given.periodMs ?? 0)}` : `at ${given.cron} ${given.timeZone}`;
  const allowed = `expected ${expected}, allowed ${shownMs(given.graceMs)} late`;
  if (ping === undefined) {
    const fromMs = Math.max(waitingSinceMs, awakeSince(sight.call) ?? waitingSinceMs);
    const isOverdue = dueMs !== undefined && dueMs >= fromMs;
    const waited = shownMs(Math.max(0, nowMs - waitingSinceMs));
    const message = `${target}: no ping since this check began ${waited} ago; ${allowed}`;
    const lost = isOverdue ? lostIn(sight, given, { dueMs, due }) : undefined;
    if (lost !== undefined) return { status: 'unknown', message: `${message}; ${lost.text}` };
    return { status: isOverdue ? 'fail' : 'unknown', message };
  }
  if (ping.atMs - nowMs > AHEAD_MS) {
    const ahead = shownMs(ping.atMs - nowMs);
    return { status: 'unknown', message: `${target}: last ping ${ahead} in the future; a clock was set` };
  }
  const ageMs = Math.max(0, nowMs - ping.atMs);
  const measured = { value: Math.round(ageMs / 1_000), unit: 's' };
  const running = runningFinding(sight, ping, given);
  if (running !== undefined) return { ...running, ...measured };
  if (ping.outcome === 'fail') {
    const code = ping.exitCode === undefined ? '' : ` with exit code ${ping.exitCode}`;
    return {
      status: 'fail',
      message: `${target}: said ${shownMs(ageMs)} ago that it failed${code}`,
      ...measured,
    };
  }
  const message = `${target}: last ping ${shownMs(ageMs)} ago; ${allowed}`;
  if (dueMs === undefined || ping.atMs >= dueMs) return { status: 'pass', message, ...measured };
  const lost = lostIn(sight, given, { dueMs, due });
  return { ...missedFinding(sight, message, { dueMs, lost }), ...measured };
}

/** Why the ping that is missing may have been lost. */
interface Lost {
  readonly status: 'pass' | 'unknown';
  readonly text: string;
}

/**
 * The outage that may have kept a ping away. It explains one ping: a job is not hidden for ever by outages that come again
 * and again, so that it fails after two periods in which it could have been heard, or at its second slot.
 */
function lostIn(
  { deaf, ping, call, waitingSinceMs }: Sight,
  { periodMs, graceMs }: Given,
  { dueMs, due }: { readonly dueMs: number; readonly due: Due },
): Lost | undefined {
  if (deaf === undefined || deaf.untilMs <= dueMs) return undefined;
  const { text } = deaf;
  if (periodMs === undefined) {
    const slotBeforeMs = due(dueMs + graceMs - 1);
    const isSecond = slotBeforeMs !== undefined && (ping?.atMs ?? waitingSinceMs) < slotBeforeMs;
    return isSecond ? undefined : { status: 'unknown', text };
  }
  if (deaf.heardMs > 2 * (periodMs + graceMs)) return undefined;
  // What was in time before the outage is so again, until its time is over once more.
  const isBack = deaf.untilMs <= call.nowMs;
  const wasInTime = ping !== undefined && ping.atMs >= deaf.afterMs - periodMs - graceMs;
  return { status: isBack && wasInTime ? 'pass' : 'unknown', text };
}

/** A run that began and has not said that it ended; undefined while it may take its time. */
function runningFinding(sight: Sight, ping: Ping, { graceMs }: Given): CheckFinding | undefined {
  const { startedAtMs } = ping;
  const { target, heard, call } = sight;
  if (startedAtMs === undefined || startedAtMs <= ping.atMs) return undefined;
  const awakeMs = awakeSince(call);
  const runningMs = call.nowMs - startedAtMs;
  if (runningMs <= graceMs) return undefined;
  const message = `${target}: began ${shownMs(runningMs)} ago and has not ended, allowed ${shownMs(graceMs)}`;
  if (heard && awakeMs !== undefined && startedAtMs < awakeMs && call.nowMs - awakeMs <= graceMs) {
    return { status: 'unknown', message: `${message}; ${sleptText(call, awakeMs)}` };
  }
  const { deaf } = sight;
  if (deaf !== undefined && call.nowMs - deaf.untilMs <= graceMs && deaf.heardMs <= 2 * graceMs) {
    return { status: 'unknown', message: `${message}; ${deaf.text}` };
  }
  if (!heard || startedAtMs >= sight.waitingSinceMs) return { status: 'fail', message };
  return { status: 'unknown', message: `${message}; ${listeningText(sight)}` };
}

/** What is missing may have come while nobody could hear it, and was lost: no fault of the job. */
function missedFinding(
  sight: Sight,
  message: string,
  { dueMs, lost }: { readonly dueMs: number; readonly lost: Lost | undefined },
): CheckFinding {
  const awakeMs = awakeSince(sight.call);
  if (sight.heard && sight.waitingSinceMs > dueMs) {
    return { status: 'unknown', message: `${message}; ${listeningText(sight)}` };
  }
  if (awakeMs !== undefined && awakeMs > dueMs) {
    // What was well before the sleep still is, until its time is over once more.
    const status = sight.call.previous?.status === 'pass' ? 'pass' : 'unknown';
    return { status, message: `${message}; ${sleptText(sight.call, awakeMs)}` };
  }
  if (lost !== undefined) return { status: lost.status, message: `${message}; ${lost.text}` };
  return { status: 'fail', message };
}

function listeningText({ call, waitingSinceMs }: Sight): string {
  return `listening for ${shownMs(Math.max(0, call.nowMs - waitingSinceMs))} only`;
}

function sleptText({ nowMs }: CheckCall, awakeMs: number): string {
  return `this machine slept until ${shownMs(Math.max(0, nowMs - awakeMs))} ago`;
}
