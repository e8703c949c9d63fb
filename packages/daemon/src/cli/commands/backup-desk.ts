import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeepDesk, KeepReport, LockWait, OpsConfig, SourceAct } from '@qts-ops/core';
import {
  connectSocket,
  type ExecutionDetail,
  findConfig,
  type KeepActName,
  type OpsClient,
  opsException,
  resolveSocket,
  stateFolderOf,
} from '@qts-ops/core/client';
import type { OptionTable } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import { durationOption } from '../duration-option.ts';
import { signalExit } from '../exit-codes.ts';
import { ProgressLine } from '../progress-line.ts';

/** How often a run of the engine is asked where it is, ms. */
const ASK_EVERY_MS = 200;

/** Options of every command about backups. */
export const deskOptions = {
  config: { type: 'string', requiresArg: true, describe: 'Configuration file; default: the nearest one' },
  state: {
    type: 'string',
    requiresArg: true,
    describe: 'State folder; default: QTS_OPS_STATE, else .qts-ops beside the nearest config',
  },
} as const satisfies OptionTable;

/** Option of commands that can look into a backup folder without any config. */
export const fromOption = {
  from: { type: 'string', requiresArg: true, describe: 'Backup folder; default: those of the configuration' },
} as const satisfies OptionTable;

/** Option of commands that need a backup folder for themselves. */
export const lockWaitOption = {
  'lock-wait': {
    type: 'string',
    requiresArg: true,
    default: '5m',
    describe: 'Wait so long for a run that holds the backups or the data; 0s refuses at once',
  },
} as const satisfies OptionTable;

/** Options of commands that the engine does when it runs. */
export const hereOption = {
  here: {
    type: 'boolean',
    default: false,
    describe: 'Do it in the process of this command, also while an engine runs',
  },
  source: { type: 'string', requiresArg: true, describe: 'Only this source; default: all of them' },
  ...lockWaitOption,
} as const satisfies OptionTable;

/** Option of acts that harm nothing: a reason may be left out. */
export const freeReasonOption = {
  reason: {
    type: 'string',
    requiresArg: true,
    default: 'asked for at the command line',
    describe: 'Why: at least 10 characters besides spaces; stands in the audit log',
  },
} as const satisfies OptionTable;

interface DeskArgs {
  readonly config?: string | undefined;
  readonly state?: string | undefined;
  readonly from?: string | undefined;
  readonly 'lock-wait'?: string | undefined;
}

/** Loads the config, when there is one or it must be there, and opens the desk. */
export async function openDesk(args: DeskArgs, io: CliIo): Promise<KeepDesk> {
  const { loadConfig, openKeepDesk } = await import('@qts-ops/core');
  const file = args.config === undefined ? findConfig(io.cwd) : path.resolve(io.cwd, args.config);
  if (file === undefined && args.from === undefined) {
    throw opsException('INP-0601', `no qts-ops.config.* in ${io.cwd} or above it; name one with --config`, {
      data: { cwd: io.cwd },
    });
  }
  const config = file === undefined ? undefined : await loadConfig(file);
  const isKnown = args.state !== undefined || (io.env['QTS_OPS_STATE'] ?? '') !== '' || file !== undefined;
  // On a machine that has nothing but backups, nothing is kept beside them.
  const stateFolder = isKnown
    ? stateFolderOf({ state: args.state, config: file, env: io.env, cwd: io.cwd })
    : path.join(io.cwd, '.qts-ops');
  const from = args.from === undefined ? undefined : path.resolve(io.cwd, args.from);
  return openKeepDesk({ config, stateFolder, from, lockWait: lockWaitOf(args, io) });
}

/** @throws INP-0313 naming what is allowed. */
function lockWaitOf({ 'lock-wait': text }: DeskArgs, io: CliIo): LockWait | undefined {
  if (text === undefined) return undefined;
  const wait = { option: '--lock-wait', text, examples: '5m, or 0s for not at all', zero: true };
  return { limitMs: durationOption(wait), onWait: (message) => io.err(`${message}\n`) };
}

/** Asks the engine of a desk, when one runs. */
export async function withEngine<T>(
  desk: KeepDesk,
  io: CliIo,
  ask: (client: OpsClient | undefined) => Promise<T>,
): Promise<T> {
  const { hasEngine } = await import('@qts-ops/core');
  if (!hasEngine(desk)) return ask(undefined);
  const socketPath = resolveSocket(desk.stateFolder);
  await using client = connectSocket({ socketPath, operatorId: io.operatorId });
  return await ask(client);
}

/** What is written into the audit log about an act of this process. */
export interface ActNote {
  readonly act: KeepActName;
  readonly subject: string;
  readonly reason: string;
}

/**
 * Does an act in this process: recorded before it begins, through the engine when one runs, and stopped by Ctrl-C.
 * @throws INP-0302 and INP-0303 before anything is done, and what the act throws.
 */
export async function doHere<T>(
  desk: KeepDesk,
  io: CliIo,
  { note, work }: { readonly note: ActNote; readonly work: (follow: Follow) => Promise<T> },
): Promise<T> {
  const { holdingState } = await import('@qts-ops/core');
  return withEngine(desk, io, (client) =>
    holdingState(desk, async () => {
      await record(desk, io, { client, note });
      using line = new ProgressLine(io);
      const asked = new AbortController();
      const stop = endInOrder(io, { asked, line, act: note.act.toLowerCase() });
      try {
        const done = await work({ signal: asked.signal, line, log: () => undefined });
        // The engine looks again at what was left in the state folder.
        await client?.backups().catch(() => undefined);
        return done;
      } catch (error) {
        throw asked.signal.aborted ? stopped(note.act.toLowerCase(), asked.signal.reason, error) : error;
      } finally {
        stop();
      }
    }),
  );
}

