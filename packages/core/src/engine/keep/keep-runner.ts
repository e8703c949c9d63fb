import { fileURLToPath } from 'node:url';
// What the process of a run can fail with has to be known here, where its failure is filed.
import '../../adapters/archive-tar/archive-errors.ts';
import '../../adapters/files-node/keep-lock.ts';
import '../../keep/backup/backup-errors.ts';
import { type DatabaseCare, optimizeDatabase } from '../../keep/maintenance/database-care.ts';
import '../../keep/restore/restore-errors.ts';
import '../../keep/retention/retention-errors.ts';
import { findError } from '../../kernel/define-errors.ts';
import { toJsonValue } from '../../kernel/json.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KeepWork } from '../../ports/target.ts';
import type { WorkHandle, WorkOutcome, WorkRunner, WorkStart } from '../../ports/work-runner.ts';
import { notOurKind } from '../../run/executions/work-errors.ts';
import type { OpsConfig } from '../config/ops-config.ts';
import './keep-errors.ts';
import { plannedPeriodMs } from './keep-period.ts';
import type { KeepRequest, SourceAct } from './keep-request.ts';

/** What a keep run needs to know of the engine that starts it. */
export interface KeepRunnerOptions {
  readonly config: OpsConfig;
  readonly stateFolder: string;
  /** Absolute path of the store; absent where there is none on disk. */
  readonly storePath?: string;
  /** Starts the process of its own. */
  readonly isolated: WorkRunner;
  readonly clock: Clock;
  /** How the engine's open store is cared for; absent where there is none on disk. */
  readonly databaseCare: () => DatabaseCare | undefined;
}

/**
 * Runs acts of backup and retention in a process of their own, so that neither a hung disk nor a large archive
 * holds the engine, and a crash of one cannot touch the other.
 */
export function keepRunner(options: KeepRunnerOptions): WorkRunner {
  return {
    start: (work, start) =>
      work.kind === 'keep' ? startKeep(work, start, options) : refused(notOurKind('keep', work.kind)),
  };
}

function startKeep(work: KeepWork, start: WorkStart, options: KeepRunnerOptions): WorkHandle {
  const { act } = work;
  if (act === 'optimize-database') return startCare(start, options);
  const nowMs = options.clock.now();
  const request = keepRequest(options, { ...work, act, runId: start.executionId, nowMs });
  const handle = options.isolated.start(
    { kind: 'isolated', module: keepProcessModule(), export: 'runKeepProcess' },
    { ...start, params: { request: toJsonValue(request, 8) } },
  );
  return { ...handle, settled: handle.settled.then(withCode) };
}

/** The database belongs to the engine's own connection, so its care is done here, in steps of a few milliseconds. */
function startCare(start: WorkStart, { databaseCare, clock }: KeepRunnerOptions): WorkHandle {
  const asked = new AbortController();
  return {
    settled: careFor(databaseCare(), { clock, signal: asked.signal, onOutput: start.onOutput }),
    requestStop: (reason) => asked.abort(reason),
    kill: () => true,
  };
}

interface CareSurroundings {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onOutput: (chunk: string) => void;
}

async function careFor(
  care: DatabaseCare | undefined,
  { clock, signal, onOutput }: CareSurroundings,
): Promise<WorkOutcome> {
  if (care === undefined) return { kind: 'returned', value: { status: 'nothing_to_do' } };
  try {
    const { after, givenBackBytes, checkpointed, finished } = await optimizeDatabase(care, clock, { signal });
    const rest = [
      ...(checkpointed ? [] : ['a reader held the write-ahead log']),
      ...(finished ? [] : ['the rest is for the next run']),
    ];
    onOutput(
      `${after.pages * after.pageBytes} bytes, ${givenBackBytes} given back${rest.map((text) => `; ${text}`).join('')}\n`,
    );
    return { kind: 'returned', value: { status: 'completed', givenBackBytes, checkpointed, finished } };
  } catch (error) {
    return { kind: 'threw', error };
  }
}

/** Which act is asked for. */
export interface KeepOrder {
  readonly act: SourceAct;
  readonly sources?: readonly string[];
  readonly full: boolean;
  readonly runId: string;
  /** When it is asked for, ms UTC. */
  readonly nowMs: number;
}

/** What an act is to do, frozen: `sources` names those it is about, absent means all of the config. */
export function keepRequest(
  { config, stateFolder, storePath }: Pick<KeepRunnerOptions, 'config' | 'stateFolder' | 'storePath'>,
  { act, sources, full, runId, nowMs }: KeepOrder,
): KeepRequest {
  const { backup, retention } = config.keep;
  const periodMs = plannedPeriodMs(config, act, nowMs);
  const all = backup?.sources ?? [];
  return {
    act,
    runId,
    stateFolder,
    ...(storePath === undefined ? {} : { storePath }),
    timeZone: config.timeZone,
    ...(backup === undefined ? {} : { backup }),
    sources: sources === undefined ? all : all.filter(({ id }) => sources.includes(id)),
    retention,
    ...(periodMs === undefined ? {} : { periodMs }),
    full,
  };
}

/** The module that the process loads: beside this one, in sources as in the built package. */
function keepProcessModule(): string {
  const own = fileURLToPath(import.meta.url);
  return own.replace(/keep-runner(\.[a-z]+)$/, 'keep-process$1');
}

/** An error of ours loses its class on the way between processes, not its code. */
function withCode(outcome: WorkOutcome): WorkOutcome {
  if (outcome.kind !== 'threw' || !(outcome.error instanceof Error) || !('code' in outcome.error))
    return outcome;
  const found = findError(String(outcome.error.code));
  if (found === undefined) return outcome;
  return { kind: 'threw', error: opsException(found.code, outcome.error.message, { cause: outcome.error }) };
}

function refused(outcome: WorkOutcome): WorkHandle {
  return { settled: Promise.resolve(outcome), requestStop: () => {}, kill: () => true };
}
