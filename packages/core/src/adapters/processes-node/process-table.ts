import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { EndedProcess, Processes, ProcessIdentity } from '../../ports/processes.ts';
import type { ProcessGroup } from '../../ports/work-runner.ts';
import { workError } from '../../run/executions/work-errors.ts';
import { readLastWord } from './last-word.ts';
import { selfIdentity, systemProcesses } from './process-facts.ts';
import { type SeenProcess, scanProcesses, sendSignal, stateFolderName } from './process-scan.ts';

/** How long `endLeftovers` tries before it gives up and names the survivors. */
export const END_LEFTOVERS_MS = 5000;
const POLL_MIN_MS = 10;
const POLL_MAX_MS = 200;

/**
 * What the operating system says about processes. On Linux everything comes from /proc. Elsewhere `ps` is asked:
 * start ticks are then seconds since 1970, and only recorded groups whose leader still lives can be ended.
 */
export function nodeProcesses(): Processes {
  return { self: selfIdentity, isAlive, endLeftovers, lastWord: readLastWord };
}

function isAlive(identity: ProcessIdentity): boolean {
  if (identity.host !== hostname() || identity.bootId !== systemProcesses.bootId()) return false;
  const found = systemProcesses.read(identity.pid);
  return found !== undefined && !found.ended && found.startTick === identity.startTick;
}

async function endLeftovers(
  stateFolder: string,
  groups: readonly ProcessGroup[],
): Promise<readonly EndedProcess[]> {
  const folder = stateFolderName(stateFolder);
  const startedMs = performance.now();
  const met = new Map<number, EndedProcess>();
  const proven = new Set<number>();
  for (let pollMs = POLL_MIN_MS, emptyScans = 0; emptyScans < 2; pollMs = Math.min(2 * pollMs, POLL_MAX_MS)) {
    const seen = await scanProcesses(0);
    proveGroups(groups, seen, proven);
    const leftovers = leftoversOf(folder, proven, seen);
    // Twice, because a process that forks and exits during a scan can be missed once.
    emptyScans = leftovers.length === 0 ? emptyScans + 1 : 0;
    if (leftovers.length > 0 && performance.now() - startedMs >= END_LEFTOVERS_MS)
      throw survivorsError(leftovers);
    for (const { pid, mark } of leftovers) {
      met.set(pid, { pid, ...(mark === undefined ? {} : { executionId: mark.executionId }) });
      sendSignal(pid, 'SIGKILL');
    }
    if (emptyScans < 2) await delay(pollMs);
  }
  return [...met.values()];
}

/**
 * A number alone proves nothing: it may belong to somebody else by now. Only a living leader with the recorded
 * start tick proves a group, and then for as long as no other process has taken its number. Members that
 * outlived their leader are recognised by their environment instead.
 */
function proveGroups(
  groups: readonly ProcessGroup[],
  seen: readonly SeenProcess[],
  proven: Set<number>,
): void {
  const living = new Map(seen.map((one) => [one.pid, one.startTick]));
  for (const { pgid, startTick } of groups) {
    const tick = living.get(pgid);
    if (tick === undefined) continue;
    if (tick === startTick) proven.add(pgid);
    else proven.delete(pgid);
  }
}

/** The processes that are ours, without this process and its ancestors. */
function leftoversOf(
  folder: string,
  proven: ReadonlySet<number>,
  seen: readonly SeenProcess[],
): readonly SeenProcess[] {
  const spared = withAncestors(process.pid, seen);
  return seen.filter((one) => {
    if (spared.has(one.pid)) return false;
    return one.mark?.stateFolder === folder || proven.has(one.pgid) || proven.has(one.session);
  });
}

function withAncestors(pid: number, seen: readonly SeenProcess[]): ReadonlySet<number> {
  const parents = new Map(seen.map((one) => [one.pid, one.parentPid]));
  const found = new Set<number>();
  for (let at: number | undefined = pid; at !== undefined && !found.has(at); at = parents.get(at))
    found.add(at);
  return found;
}

function survivorsError(survivors: readonly SeenProcess[]): Error {
  const pids = survivors.map((one) => one.pid);
  const message = `leftovers: pids ${pids.join(', ')} still live ${END_LEFTOVERS_MS} ms after SIGKILL; allowed: none; see \`ps -o pid,stat,user,args -p ${pids.join(',')}\``;
  return workError('SYS-0401', message, { data: { pids } });
}