/** The first request to end stops the act in order; the second ends the process: the next run removes what is left. */
function endInOrder(
  io: CliIo,
  {
    asked,
    line,
    act,
  }: { readonly asked: AbortController; readonly line: ProgressLine; readonly act: string },
): () => void {
  return io.onEndRequest((signal) => {
    line.clear();
    if (asked.signal.aborted) {
      io.err(`${act}: ended at once; the next run removes what is left behind\n`);
      io.endNow(signalExit(signal));
      return;
    }
    io.err(`${act}: asked to end by ${signal}; ending in order (ask again to end at once)\n`);
    asked.abort(signal);
  });
}

function stopped(act: string, signal: unknown, cause: unknown): Error {
  const name = String(signal);
  return opsException('BAT-0506', `${act}: asked to end by ${name}`, { data: { signal: name }, cause });
}

/** How an act of this process is followed. */
export interface Follow {
  readonly signal: AbortSignal;
  readonly line: ProgressLine;
  /** What the act says on its way; its outcome says it again. */
  readonly log: (text: string) => void;
}

async function record(
  desk: KeepDesk,
  io: CliIo,
  { client, note }: { readonly client: OpsClient | undefined; readonly note: ActNote },
): Promise<void> {
  const { act, subject, reason } = note;
  if (client !== undefined) {
    await client.recordKeepAct(act, { reason, subject });
    return;
  }
  const { recordHere } = await import('@qts-ops/core');
  const actor = { operatorId: io.operatorId, method: 'os-user' } as const;
  const by = { actor, reason, requestId: crypto.randomUUID() };
  const recorded = await recordHere(desk, { act, subject, by });
  if (recorded === undefined) {
    io.err(`${act.toLowerCase()}: not in an audit log, there is no store in ${desk.stateFolder} yet\n`);
  }
}

/** Which run is asked for. */
export interface RunOrder {
  readonly act: SourceAct;
  readonly full: boolean;
  readonly source: string | undefined;
  readonly here: boolean;
  readonly reason: string;
}

/** How a run ended: on record of the engine, or as this process reports it. */
export type RunOutcome =
  | { readonly kind: 'execution'; readonly execution: ExecutionDetail }
  | { readonly kind: 'report'; readonly report: KeepReport };

/**
 * Has the engine start the target that does an act, and waits for its end; where no engine runs, or `here` is asked
 * for, the act is done in this process.
 * @throws INP-0807 when an engine runs that has no such target, and what the act throws.
 */
export async function runAct(desk: KeepDesk, io: CliIo, order: RunOrder): Promise<RunOutcome> {
  const { hasEngine } = await import('@qts-ops/core');
  if (!order.here && hasEngine(desk)) {
    return withEngine(desk, io, async (client) => {
      const execution = await followTarget(client, io, { targetId: targetOf(desk.config, order), order });
      return { kind: 'execution', execution } as const;
    });
  }
  const { performHere } = await import('@qts-ops/core');
  const { act, full, source, reason } = order;
  const sources = source === undefined ? {} : { sources: [source] };
  const note = { act: actNameOf(act), subject: source ?? 'all sources', reason };
  const report = await doHere(desk, io, {
    note,
    work: ({ signal, line, log }) =>
      performHere(desk, { act, full, ...sources }, { signal, log, progress: (point) => line.show(point) }),
  });
  return { kind: 'report', report };
}

function actNameOf(act: SourceAct): KeepActName {
  switch (act) {
    case 'maintenance':
      return 'MAINTENANCE';
    case 'verify':
      return 'VERIFY';
    case 'drill':
      return 'DRILL';
    default:
      return 'BACKUP';
  }
}

function targetOf(config: OpsConfig | undefined, { act, full, source }: RunOrder): string {
  const fitting = (config?.targets ?? []).filter(({ work }) => {
    if (work.kind !== 'keep' || work.act !== act || (act === 'drill' && work.full !== full)) return false;
    return work.sources === undefined || (source !== undefined && work.sources.join() === source);
  });
  // One that is about all sources says nothing about a single one.
  const found = fitting.find(
    ({ work }) => work.kind === 'keep' && (source === undefined) === (work.sources === undefined),
  );
  if (found !== undefined) return found.id;
  const what = `${act}${full ? ' --full' : ''}${source === undefined ? '' : ` of ${source}`}`;
  throw opsException('INP-0807', `${what}: no target of the running engine does it; add one, or use --here`);
}

async function followTarget(
  client: OpsClient | undefined,
  io: CliIo,
  { targetId, order }: { readonly targetId: string; readonly order: RunOrder },
): Promise<ExecutionDetail> {
  if (client === undefined) throw opsException('INP-0807', 'the engine has just ended; ask again');
  const { executionId = '' } = await client.trigger(targetId, { reason: order.reason });
  using line = new ProgressLine(io);
  const left = new AbortController();
  const forget = io.onEndRequest((signal) => left.abort(signal));
  try {
    for (;;) {
      const execution = await client.execution(executionId);
      if (execution.endedAtMs !== undefined) return execution;
      if (execution.progress !== undefined) line.show(execution.progress);
      await sleep(ASK_EVERY_MS, undefined, { signal: left.signal });
    }
  } catch (error) {
    if (!left.signal.aborted) throw error;
    line.clear();
    io.err(`${targetId} goes on in the engine; stop it with: qts-ops stop ${executionId} --reason "…"\n`);
    throw stopped(`following ${targetId}`, left.signal.reason, error);
  } finally {
    forget();
  }
}
