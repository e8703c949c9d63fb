import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CycleLine } from '../../examples/unattended-desk/desk/cycle-log.ts';
import { deskSettings } from '../../examples/unattended-desk/desk-settings.ts';
import { demoFolder, startNode, startQtsOps, until } from './journey-programs.ts';
import { MachinePauses } from './machine-pauses.ts';
import { snapshotOf, untilAnswers } from './running-engine.ts';
import { temporaryPlace } from './temporary-place.ts';

const INTERVAL_MS = 200;

/** A cycle's own work may add this much to the distance of two cycles; what the machine takes comes on top. */
const TOLERANCE_MS = 2_000;

it('killing the engine that watches it costs the desk’s own loop no cycle', async () => {
  using folder = temporaryPlace();
  using pauses = new MachinePauses();
  const stateFolder = folder.path;
  const env = { DESK_HOME: stateFolder, DESK_LOOP: 'outside' };
  const { dataDir } = deskSettings(env);
  const pipeline = join(demoFolder, 'desk/pipeline.ts');
  await using loop = startNode([pipeline, '--data', dataDir, '--loop', '--batch', '5'], {
    cwd: demoFolder,
    env: { INTERVAL_MS: String(INTERVAL_MS) },
  });
  await untilCycle(dataDir, 1);
  await using engine = startWatching(stateFolder, env);
  await untilWatched(stateFolder);

  engine.child.kill('SIGKILL');
  expect(await engine.ended).toMatchObject({ signal: 'SIGKILL' });
  const killedAtCycle = readCycles(dataDir).length;
  await untilCycle(dataDir, killedAtCycle + 8);

  await using successor = startWatching(stateFolder, env);
  await untilAnswers(stateFolder, successor);
  await untilWatched(stateFolder);
  successor.child.kill('SIGTERM');
  expect(await successor.ended).toMatchObject({ code: 0 });

  await untilCycle(dataDir, readCycles(dataDir).length + 2);
  expect(loop.child.exitCode).toBeNull();
  loop.child.kill('SIGTERM');
  expect(await loop.ended).toMatchObject({ code: 0 });
  expectNoGap(readCycles(dataDir), TOLERANCE_MS + 3 * pauses.longestMs);
});

function startWatching(stateFolder: string, env: Readonly<Record<string, string>>) {
  const config = join(demoFolder, 'qts-ops.config.ts');
  return startQtsOps(['run', '--config', config, '--state', stateFolder], { cwd: demoFolder, env });
}

async function untilWatched(stateFolder: string): Promise<void> {
  await until('the loop is seen to be well', async () => {
    const snapshot = await snapshotOf(stateFolder);
    return snapshot?.targets.find(({ id }) => id === 'eteda_loop')?.lastStatus === 'SUCCESS';
  });
}

async function untilCycle(dataDir: string, count: number): Promise<void> {
  await until(`the loop has run ${count} cycles`, () => readCycles(dataDir).length >= count);
}

function readCycles(dataDir: string): readonly CycleLine[] {
  const path = join(dataDir, 'loop-cycles.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as CycleLine); // the desk's own log, one cycle a line
}

function expectNoGap(cycles: readonly CycleLine[], toleranceMs: number): void {
  expect(cycles.map(({ cycle }) => cycle)).toEqual(cycles.map((_, index) => index + 1));
  expect(cycles.every(({ outcome, bars }) => outcome === 'ok' && bars === 5)).toBe(true);
  const ends = cycles.map(({ timestamp }) => Date.parse(timestamp));
  const distances = ends.slice(1).map((endMs, index) => endMs - (ends[index] ?? endMs));
  expect(Math.max(...distances)).toBeLessThan(INTERVAL_MS + toleranceMs);
}
