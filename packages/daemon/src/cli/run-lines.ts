import {
  type EngineView,
  type FeedMessage,
  formatClock,
  type JsonObject,
  type TargetView,
} from '@qts-ops/core/client';
import type { CliIo } from './cli-io.ts';
import { plainLine } from './text-table.ts';

/** One thing a person or a log collector should hear from a running engine. */
export interface RunLine {
  readonly atMs: number;
  readonly level: 'info' | 'warn' | 'error';
  /** Past tense: `engine.started`, `execution.failed`, … */
  readonly event: string;
  readonly message: string;
  readonly fields?: JsonObject;
}

/** Finds in the engine's feed what is worth a line: failures, stops, suspensions, recoveries and manual acts. */
export class RunNarrator {
  readonly #targets = new Map<string, TargetView>();
  #engine: EngineView | undefined;

  /** The lines of one message, oldest first. */
  linesOf(message: FeedMessage): readonly RunLine[] {
    if (message.kind === 'beat') return [];
    if (message.kind === 'snapshot') {
      for (const target of message.snapshot.targets) this.#targets.set(target.id, target);
      this.#engine = message.snapshot.engine;
      return [];
    }
    const { delta } = message;
    switch (delta.kind) {
      case 'target':
        return this.#targetLines(delta.target, delta.atMs);
      case 'audit':
        return [
          {
            atMs: delta.atMs,
            level: delta.entry.outcome === 'OK' ? 'info' : 'warn',
            event: 'operator.acted',
            message: `${delta.entry.operatorId}: ${delta.entry.auditType} ${delta.entry.targetId}: ${delta.entry.reason}`,
            fields: { ...delta.entry },
          },
        ];
      case 'engine':
        return this.#engineLines(delta.engine, delta.atMs);
      case 'execution':
        return [];
      default:
        return delta satisfies never;
    }
  }

  #targetLines(target: TargetView, atMs: number): readonly RunLine[] {
    const before = this.#targets.get(target.id);
    this.#targets.set(target.id, target);
    const lines: RunLine[] = [];
    const ended = target.lastExecutionId !== before?.lastExecutionId && target.lastStatus !== 'SUCCESS';
    if (ended && target.lastStatus !== undefined) lines.push(endLine(target, atMs));
    const wasOpen = before !== undefined && before.breaker.kind !== 'closed';
    const isOpen = target.breaker.kind !== 'closed';
    const fields = { targetId: target.id };
    if (isOpen && !wasOpen) {
      const message = `${target.id}: suspended after ${target.consecutiveErrors} errors in a row`;
      lines.push({ atMs, level: 'error', event: 'target.suspended', message, fields });
    }
    if (wasOpen && !isOpen) {
      lines.push({
        atMs,
        level: 'info',
        event: 'target.recovered',
        message: `${target.id}: runs again`,
        fields,
      });
    }
    return lines;
  }

  #engineLines(engine: EngineView, atMs: number): readonly RunLine[] {
    const before = this.#engine?.state;
    this.#engine = engine;
    if (engine.state === before || engine.state !== 'draining') return [];
    return [
      { atMs, level: 'info', event: 'engine.draining', message: 'no new runs; waiting for those that go on' },
    ];
  }
}

/** A line as it is written: JSON for a collector, words for a person. */
export function writeLine(io: CliIo, line: RunLine, timeZone: string): void {
  if (!io.talksToPerson) {
    const { atMs, level, event, message, fields } = line;
    const entry = {
      at: new Date(atMs).toISOString(),
      level,
      event,
      message,
      ...(fields === undefined ? {} : { fields }),
    };
    io.err(`${JSON.stringify(entry)}\n`);
    return;
  }
  const level = line.level.toUpperCase().padEnd(5);
  io.err(`${formatClock(line.atMs, timeZone)} ${level} ${plainLine(line.message)}\n`);
}

function endLine(target: TargetView, atMs: number): RunLine {
  const failed = target.lastStatus === 'FAILED';
  const why = [target.lastErrorCode, target.lastErrorMessage].filter((part) => part !== undefined).join(' ');
  return {
    atMs,
    level: 'warn',
    event: failed ? 'execution.failed' : 'execution.stopped',
    message: `${target.id}: ${failed ? `failed: ${why}` : 'stopped'}`,
    fields: {
      targetId: target.id,
      executionId: target.lastExecutionId ?? '',
      ...(target.lastErrorCode === undefined ? {} : { code: target.lastErrorCode }),
      consecutiveErrors: target.consecutiveErrors,
    },
  };
}
