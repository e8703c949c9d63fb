import { cleanLine, cutText } from '../kernel/plain-text.ts';
import type { AlertChannel, AlertNotice, RenderedNotice, SendResult } from './alert-channel.ts';
import { type ChannelEntry, defineAlertChannel } from './define-alert-channel.ts';
import type { Plugin } from './plugin.ts';
import type { OptionsSchema } from './plugin-options.ts';

const REASON_MAX_CHARACTERS = 256;
const ALLOWED = 'allowed is an object with the functions sendCritical and sendWarning';

/** The two verbs are functions, which no schema library needs to describe. */
const CallablesSchema: OptionsSchema<{ readonly channel: AlertChannel }> = {
  '~standard': {
    version: 1,
    vendor: 'qts-ops',
    validate: (value) =>
      hasChannel(value) ? { value } : { issues: [{ message: ALLOWED, path: ['channel'] }] },
  },
};

const callables = defineAlertChannel({
  name: 'callables',
  apiVersion: 1,
  options: CallablesSchema,
  capabilities: {
    formats: ['text'],
    titleMax: 150,
    bodyMax: 4_000,
    threads: false,
    idempotent: false,
    rate: { perSecond: 1, burst: 10 },
  },
  create: ({ channel }, context) => ({
    send: async (notice, rendered, call): Promise<SendResult> => {
      if (call.signal.aborted) return { status: 'retry', reason: 'stopped before sending' };
      try {
        await settledOrStopped(speak(channel, notice, rendered), call.signal);
        return { status: 'sent' };
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        return {
          status: 'retry',
          reason: cutText(cleanLine(context.redact(text)), REASON_MAX_CHARACTERS) || 'it threw',
        };
      }
    },
  }),
});

/**
 * A channel from the two verbs of the specification. CRITICAL and ERROR go to `sendCritical`, the rest to
 * `sendWarning`; a verb that throws is tried again later. Its id is `callables` unless one is given.
 */
export function fromCallables(channel: AlertChannel, entry: ChannelEntry = {}): Plugin {
  return callables({ ...entry, channel });
}

async function speak(
  channel: AlertChannel,
  notice: AlertNotice,
  { title, text }: RenderedNotice,
): Promise<void> {
  const message = `${title}\n\n${text}`;
  const grave = notice.level === 'CRITICAL' || notice.level === 'ERROR';
  await (grave ? channel.sendCritical(message) : channel.sendWarning(message));
}

/** A verb takes no signal, so a hanging one is left alone when the engine stops waiting. */
function settledOrStopped(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(new Error('no end within the time allowed'));
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  return promise;
}

function hasChannel(value: unknown): value is { readonly channel: AlertChannel } {
  if (typeof value !== 'object' || value === null || !('channel' in value)) return false;
  const { channel } = value;
  return isVerb(channel, 'sendCritical') && isVerb(channel, 'sendWarning');
}

function isVerb(channel: unknown, name: string): boolean {
  return typeof channel === 'object' && channel !== null && typeof Reflect.get(channel, name) === 'function';
}
