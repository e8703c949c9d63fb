import { readFileSync } from 'node:fs';
import path from 'node:path';
import { opsException, parseDurationMs, stateFolderOf } from '@qts-ops/core/client';
import type { CliIo } from './cli-io.ts';
import type { SimulatedDuration } from './simulation-text.ts';

/** Where the durations of a simulation come from. */
export interface DurationQuestion {
  /** `recorded`, `0`, or a JSON file of durations by target. */
  readonly source: string;
  readonly configPath: string;
  readonly state?: string | undefined;
  readonly targetIds: readonly string[];
}

/** How long the runs of each target take in a simulation. */
export async function simulatedDurations(
  question: DurationQuestion,
  io: CliIo,
): Promise<readonly SimulatedDuration[]> {
  const { source, targetIds } = question;
  if (source === '0') return targetIds.map((targetId) => ({ targetId, durationMs: 0, from: 'file' }));
  return source === 'recorded' ? recordedDurations(question, io) : fileDurations(source, targetIds, io);
}

async function recordedDurations(
  { configPath, state, targetIds }: DurationQuestion,
  io: CliIo,
): Promise<readonly SimulatedDuration[]> {
  const { readRecordedDurations, STORE_FILE } = await import('@qts-ops/core');
  const stateFolder = stateFolderOf({ state, config: configPath, env: io.env, cwd: io.cwd });
  const recorded = readRecordedDurations(path.join(stateFolder, STORE_FILE));
  return targetIds.map((targetId) => {
    const found = recorded?.get(targetId);
    if (found === undefined) return { targetId, durationMs: 0, from: 'nothing' };
    const { medianMs, takenMs } = found;
    const longestMs = takenMs.at(-1) ?? medianMs;
    const runs = takenMs.length;
    return { targetId, durationMs: medianMs, longestMs, from: 'recorded', runs, takenMs };
  });
}

/** @throws INP-0301 for a file that cannot be read or holds something else than durations by target. */
function fileDurations(file: string, targetIds: readonly string[], io: CliIo): readonly SimulatedDuration[] {
  const given = readObject(path.resolve(io.cwd, file));
  const unknown = Object.keys(given).find((id) => !targetIds.includes(id));
  if (unknown !== undefined) throw notDurations(`${file}: ${unknown} is no target`, targetIds);
  return targetIds.map((targetId) => {
    const value = given[targetId];
    if (value === undefined) return { targetId, durationMs: 0, from: 'nothing' };
    try {
      if (typeof value !== 'string' && typeof value !== 'number') throw new RangeError(`${typeof value}`);
      return { targetId, durationMs: parseDurationMs(value), from: 'file' };
    } catch (error) {
      throw notDurations(`${file}: ${targetId}: ${(error as Error).message}`, targetIds);
    }
  });
}

function readObject(file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    throw notDurations(`${file}: ${error instanceof Error ? error.message : String(error)}`, []);
  }
  throw notDurations(`${file}: it holds no object`, []);
}

function notDurations(what: string, targetIds: readonly string[]): Error {
  const example = JSON.stringify({ [targetIds[0] ?? 'target']: '90s' });
  return opsException(
    'INP-0301',
    `durations: ${what}; allowed: recorded, 0, or a JSON file such as ${example}`,
    {
      data: { field: 'durations' },
    },
  );
}
