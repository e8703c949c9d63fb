import {
  formatClock,
  type JsonObject,
  jsonLogger,
  type OpsConfig,
  type OpsEvents,
  type OpsOptions,
  redact,
} from '@qts-ops/core';
import type { CliIo } from './cli-io.ts';
import { plainLine } from './text-table.ts';

/** Where an engine writes its lines. */
export type Logger = NonNullable<OpsOptions['logger']>;

/** Any event the engine publishes, with its name. */
export type RunEvent = {
  [K in keyof OpsEvents]: { readonly name: K; readonly payload: OpsEvents[K] };
}[keyof OpsEvents];

/** Fields that the words of the message say already. */
const forMachines = ['event', 'signal', 'runType'];

/** Where a running engine writes: JSON lines for a collector, words for a person at a terminal. */
export function runLogger(io: CliIo, config: OpsConfig): Logger {
  const now = () => Date.now();
  if (!io.talksToPerson) return jsonLogger({ clock: { now }, write: io.err, secrets: config.secrets });
  const line =
    (level: string) =>
    (message: string, fields: JsonObject = {}) => {
      const told = Object.entries(fields).filter(([name]) => !forMachines.includes(name));
      const details = told.map(([name, value]) => `${name}=${wordOf(value)}`);
      const text = redact([message, ...details].join('  '), config.secrets);
      io.err(`${formatClock(now(), config.timeZone)} ${level.padEnd(5)} ${plainLine(text)}\n`);
    };
  return { debug: () => undefined, info: line('INFO'), warn: line('WARN'), error: line('ERROR') };
}

/**
 * Writes one line for each event worth one: runs that failed or were stopped, manual acts, clock jumps.
 * Suspension and recovery are told by the alert channel, the engine's start and end by the command.
 */
export function logEvent(logger: Logger, { name, payload }: RunEvent): void {
  switch (name) {
    case 'execution.failed':
    case 'execution.stopped': {
      const { targetId, executionId, runType, errorCode } = payload;
      const fields = { event: name, executionId, runType, ...(errorCode === undefined ? {} : { errorCode }) };
      logger.warn(`${targetId} ${name === 'execution.failed' ? 'failed' : 'was stopped'}`, fields);
      break;
    }
    case 'audit.appended':
      logger.info(`${payload.operatorId}: ${payload.auditType} ${payload.targetId}`, { event: name });
      break;
    case 'clock.jumped':
      logger.warn(`the wall clock jumped by ${payload.jumpMs} ms`, { event: name });
      break;
    case 'engine.draining':
      logger.info('no new runs are started', { event: name });
      break;
    default:
  }
}

function wordOf(value: JsonObject[string]): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
