import { userInfo } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { connectSocket, type OpsSnapshot, resolveSocket } from '@qts-ops/core/client';
import { pingBroker } from '../desk/broker-heartbeat.ts';
import { judgeLoop, readLastCycles } from '../loop-watch.ts';
import type { ChildProgram } from './child-program.ts';
import { DemoProblem } from './demo-problem.ts';

/** `qts-ops run` leaves with this code when another engine holds the state folder. */
const HELD_EXIT = 5;

const ASK_EVERY_MS = 50;
const READY_WITHIN_MS = 90_000;
const FIRST_OUTCOMES_WITHIN_MS = 90_000;

/** Targets that run within seconds of the start; the others wait for their hour. */
const EARLY_TARGETS = ['pipeline', 'eteda_loop', 'broker_heartbeat'];

/** What the engine of a state folder says now; nothing when none answers. */
export async function askEngine(stateFolder: string): Promise<OpsSnapshot | undefined> {
  const socketPath = resolveSocket(stateFolder);
  await using client = connectSocket({ socketPath, operatorId: userInfo().username, timeoutMs: 10_000 });
  try {
    return await client.snapshot();
  } catch {
    // Not there yet, or gone: both mean that nobody answers.
    return undefined;
  }
}

/** Waits until the engine of a state folder answers; throws `DemoProblem` when it ends or stays silent. */
export async function untilReady(
  stateFolder: string,
  engine: ChildProgram,
  ending: AbortSignal,
): Promise<OpsSnapshot | undefined> {
  const ready = await poll(READY_WITHIN_MS, ending, async () => {
    const snapshot = await askEngine(stateFolder);
    const { end } = engine;
    // When another engine has taken the state folder in the meantime, that one will answer.
    if (snapshot === undefined && end !== undefined && end.code !== HELD_EXIT) throw endedEarly(engine);
    return snapshot;
  });
  if (ready !== undefined || ending.aborted) return ready;
  const seconds = READY_WITHIN_MS / 1_000;
  throw new DemoProblem(
    `the engine on ${stateFolder} does not answer after ${seconds} s; its log is ${engine.logPath}`,
  );
}

/** Waits until the broker answers, so that the first heartbeat finds it; throws `DemoProblem` when it ends instead. */
export async function untilBrokerAnswers(
  socketPath: string,
  broker: ChildProgram,
  ending: AbortSignal,
): Promise<void> {
  await poll(READY_WITHIN_MS, ending, async () => {
    if (broker.end !== undefined) throw endedEarly(broker);
    return pingBroker({ socketPath }).catch(() => undefined);
  });
}

/** Waits until the desk's own loop has ended a cycle, so that the first look finds one; throws as above. */
export async function untilLoopWorks(
  dataDir: string,
  loop: ChildProgram,
  ending: AbortSignal,
): Promise<void> {
  await poll(READY_WITHIN_MS, ending, async () => {
    if (judgeLoop(readLastCycles(dataDir), Date.now()).status === 'ok') return true;
    if (loop.end !== undefined) throw endedEarly(loop);
    return undefined;
  });
}

/** Waits until the targets that run early have an outcome, or long enough. */
export async function untilFirstOutcomes(stateFolder: string, ending: AbortSignal): Promise<void> {
  await poll(FIRST_OUTCOMES_WITHIN_MS, ending, async () => {
    const targets = (await askEngine(stateFolder))?.targets.filter(({ id }) => EARLY_TARGETS.includes(id));
    return targets?.every(({ lastStatus }) => lastStatus !== undefined) === true ? true : undefined;
  });
}

function endedEarly(program: ChildProgram): DemoProblem {
  const how = program.end?.signal ?? `exit code ${program.end?.code}`;
  return new DemoProblem(`the ${program.name} ended while starting (${how}):\n${program.lastLines()}`);
}

async function poll<T>(
  withinMs: number,
  ending: AbortSignal,
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const deadlineMs = performance.now() + withinMs;
  while (!ending.aborted && performance.now() < deadlineMs) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await wait(ASK_EVERY_MS, undefined, { signal: ending }).catch(() => undefined);
  }
  return undefined;
}
