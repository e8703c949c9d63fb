import { type Profiler, Session } from 'node:inspector';

const SAMPLE_MS = 200;
const SAMPLE_INTERVAL_US = 5000;
/** A thread that waits in the system does not answer; then there is nothing to sample. */
const ANSWER_MS = 500;

/**
 * Samples the main thread for 200 ms and names the place where most of the time went, as `function (file:line)`.
 * Sampling does not pause the thread. Absent when it runs no JavaScript.
 */
export async function hottestPlace(): Promise<string | undefined> {
  const session = new Session();
  try {
    session.connectToMainThread();
    const profile = await Promise.race([sample(session), after(ANSWER_MS)]);
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

/** Frames without a file are the engine's own (garbage collector, idle): they name no culprit. */
function hottestFrame(profile: Profiler.Profile): string | undefined {
  const frames = profile.nodes.filter((node) => node.callFrame.url !== '');
  const hottest = frames.reduce((a, b) => ((b.hitCount ?? 0) > (a?.hitCount ?? 0) ? b : a), frames[0]);
  if (hottest === undefined || (hottest.hitCount ?? 0) === 0) return undefined;
  const { functionName, url, lineNumber } = hottest.callFrame;
  const ticks = hottest.positionTicks ?? [];
  const line = ticks.reduce((a, b) => (b.ticks > a.ticks ? b : a), { line: lineNumber + 1, ticks: 0 }).line;
  return `${functionName || '(anonymous)'} (${url}:${line})`;
}

function after(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined));
}
