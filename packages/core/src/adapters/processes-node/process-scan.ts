import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ProcessFacts, type RunMark, systemProcesses } from './process-facts.ts';

/** A living process with the run it belongs to. */
export interface SeenProcess extends ProcessFacts {
  readonly mark?: RunMark;
}

let waiting: { readonly seen: Promise<readonly SeenProcess[]>; sinceTick: number } | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Lists the living processes. The environment is read only of those started at `sinceTick` or later: nothing older
 * than a run can belong to it. Requests that come while a scan is under way share the next one, so that
 * a hundred runs ending together cost two scans, not a hundred.
 */
export function scanProcesses(sinceTick: number): Promise<readonly SeenProcess[]> {
  if (waiting !== undefined) {
    waiting.sinceTick = Math.min(waiting.sinceTick, sinceTick);
    return waiting.seen;
  }
  const seen = last.then(async () => {
    const since = waiting?.sinceTick ?? sinceTick;
    waiting = undefined;
    return scan(since);
  });
  waiting = { seen, sinceTick };
  last = seen.catch(() => undefined);
  return seen;
}

async function scan(sinceTick: number): Promise<readonly SeenProcess[]> {
  const living = (await systemProcesses.list()).filter((facts) => !facts.ended);
  return living.map((facts) => {
    const mark = facts.startTick < sinceTick ? undefined : systemProcesses.runMark(facts.pid);
    return mark === undefined ? facts : { ...facts, mark };
  });
}

/** The one name of a state folder, so that a link to it and the folder itself are the same. */
export function stateFolderName(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

/** Sends a signal; false when nothing took it (gone, or not ours to signal). Negative numbers are groups. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    // Windows has no groups: there only the process itself can be ended.
    process.kill(process.platform === 'win32' ? Math.abs(pid) : pid, signal);
    return true;
  } catch {
    return false;
  }
}
