import { type ActResult, isOpsException, type OpsClient, remedyOf } from '@qts-ops/core/client';
import { problemText } from './problem-text.ts';
import { isAlertAct, isSilenceAct } from './state/act.ts';
import type { Answer } from './state/actions.ts';
import type { PendingAct } from './state/dialog.ts';

/** The target moved on since the request was decided. */
const MOVED_ON = 'BAT-0105';

/** The engine was not heard: the act may or may not have happened. */
const UNHEARD: ReadonlySet<string> = new Set(['EXT-0105', 'EXT-0107']);

/** Letters of a value that a silence matches. */
const MATCHER_MOST = 200;

/** Sends one act exactly as it was confirmed, once, and says how the engine answered. Never throws. */
export async function sendAct(
  client: OpsClient | undefined,
  pending: PendingAct,
  newRequestId: () => string,
): Promise<Answer> {
  if (client === undefined)
    return { kind: 'unknown', problem: 'the connection was lost before the request was sent' };
  try {
    const { auditSeq, executionId, repeated } = await perform(client, pending);
    return { kind: 'accepted', auditSeq, executionId, repeated };
  } catch (error) {
    if (!isOpsException(error) || UNHEARD.has(error.code))
      return { kind: 'unknown', problem: problemText(error) };
    if (error.code === MOVED_ON) return movedOn(client, pending, newRequestId);
    return { kind: 'refused', code: error.code, problem: error.message, remedy: remedyOf(error) };
  }
}

function perform(client: OpsClient, pending: PendingAct): Promise<ActResult> {
  const { act, subjectId, executionId, reason, requestId, expectedRevision, forMs } = pending;
  const request = { reason, requestId, expectedRevision };
  switch (act) {
    case 'run':
      return client.trigger(subjectId, request);
    case 'pause':
      return client.pause(subjectId, request);
    case 'resume':
      return client.resume(subjectId, request);
    case 'stop':
      // A stop dialog cannot open without the execution it is about.
      if (executionId === undefined) throw new TypeError('stop: no execution was chosen');
      return client.stop(executionId, request);
    case 'reset':
      return client.reset(subjectId, request);
    case 'acknowledge':
      return client.acknowledge(subjectId, { reason, requestId, forMs });
    case 'unacknowledge':
      return client.unacknowledge(subjectId, { reason, requestId });
    case 'silence':
      // A silence dialog cannot open without a time.
      if (forMs === undefined) throw new TypeError('silence: no time was chosen');
      return client.silence({ reason, requestId, forMs, matchers: [keyMatcher(pending.name)] });
    case 'unsilence':
      return client.expireSilence(subjectId, { reason, requestId });
    default:
      return act satisfies never;
  }
}

/** A silence of exactly this key; of a very long one, of all that begin alike. */
function keyMatcher(dedupKey: string): string {
  const short = dedupKey.length > MATCHER_MOST ? `${dedupKey.slice(0, MATCHER_MOST - 1)}*` : dedupKey;
  return `dedupKey=${short}`;
}

/** The answer to a refused revision is the target as it is now; the next request is another one. */
async function movedOn(client: OpsClient, pending: PendingAct, newRequestId: () => string): Promise<Answer> {
  const { act, subjectId, executionId } = pending;
  try {
    if (isAlertAct(act)) {
      return {
        kind: 'moved',
        subject: { act, alert: await client.alert(subjectId) },
        requestId: newRequestId(),
      };
    }
    // A silence has no revision that it could have moved on from.
    if (isSilenceAct(act)) return { kind: 'refused', code: MOVED_ON, problem: 'it has moved on', remedy: [] };
    const target = await client.target(subjectId);
    const scope = executionId === undefined ? {} : { executionId };
    return { kind: 'moved', subject: { act, target, ...scope }, requestId: newRequestId() };
  } catch (error) {
    return {
      kind: 'refused',
      code: MOVED_ON,
      problem: `it has moved on; ${problemText(error)}`,
      remedy: [],
    };
  }
}
