import { type TargetView, type TargetWord, waitingText } from '@qts-ops/core/client';
import { progressText } from './progress-text.ts';
import { timeText } from './time-text.ts';

/** What a message is read from: engine time and zone. */
export interface MessageContext {
  readonly nowMs: number;
  readonly zone: string;
}

/** The one thing an operator wants to know about a target in this state; empty when all is well. */
export function targetMessage(target: TargetView, word: TargetWord, context: MessageContext): string {
  switch (word) {
    case 'PAUSED':
      return target.pause === undefined ? '' : `${target.pause.operatorId}: ${target.pause.reason}`;
    case 'SUSP':
    case 'FAIL':
      return errorText(target);
    case 'RUN':
      return runningText(target, context);
    case 'STALE':
      return staleText(target, context);
    case 'WARN':
      return warnText(target, context);
    case 'IDLE':
      return waitingText(target) || 'has not run yet';
    case 'OK':
      return waitingText(target);
    default:
      return word satisfies never;
  }
}

/** Last error in one line: code first. */
export function errorText(target: TargetView): string {
  const parts = [target.lastErrorCode, target.lastErrorMessage].filter((part) => part !== undefined);
  return parts.length === 0 ? 'failed without a message' : parts.join(' ');
}

/** When the next run is tried: the slot, or later while backing off, or the probe of a suspended target. */
export function nextStartMs(target: TargetView): number | undefined {
  const { breaker, nextSlotMs, backoffUntilMs } = target;
  if (target.pause !== undefined) return undefined;
  if (breaker.kind === 'open') return breaker.probeAtMs;
  if (nextSlotMs === undefined) return undefined;
  return backoffUntilMs === undefined ? nextSlotMs : Math.max(nextSlotMs, backoffUntilMs);
}

function runningText(target: TargetView, { nowMs, zone }: MessageContext): string {
  const { running } = target;
  if (running === undefined) return '';
  const by = running.runType === 'AUTO' ? '' : `${running.runType} by ${running.operatorId ?? '?'} `;
  const stopping = running.stopping ? 'STOPPING ' : '';
  const progress = progressText(running.progress);
  const note = running.progress?.message;
  const errors = target.consecutiveErrors > 0 ? ` after ${target.consecutiveErrors} errors` : '';
  const state = progress === '-' ? `since ${timeText(running.startedAtMs, nowMs, zone)}` : progress;
  return `${stopping}${by}${state}${note === undefined ? '' : ` ${note}`}${errors}`;
}

function staleText(target: TargetView, { nowMs, zone }: MessageContext): string {
  if (target.nextSlotMs === undefined || target.nextSlotMs > nowMs)
    return 'not known, there is no connection';
  return `did not start at ${timeText(target.nextSlotMs, nowMs, zone)}`;
}

function warnText(target: TargetView, { nowMs, zone }: MessageContext): string {
  if (target.detached) return 'an ended function still goes on in the engine';
  const skip = target.lastSkip;
  if (target.lastStatus === 'STOPPED') return 'last run was stopped';
  if (skip === undefined) return '';
  const times = skip.count === 1 ? 'slot' : `${skip.count} slots`;
  const waits = waitingText(target);
  return `${waits === '' ? '' : `${waits}; `}${times} skipped (${skip.reason}) until ${timeText(skip.toMs, nowMs, zone)}`;
}
