import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { LoopBlock } from '@qts-ops/core';
import {
  connectSocket,
  formatInstant,
  type HistoryView,
  isOpsException,
  type OpsSnapshot,
  resolveSocket,
  stateFolderOf,
} from '@qts-ops/core/client';
import { defineCommand, jsonOption, stateOption } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import { durationOption } from '../duration-option.ts';
import { printJson } from '../engine-door.ts';
import { printError } from '../error-text.ts';
import { STATUS_EXIT } from '../exit-codes.ts';
import { judge, type StatusVerdict } from '../status-verdict.ts';
import { plainLine } from '../text-table.ts';
import { messageOf } from '../view-rows.ts';

export const statusCommand = defineCommand({
  usage: 'status',
  summary: 'Say in one word and an exit code whether everything is well',
  positionals: {},
  options: {
    timeout: {
      type: 'string',
      default: '5s',
      requiresArg: true,
      describe: 'How long the engine may take to answer, such as 500ms or 5s',
    },
    ...stateOption,
    ...jsonOption,
  },
  exits: {
    [STATUS_EXIT.ok]:
      'ok: no target failing, suspended, overdue or with a lost slot, and no critical check failing',
    [STATUS_EXIT.warn]: 'warn: a slot was lost, a target is overdue, or the engine is draining',
    [STATUS_EXIT.fail]:
      'fail: a target fails or is suspended, a critical check fails, or the engine does not answer in time',
    [STATUS_EXIT.unknown]: 'unknown: no engine runs on the state folder, or the command line is wrong',
  },
  errorExit: STATUS_EXIT.unknown,
  examples: ['qts-ops status || notify-somebody'],
  async run(args, io) {
    const stateFolder = stateFolderOf({ state: args.state, env: io.env, cwd: io.cwd });
    const loopBlocked = readLoopBlock(stateFolder);
    await using client = connectSocket({
      socketPath: resolveSocket(stateFolder),
      operatorId: io.operatorId,
      timeoutMs: durationOption({ option: '--timeout', text: args.timeout, examples: '500ms or 5s' }),
    });
    try {
      const snapshot = await client.snapshot();
      const verdict = judge(snapshot);
      const history = await client.history();
      if (args.json)
        printJson(io, { ...verdict, engine: snapshot.engine, history, ...blockedField(loopBlocked) });
      else io.out(statusText({ snapshot, verdict, history }, loopBlocked));
      return STATUS_EXIT[verdict.verdict];
    } catch (error) {
      return unanswered(error, { io, json: args.json, state: args.state, stateFolder, loopBlocked });
    }
  },
});

interface Unanswered {
  readonly io: CliIo;
  readonly json: boolean;
  /** The option, as it was written. */
  readonly state: string | undefined;
  readonly stateFolder: string;
  readonly loopBlocked: LoopBlock | undefined;
}

/** An engine that holds its socket and does not answer is a failure; none at all is unknown. */
function unanswered(error: unknown, { io, json, state, stateFolder, loopBlocked }: Unanswered): number {
  const verdict = isOpsException(error) && error.code === 'EXT-0107' ? 'fail' : 'unknown';
  const code = isOpsException(error) ? error.code : 'SYS-9999';
  if (json) printJson(io, { verdict, code, stateFolder, ...blockedField(loopBlocked) });
  else {
    io.out(`${verdict.toUpperCase()}  no answer from an engine on ${stateFolder}\n`);
    if (loopBlocked !== undefined) io.out(loopBlockedText(loopBlocked));
    printError(io, error, { state });
  }
  return STATUS_EXIT[verdict];
}

interface Answered {
  readonly snapshot: OpsSnapshot;
  readonly verdict: StatusVerdict;
  readonly history: HistoryView;
}

function statusText({ snapshot, verdict, history }: Answered, loopBlocked: LoopBlock | undefined): string {
  const { engine } = snapshot;
  const counts = Object.entries(verdict.counts).map(([word, count]) => `${word} ${count}`);
  const since = formatInstant(engine.startedAtMs, engine.timeZone);
  const lines = [
    `${verdict.verdict.toUpperCase()}  ${engine.instance} ${engine.environment}  ${stateText(engine.state, since)}`,
    `  pid ${engine.pid}, version ${engine.version}, state ${engine.stateFolder}`,
    `  targets ${snapshot.targets.length}: ${counts.length === 0 ? 'none' : counts.join(', ')}`,
    `  checks ${snapshot.health.checks.length}: ${verdict.failingChecks.length} failing; alerts: ${snapshot.alertCount} open`,
    `  history: ${history.executions} executions older than ${history.keptDays} days (kept: removing needs a verified backup)`,
    ...verdict.unwell.map(({ id, word }) => {
      const target = snapshot.targets.find((entry) => entry.id === id);
      return `  ${word.padEnd(6)} ${id}  ${target === undefined ? '' : plainLine(messageOf(target))}`.trimEnd();
    }),
    ...verdict.failingChecks.map(({ id, critical, message = '' }) => {
      return `  ${critical ? 'FAIL  ' : 'fails '} check ${id}  ${plainLine(message)}`.trimEnd();
    }),
  ];
  return `${lines.join('\n')}\n${loopBlocked === undefined ? '' : loopBlockedText(loopBlocked)}`;
}

/** Only of a running engine its start is what its state began with. */
function stateText(state: OpsSnapshot['engine']['state'], since: string): string {
  return state === 'running' ? `running since ${since}` : `${state}, started ${since}`;
}

function loopBlockedText({ pid, sinceMs, suspects, busyIn }: LoopBlock): string {
  const names = suspects.map(({ targetId }) => targetId).join(', ');
  const where = busyIn === undefined ? '' : `, busy in ${busyIn}`;
  return plainLine(
    `  loop-blocked.json: the loop of pid ${pid} stands still since ${new Date(sinceMs).toISOString()}; running then: ${names === '' ? 'nothing' : names}${where}`,
  ).concat('\n');
}

function blockedField(report: LoopBlock | undefined): { readonly loopBlocked?: LoopBlock } {
  return report === undefined ? {} : { loopBlocked: report };
}

/** What the watchdog of an engine says while its loop stands still; read here because loading the engine takes long. */
function readLoopBlock(stateFolder: string): LoopBlock | undefined {
  try {
    // The engine's own file, which it renames whole.
    return JSON.parse(readFileSync(path.join(stateFolder, 'loop-blocked.json'), 'utf8')) as LoopBlock;
  } catch {
    return undefined;
  }
}
