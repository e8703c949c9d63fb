import {
  type ExecutionView,
  TARGET_WORDS,
  type TargetView,
  type TargetWord,
  targetWord,
} from '@qts-ops/core/client';
import { isFresh, type Link } from './link.ts';

/** What a state word is read from: the engine's time of this frame and the link to the engine. */
export interface Reading {
  readonly nowMs: number;
  readonly link: Link;
}

/** The word a target shows. Without a link nothing can be known, so every word is STALE. */
export function shownWord(target: TargetView, reading: Reading): TargetWord {
  return isFresh(reading.link) ? targetWord(target, reading.nowMs) : 'STALE';
}

/** How many targets show each word. */
export function countWords(targets: Iterable<TargetView>, reading: Reading): ReadonlyMap<TargetWord, number> {
  const counts = new Map<TargetWord, number>(TARGET_WORDS.map((word) => [word, 0]));
  for (const target of targets) {
    const word = shownWord(target, reading);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/**
 * The word a target would show if it were not running now. A target that runs every second flips between RUN and its
 * state; order and the problem filter must not flip with it.
 */
export function restingWord(target: TargetView, nowMs: number): TargetWord {
  if (target.running === undefined) return targetWord(target, nowMs);
  const { running: _, nextSlotMs: __, ...resting } = target;
  return targetWord(resting, nowMs);
}

const PROBLEM_WORDS: ReadonlySet<TargetWord> = new Set(['FAIL', 'SUSP', 'WARN', 'STALE']);

/** True when somebody should look at this target. */
export function isProblem(target: TargetView, nowMs: number): boolean {
  return PROBLEM_WORDS.has(restingWord(target, nowMs));
}

/** Status of an execution as shown: STOPPING while a stop has been asked for and the work goes on. */
export function shownStatus(execution: ExecutionView): ExecutionView['status'] | 'STOPPING' {
  const active = execution.status === 'RUNNING' || execution.status === 'READY';
  return active && execution.stopping ? 'STOPPING' : execution.status;
}
