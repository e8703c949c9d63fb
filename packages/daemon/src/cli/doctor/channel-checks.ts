import type { OpsConfig } from '@qts-ops/core';
import { type ChannelView, connectSocket, resolveSocket } from '@qts-ops/core/client';
import { type DoctorCheck, ok, warn } from './doctor-check.ts';

/** So long an engine may take, as for `status`; the system accepts connections even for one that stands still. */
const ANSWER_MS = 5000;

/** What an engine told of its channels, or what kept it from answering. */
export type Asked = { readonly channels: readonly ChannelView[] } | { readonly problem: unknown };

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

/** Asks the engine of a state folder a question that only a working one answers. */
export async function askOfChannels(stateFolder: string, operatorId: string): Promise<Asked> {
  const socketPath = resolveSocket(stateFolder);
  await using client = connectSocket({ socketPath, operatorId, timeoutMs: ANSWER_MS });
  try {
    return { channels: await client.channels() };
  } catch (problem) {
    return { problem };
  }
}

/** How the channels of a running engine are doing; that none answers is told by the check of its socket. */
export function channelChecks(asked: Asked): readonly DoctorCheck[] {
  return 'problem' in asked ? [] : asked.channels.map(channelCheck);
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
