import { readdirSync, readFileSync } from 'node:fs';
import { connectSocket, type OpsClient, type OpsSnapshot, resolveSocket } from '@qts-ops/core/client';
import { type RunningProgram, until } from './journey-programs.ts';

/** A client of the engine of a state folder; the caller disposes it. */
export function clientOf(stateFolder: string): OpsClient {
  return connectSocket({ socketPath: resolveSocket(stateFolder), operatorId: 'journey', timeoutMs: 60_000 });
}

/** What the engine of a state folder says; undefined while none answers. */
export async function snapshotOf(stateFolder: string): Promise<OpsSnapshot | undefined> {
  await using client = clientOf(stateFolder);
  return await client.snapshot().catch(() => undefined);
}

/** Waits until an engine answers for a state folder; throws what the program wrote when it ends instead. */
export function untilAnswers(stateFolder: string, program: RunningProgram): Promise<OpsSnapshot> {
  return until(`an engine answers on ${stateFolder}`, async () => {
    if (program.child.exitCode !== null) throw new Error((await program.ended).stderr);
    return snapshotOf(stateFolder);
  });
}

/** Processes that carry a state folder in their environment: the engine's children, and everything of a demo. */
export function processesOf(stateFolder: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => environmentOf(pid).includes(`QTS_OPS_STATE=${stateFolder}`)).map(Number);
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // The process is gone, or is not ours.
    return [];
  }
}
