import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startQtsOps } from './journey-programs.ts';
import { MachinePauses } from './machine-pauses.ts';
import { clientOf, processesOf, untilAnswers } from './running-engine.ts';
import { accountSlots, type SlotAccount } from './slot-account.ts';
import { temporaryPlace } from './temporary-place.ts';

/** What one target did beside the others. */
export interface NeighbourReport {
  readonly id: string;
  readonly account: SlotAccount;
  readonly succeeded: number;
  /** Failures by error code. */
  readonly failures: Readonly<Record<string, number>>;
  /** Longest time from a slot to the start of its execution, ms. */
  readonly longestDelayMs: number;
}

/** What all of them did, and what was left when the engine had ended. */
export interface NeighboursReport {
  readonly targets: readonly NeighbourReport[];
  readonly exitCode: number | null;
  readonly leftProcesses: readonly number[];
  /** Slots that the machine itself may have cost anybody; none on one that keeps nobody waiting. */
  readonly pausedSlots: number;
}

/** Runs the healthy target beside its neighbours for some seconds, in an engine of its own, and reads the record. */
export async function runNeighbours(seconds: number): Promise<NeighboursReport> {
  using folder = temporaryPlace();
  const stateFolder = folder.path;
  const config = join(import.meta.dirname, 'neighbours.config.ts');
  await using engine = startQtsOps(['run', '--config', config, '--state', stateFolder], { cwd: stateFolder });
  using pauses = new MachinePauses();
  const { targets } = await untilAnswers(stateFolder, engine);
  // The time under load is what is tested here, so it is waited for, not polled.
  await wait(seconds * 1_000);
  await using client = clientOf(stateFolder);
  const reports = await Promise.all(
    targets.map(async ({ id }) => reportOf(id, await accountSlots(client, id, 1_000))),
  );
  engine.child.kill('SIGTERM');
  const { code } = await engine.ended;
  return {
    targets: reports,
    exitCode: code,
    leftProcesses: processesOf(stateFolder),
    pausedSlots: pauses.slots,
  };
}

function reportOf(id: string, account: SlotAccount): NeighbourReport {
  const { executions } = account;
  const failures: Record<string, number> = {};
  for (const { errorCode } of executions) {
    if (errorCode !== undefined) failures[errorCode] = (failures[errorCode] ?? 0) + 1;
  }
  const delays = executions.map(({ scheduledAtMs = 0, startedAtMs = 0 }) => startedAtMs - scheduledAtMs);
  return {
    id,
    account,
    succeeded: executions.filter(({ status }) => status === 'SUCCESS').length,
    failures,
    longestDelayMs: Math.max(0, ...delays),
  };
}
