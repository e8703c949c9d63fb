import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OpsSnapshot } from '@qts-ops/core/client';
import { fileSource } from '../desk/bar-sources.ts';
import { pingBroker } from '../desk/broker-heartbeat.ts';
import { DeskBusyError, lockDesk } from '../desk/desk-lock.ts';
import { type DeskSettings, deskSettings, pipelineArguments } from '../desk-settings.ts';
import { judgeLoop, readLastCycles } from '../loop-watch.ts';
import { seedEarlierAnswers } from '../raw-answers.ts';
import {
  askEngine,
  untilBrokerAnswers,
  untilFirstOutcomes,
  untilLoopWorks,
  untilReady,
} from './demo-engine.ts';
import type { DemoOptions } from './demo-options.ts';
import { DemoProblem } from './demo-problem.ts';
import { type DemoPrograms, findPrograms } from './demo-programs.ts';
import { showScreen } from './demo-screen.ts';
import { exitCodeOf, listenForEnd } from './end-requests.ts';
import { StartedPrograms } from './started-programs.ts';

/** What the demo knows of its surroundings. */
export interface DemoSurroundings {
  readonly env: NodeJS.ProcessEnv;
  /** True when a person sits at a terminal. */
  readonly isInteractive: boolean;
  /** Tells that person, or a log, what is done. */
  readonly say: (line: string) => void;
}

/** Starts the desk, or finds it running, shows it, and stops what it started. Returns the exit code. */
export async function runDemo(options: DemoOptions, around: DemoSurroundings): Promise<number> {
  const programs = findPrograms();
  using requests = listenForEnd();
  const { ending, hurry } = requests;
  const started = new StartedPrograms(around.say);
  const { stateFolder } = options;
  try {
    const running = await askEngine(stateFolder);
    if (running === undefined) await startDesk({ options, around, programs, started, ending });
    else tellAttached(running, around);
    if (ending.aborted) return exitCodeOf(ending);
    const request = { program: programs.screen, stateFolder, isInteractive: around.isInteractive };
    const exitCode = await showScreen(request, ending);
    return ending.aborted ? exitCodeOf(ending) : exitCode;
  } finally {
    // While everything is being stopped, one more request hurries.
    await started.stop(ending.aborted ? hurry : AbortSignal.any([ending, hurry]));
  }
}

interface DeskStart {
  readonly options: DemoOptions;
  readonly around: DemoSurroundings;
  readonly programs: DemoPrograms;
  readonly started: StartedPrograms;
  readonly ending: AbortSignal;
}

async function startDesk(start: DeskStart): Promise<void> {
  const { options, around, programs, started, ending } = start;
  const { stateFolder, barsPath } = options;
  if (barsPath !== undefined) around.say(`bars: ${describeBars(barsPath)}`);
  const env = {
    ...around.env,
    QTS_OPS_STATE: stateFolder,
    DESK_HOME: stateFolder,
    ...(barsPath === undefined ? {} : { DESK_BARS: barsPath }),
  };
  const settings = deskSettings(env);
  // Only its owner may open the state folder; the engine would make it so, but the logs come first.
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  seedEarlierAnswers(settings.dataDir, Date.now());
  const logFolder = join(stateFolder, 'logs');
  await startBroker(start, settings, env);
  const isLoopOutside = await startLoop(start, settings, env);
  const config = join(import.meta.dirname, '..', 'qts-ops.config.ts');
  const engine = started.start({
    name: 'engine',
    args: [...programs.engine, 'run', '--config', config, '--state', stateFolder],
    env: { ...env, ...(isLoopOutside ? { DESK_LOOP: 'outside' } : {}) },
    logFolder,
  });
  const ready = await untilReady(stateFolder, engine, ending);
  // Two demos may start at the same moment; the lock of the state folder decides whose engine runs.
  if (ready !== undefined && ready.engine.pid !== engine.pid) tellAttached(ready, around);
  else around.say(`started the engine (pid ${engine.pid}) on ${stateFolder}`);
  if (!around.isInteractive) await untilFirstOutcomes(stateFolder, ending);
}

function tellAttached({ engine }: OpsSnapshot, { say }: DemoSurroundings): void {
  say(
    `an engine runs on ${engine.stateFolder} already (pid ${engine.pid}); leaving this screen leaves it running`,
  );
}

/** Reads the whole file first: what is wrong with it is better said here than by a failing target. */
function describeBars(path: string): string {
  try {
    const { total, rejected } = fileSource(path);
    return `${total} of ${path}${rejected.length === 0 ? '' : `, ${rejected.length} rows cannot be used`}`;
  } catch (error) {
    throw new DemoProblem(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function startBroker(start: DeskStart, settings: DeskSettings, env: NodeJS.ProcessEnv): Promise<void> {
  const { options, around, started, ending } = start;
  const { brokerSocketPath: socketPath } = settings;
  const answers = await pingBroker({ socketPath }).catch(() => undefined);
  if (answers !== undefined) {
    around.say(`a broker answers at ${socketPath} already; it is used and left running`);
    return;
  }
  const program = join(import.meta.dirname, '..', 'desk', 'broker.ts');
  const logFolder = join(options.stateFolder, 'logs');
  const args = [program, '--socket', socketPath];
  const broker = started.start({ name: 'broker', args, env, logFolder });
  await untilBrokerAnswers(socketPath, broker, ending);
}

/** True when the desk's own loop works outside: because it was asked for, or because it is there. */
async function startLoop(start: DeskStart, settings: DeskSettings, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { options, around, started, ending } = start;
  const isFresh = judgeLoop(readLastCycles(settings.dataDir), Date.now()).status === 'ok';
  if (!options.loop && !isFresh) return false;
  const owner = ownerOf(settings.dataDir);
  if (owner !== undefined) {
    around.say(`the desk's loop works already and is left running: ${owner}`);
    return true;
  }
  if (!options.loop) return false;
  const args = [...pipelineArguments(settings), '--loop', '--pace', '20'];
  const logFolder = join(options.stateFolder, 'logs');
  const loop = started.start({ name: 'loop', args, env, logFolder, independent: true });
  await untilLoopWorks(settings.dataDir, loop, ending);
  around.say(`started the desk's own loop (pid ${loop.pid}); the engine only watches it`);
  return true;
}

/** Who works on a data folder now, in words; nothing when nobody does. */
function ownerOf(dataDir: string): string | undefined {
  try {
    using _lock = lockDesk(dataDir);
    return undefined;
  } catch (error) {
    if (error instanceof DeskBusyError) return error.message;
    throw error;
  }
}
