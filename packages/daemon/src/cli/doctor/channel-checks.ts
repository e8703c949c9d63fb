import type { OpsConfig } from '@qts-ops/core';
import { type ChannelView, connectSocket, isOpsException, resolveSocket } from '@qts-ops/core/client';
import { type DoctorCheck, fail, ok, textOfError, warn } from './doctor-check.ts';

/** An engine that turns tells of its channels within this time, ms. */
const ANSWER_MS = 2000;

/** Whether alerts reach a person who looks at no screen: the specification wants mail for all of them. */
export function mailCheck({ watch }: OpsConfig): DoctorCheck {
  const mail = watch.channels.filter(({ definition }) => definition.name === 'email').map(({ id }) => id);
  if (mail.length > 0) return ok('alerts', `mail goes through ${mail.join(', ')}`);
  const others = watch.channels.map(({ id }) => id);
  const instead = others.length === 0 ? 'the log only' : `${others.join(', ')} and the log`;
  return warn(
    'alerts',
    `no mail channel is configured; alerts go to ${instead}`,
    "add email({ … }) of @qts-ops/alert-email to 'plugins', then: qts-ops alerts test --channel email",
  );
}

/** How the channels of a running engine are doing; nothing when none runs. */
export async function channelChecks(
  stateFolder: string,
  operatorId: string,
): Promise<readonly DoctorCheck[]> {
  const socketPath = resolveSocket(stateFolder);
  await using client = connectSocket({ socketPath, operatorId, timeoutMs: ANSWER_MS });
  try {
    return (await client.channels()).map(channelCheck);
  } catch (error) {
    // That no engine answers is told by the check of its socket.
    if (isOpsException(error) && (error.code === 'EXT-0105' || error.code === 'EXT-0107')) return [];
    return [fail('channels', textOfError(error), 'look at the log of the engine')];
  }
}

function channelCheck({ id, kind, state, pending, problem, lastSentAtMs }: ChannelView): DoctorCheck {
  const sent =
    lastSentAtMs === undefined ? 'nothing sent yet' : `sent ${new Date(lastSentAtMs).toISOString()}`;
  const text = `${id} (${kind}): ${state}, ${pending} waiting, ${sent}`;
  if (state === 'ok') return ok('channel', text);
  const why = problem === undefined ? '' : `: ${problem}`;
  return warn(
    'channel',
    `${text}${why}`,
    `qts-ops alerts test --channel ${id} shows what the other side says`,
  );
}
