import { isOpsException } from '../kernel/ops-exception.ts';
import type {
  AlertChannel,
  AlertChannelInstance,
  AlertNotice,
  ChannelCapabilities,
  PluginContext,
  SendResult,
} from '../ports/alert-channel.ts';
import type { ConfiguredChannel } from '../ports/plugin.ts';
import type { AlertSignal } from '../watch/alerts/alert.ts';
import { LOG_CHANNEL } from '../watch/alerts/alert-settings.ts';
import type { BoundChannel } from '../watch/alerts/channel-lane.ts';

/** Lines that are written to the log at once; a line that is there twice after a crash does no harm. */
const LINES_AT_ONCE = 100;

/** What the log can carry. */
export const LOG_CAPABILITIES: ChannelCapabilities = {
  formats: ['notice'],
  titleMax: 150,
  bodyMax: 4000,
  threads: false,
  idempotent: false,
  network: false,
  rate: { perSecond: 1000, burst: 1000 },
};

/**
 * The channel that is always there, over the two verbs of the specification. It stands in the outbox like every other
 * one, so that a line that was not written before a death is written after it.
 */
export function logChannel(channel: AlertChannel): BoundChannel {
  return {
    id: LOG_CHANNEL,
    kind: 'log',
    capabilities: LOG_CAPABILITIES,
    atOnce: LINES_AT_ONCE,
    instance: {
      send: async (notice): Promise<SendResult> => {
        await speak(channel, notice);
        return { status: 'sent' };
      },
    },
  };
}

/** CRITICAL and ERROR are critical to a channel with two verbs; what is over never is. */
export function isCriticalVerb(notice: Pick<AlertNotice, 'level' | 'state'>): boolean {
  return notice.state !== 'resolved' && (notice.level === 'CRITICAL' || notice.level === 'ERROR');
}

/** Says signals that could not be recorded. */
export function sayLost(channel: AlertChannel, signals: readonly AlertSignal[]): void {
  for (const signal of signals) {
    if (signal.kind !== 'raise') continue;
    const level = signal.level;
    void speak(channel, { level, state: 'firing', summary: signal.message, maybeRepeat: false }).catch(
      () => undefined,
    );
  }
}

async function speak(
  channel: AlertChannel,
  notice: Pick<AlertNotice, 'level' | 'state' | 'summary' | 'maybeRepeat'>,
): Promise<void> {
  const text = notice.maybeRepeat ? `${notice.summary} (possible repeat)` : notice.summary;
  await (isCriticalVerb(notice) ? channel.sendCritical(text) : channel.sendWarning(text));
}

/** The channels of the config. One that cannot be made stops nobody: it is made again at every attempt. */
export function bindChannels(
  configured: readonly ConfiguredChannel[],
  contextOf: (owner: string) => PluginContext,
): readonly BoundChannel[] {
  return configured.map((entry) => ({
    id: entry.id,
    kind: entry.definition.name,
    capabilities: entry.definition.capabilities,
    instance: madeWhenNeeded(entry, () => contextOf(entry.id)),
  }));
}

function madeWhenNeeded(entry: ConfiguredChannel, context: () => PluginContext): AlertChannelInstance {
  let made: Promise<AlertChannelInstance> | undefined;
  const create = async () => entry.definition.create(entry.options, context());
  const make = async (): Promise<AlertChannelInstance> => {
    const making = made ?? create();
    made = making;
    try {
      return await making;
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
  return {
    send: async (notice, rendered, call) => {
      let instance: AlertChannelInstance;
      try {
        instance = await make();
      } catch (error) {
        return { status: 'rejected', scope: 'channel', reason: `cannot be made: ${textOf(error)}` };
      }
      return instance.send(notice, rendered, call);
    },
    verify: async (signal) => {
      try {
        const instance = await make();
        return (await instance.verify?.(signal)) ?? { status: 'unknown' };
      } catch (error) {
        return { status: 'fail', reason: textOf(error) };
      }
    },
    close: async () => {
      const instance = await made?.catch(() => undefined);
      await instance?.close?.();
    },
  };
}

function textOf(error: unknown): string {
  if (isOpsException(error)) return `${error.code} ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
