import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchRow, type Effort, median, timed } from './bench-row.ts';
import { DAEMON_BUILD, startDaemon } from './daemon-process.ts';
import { cpuMsOf } from './process-meter.ts';

const CONFIG = `import { defineConfig, onDemand, target } from '@qts-ops/core';
export default defineConfig({
  instance: 'bench',
  targets: [target('hangs', { on: onDemand(), run: () => new Promise(() => {}) })],
});
`;

interface Round {
  readonly answeredMs: number;
  readonly cpuMs: number;
  readonly bareMs: number;
  readonly closedMs: number;
}

/** How long an engine takes to answer, and to close what an engine before it left when it was killed. */
export async function measureStarts(folder: string, effort: Effort): Promise<readonly BenchRow[]> {
  const rounds: Round[] = [];
  for (let n = 0; n < (effort === 'full' ? 5 : 1); n++) rounds.push(await measureOnce(folder, n));
  const middle = (value: (round: Round) => number) => median(rounds.map(value));
  const bare = { name: 'Node alone, start to end', value: middle((round) => round.bareMs) };
  const common = { unit: 'ms', better: 'less', limit: bare, note: DAEMON_BUILD } as const;
  return [
    {
      ...common,
      id: 'start',
      name: 'engine: from the start of the process to an answer on its socket, empty state folder',
      value: middle((round) => round.answeredMs),
      goal: 1000,
      note: `${Math.round(middle((round) => round.cpuMs))} ms on a processor, ${DAEMON_BUILD}`,
    },
    {
      ...common,
      id: 'orphan',
      name: 'engine killed with -9 in mid-run: from its restart until the execution is FAILED on record',
      value: middle((round) => round.closedMs),
      goal: 1000,
    },
  ];
}

async function measureOnce(folder: string, n: number): Promise<Round> {
  const configPath = join(folder, 'qts-ops.config.ts');
  writeFileSync(configPath, CONFIG);
  const stateFolder = join(folder, `state-${n}`);
  const bareMs = await timed(() => void spawnSync(process.execPath, ['-e', '0']));
  const first = await startDaemon(configPath, stateFolder);
  const cpuMs = cpuMsOf(first.pid);
  const { executionId } = await first.client.trigger('hangs', { reason: 'measured by the bench' });
  await first.end('SIGKILL');
  const second = await startDaemon(configPath, stateFolder);
  const execution = await second.client.execution(executionId ?? '');
  await second.end('SIGKILL');
  if (execution.status !== 'FAILED' || execution.endedAtMs === undefined) {
    throw new Error(`the orphan is ${execution.status}`);
  }
  return {
    answeredMs: first.answeredAfterMs,
    cpuMs,
    bareMs,
    closedMs: execution.endedAtMs - second.spawnedAtMs,
  };
}
