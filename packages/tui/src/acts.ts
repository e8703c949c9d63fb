import { type ActResult, isOpsException, type OpsClient, remedyOf } from '@qts-ops/core/client';
import { problemText } from './problem-text.ts';
import type { Answer } from './state/actions.ts';
import type { PendingAct } from './state/dialog.ts';

/** The target moved on since the request was decided. */
const MOVED_ON = 'BAT-0105';

/** The engine was not heard: the act may or may not have happened. */
const UNHEARD: ReadonlySet<string> = new Set(['EXT-0105', 'EXT-0107']);

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
  const { act, targetId, executionId, reason, requestId, expectedRevision } = pending;
  const request = { reason, requestId, expectedRevision };
  switch (act) {
    case 'run':
      return client.trigger(targetId, request);
    case 'pause':
      return client.pause(targetId, request);
    case 'resume':
      return client.resume(targetId, request);
    case 'stop':
      // A stop dialog cannot open without the execution it is about.
      if (executionId === undefined) throw new TypeError('stop: no execution was chosen');
      return client.stop(executionId, request);
    case 'reset':
      return client.reset(targetId, request);
    default:
      return act satisfies never;
  }
}

/** The answer to a refused revision is the target as it is now; the next request is another one. */
async function movedOn(client: OpsClient, pending: PendingAct, newRequestId: () => string): Promise<Answer> {
  try {
    const target = await client.target(pending.targetId);
    return { kind: 'moved', target, requestId: newRequestId() };
  } catch (error) {
    return {
      kind: 'refused',
      code: MOVED_ON,
      problem: `the target has moved on; ${problemText(error)}`,
      remedy: [],
    };
  }
}
