import { type Profiler, Session } from 'node:inspector';

const SAMPLE_MS = 200;
const SAMPLE_INTERVAL_US = 5000;
/**
 * A thread that waits in the system does not answer; then there is nothing to sample. Counted in turns of our own, which
 * a busy machine stretches as it stretches the answer.
 */
const ANSWER_TURNS = 50;
const TURN_MS = 20;

/**
 * Samples the main thread for 200 ms and names the place where most of the time went, as `function (file:line)`.
 * Sampling does not pause the thread. Absent when it runs no JavaScript.
 */
export async function hottestPlace(): Promise<string | undefined> {
  const session = new Session();
  try {
    session.connectToMainThread();
    const profile = await Promise.race([sample(session), afterTurns(ANSWER_TURNS)]);
    return profile === undefined ? undefined : hottestFrame(profile);
  } catch {
    return undefined; // somebody else's inspector is at work
  } finally {
    session.disconnect();
  }
}

async function sample(session: Session): Promise<Profiler.Profile> {
  await post(session, 'Profiler.enable');
  await post(session, 'Profiler.setSamplingInterval', { interval: SAMPLE_INTERVAL_US });
  await post(session, 'Profiler.start');
  await after(SAMPLE_MS);
  return new Promise((resolve, reject) => {
    session.post('Profiler.stop', (error, result) =>
      error === null ? resolve(result.profile) : reject(error),
    );
  });
}

function post(session: Session, method: string, params: object = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    session.post(method, params, (error) => (error === null ? resolve() : reject(error)));
  });
}

/**
 * Time in the engine's own code (garbage collector, `node:` modules) counts for the code that called it.
 * Idle time and the loop itself have no such caller and name no culprit.
 */
function hottestFrame(profile: Profiler.Profile): string | undefined {
  const callers = new Map<number, Profiler.ProfileNode>();
  for (const node of profile.nodes) for (const child of node.children ?? []) callers.set(child, node);
  const hits = new Map<Profiler.ProfileNode, number>();
  for (const node of profile.nodes) {
    let owner: Profiler.ProfileNode | undefined = node;
    while (owner !== undefined && !isOfAFile(owner)) owner = callers.get(owner.id);
    if (owner !== undefined) hits.set(owner, (hits.get(owner) ?? 0) + (node.hitCount ?? 0));
  }
  const [hottest] = [...hits].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  return hottest === undefined ? undefined : placeOf(hottest[0]);
}

function isOfAFile(node: Profiler.ProfileNode): boolean {
  return node.callFrame.url !== '' && !node.callFrame.url.startsWith('node:');
}

/** The line is where the function begins: lines of single samples are wrong where calls were inlined. */
function placeOf(node: Profiler.ProfileNode): string {
  const { functionName, url, lineNumber } = node.callFrame;
  return `${functionName || '(anonymous)'} (${url}:${lineNumber + 1})`;
}

async function afterTurns(turns: number): Promise<undefined> {
  for (let turn = 0; turn < turns; turn += 1) await after(TURN_MS);
}

function after(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined));
}
