import { setTimeout as delay } from 'node:timers/promises';
import { type SeenProcess, scanProcesses, sendSignal } from './process-scan.ts';

/** How long leftovers of a finished run may take to end after SIGTERM before SIGKILL. */
export const LEFTOVER_GRACE_MS = 2000;
/** How long we wait after SIGKILL for processes that the system does not end (state D, another user's). */
export const LEFTOVER_WAIT_MS = 10_000;
const POLL_MIN_MS = 10;
const POLL_MAX_MS = 200;

/** What proves that a process belongs to a run. */
export interface RunProof {
  readonly executionId: string;
  readonly stateFolder: string;
  readonly pgid: number;
  readonly startTick?: number;
}

/** What became of the processes that were left when the leader of a run had exited. */
export interface LeftoverEnd {
  readonly ended: readonly number[];
  /** Processes that did not end although they were killed; nobody but an operator can end them. */
  readonly survivors: readonly number[];
}

/**
 * Ends what a run left behind, after its leader exited: SIGTERM, then SIGKILL when the grace is over or `kill`
 * aborts. Resolves when no process of the run is left, or after `LEFTOVER_WAIT_MS` with the survivors named.
 */
export async function endRunLeftovers(proof: RunProof, kill: AbortSignal): Promise<LeftoverEnd> {
  const startedMs = performance.now();
  const met = new Set<number>();
  let members = await membersOf(proof);
  let killedMs: number | undefined;
  let asked = false;
  for (let pollMs = POLL_MIN_MS, emptyScans = 0; ; pollMs = Math.min(2 * pollMs, POLL_MAX_MS)) {
    emptyScans = members.length === 0 ? emptyScans + 1 : 0;
    // A process that forks and exits during a scan can be missed once; where there were some, look twice.
    if (emptyScans >= (met.size === 0 ? 1 : 2)) return { ended: [...met], survivors: [] };
    for (const member of members) met.add(member.pid);
    if (kill.aborted || performance.now() - startedMs >= LEFTOVER_GRACE_MS) {
      killedMs ??= performance.now();
      signalAll(proof, members, 'SIGKILL');
    } else if (!asked) {
      asked = true;
      signalAll(proof, members, 'SIGTERM');
    }
    if (killedMs !== undefined && performance.now() - killedMs >= LEFTOVER_WAIT_MS) {
      const survivors = members.map((member) => member.pid);
      return { ended: [...met].filter((pid) => !survivors.includes(pid)), survivors };
    }
    await pause(pollMs, kill);
    members = await membersOf(proof);
  }
}

/**
 * The processes of a run: its group, its session (background jobs of an interactive shell), and whatever carries
 * the run's environment although it left both.
 */
async function membersOf(proof: RunProof): Promise<readonly SeenProcess[]> {
  const seen = await scanProcesses(proof.startTick ?? 0);
  // The number of a group stays taken while it has members. A process with that very pid means that ours is empty.
  const reused = seen.some((one) => one.pid === proof.pgid && one.startTick !== proof.startTick);
  return seen.filter((one) => {
    if (one.pid === process.pid) return false;
    const marked = one.mark?.executionId === proof.executionId && one.mark.stateFolder === proof.stateFolder;
    return marked || (!reused && (one.pgid === proof.pgid || one.session === proof.pgid));
  });
}

function signalAll(proof: RunProof, members: readonly SeenProcess[], signal: NodeJS.Signals): void {
  // The group as one, because a member may fork between the scan and the signal.
  if (members.some((member) => member.pgid === proof.pgid)) sendSignal(-proof.pgid, signal);
  for (const member of members) if (member.pgid !== proof.pgid) sendSignal(member.pid, signal);
}

/** Waits, but not beyond the moment `kill` aborts. */
async function pause(ms: number, kill: AbortSignal): Promise<void> {
  await delay(ms, undefined, kill.aborted ? {} : { signal: kill }).catch(() => undefined);
}
