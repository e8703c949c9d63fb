import {
  type AlertChannelInstance,
  defineAlertChannel,
  isOpsException,
  type PluginContext,
  type RenderedNotice,
  redact,
  Secret,
  type SendCall,
  type SendResult,
  secretOption,
} from '@qts-ops/core/plugin';
import * as z from 'zod';
import { textOnly, toSlackMessage } from './slack-message.ts';
import { addressProblem, postToSlack } from './slack-post.ts';

/** What a Slack channel needs to know. */
const SlackOptionsSchema = z.strictObject({
  /** The incoming webhook of one conversation. It is a credential: whoever knows it can post. */
  webhookUrl: secretOption.refine((value) => literalProblem(value) === undefined, {
    error: ({ input }) => literalProblem(input) ?? 'not an address',
  }),
  /** How long one post may take in all, ms; 10,000 when absent. */
  timeoutMs: z.int().min(100).max(60_000).default(10_000),
});

/** Options of `slack`. */
export type SlackOptions = z.input<typeof SlackOptionsSchema>;

type CheckedOptions = z.output<typeof SlackOptionsSchema>;

/**
 * Posts alerts to one Slack conversation through its incoming webhook: `slack({ webhookUrl: { env: 'NAME' } })`.
 * Calling it throws INP-0501 with every wrong option at once.
 */
export const slack = defineAlertChannel({
  name: 'slack',
  apiVersion: 1,
  options: SlackOptionsSchema,
  capabilities: {
    formats: ['slack-blocks', 'text'],
    titleMax: 150,
    bodyMax: 3_000,
    threads: false,
    idempotent: false,
    // Slack asks for one message a second and tolerates short bursts.
    rate: { perSecond: 1, burst: 3 },
  },
  create: (options, context): AlertChannelInstance => ({
    send: (_notice, rendered, call) => send(options, context, { rendered, call }),
    verify: async () => {
      const address = readAddress(options, context);
      return 'secret' in address
        ? {
            status: 'unknown',
            reason: 'the address is well formed; only a test message shows whether Slack takes it',
          }
        : { status: 'fail', reason: address.reason };
    },
  }),
});

interface Delivery {
  readonly rendered: RenderedNotice;
  readonly call: SendCall;
}

async function send(
  options: CheckedOptions,
  context: PluginContext,
  { rendered, call }: Delivery,
): Promise<SendResult> {
  const address = readAddress(options, context);
  if ('reason' in address) return { status: 'rejected', scope: 'channel', reason: address.reason };
  const post = {
    address: address.secret,
    hide: hiding(address.secret, context),
    call,
    timeoutMs: options.timeoutMs,
  };
  const message = toSlackMessage(rendered);
  const result = await postToSlack(message, post);
  const refused = result.status === 'rejected' && result.scope === 'message';
  // Blocks that Slack does not accept must not cost the alert: once more, as plain text.
  return refused && message.blocks !== undefined ? postToSlack(textOnly(message), post) : result;
}

type Address = { readonly secret: Secret } | { readonly reason: string };

/** Read for each message, so that a new address is used after a reload. */
function readAddress(options: CheckedOptions, context: PluginContext): Address {
  try {
    const secret = context.secret(options.webhookUrl);
    const problem = addressProblem(secret.reveal());
    return problem === undefined ? { secret } : { reason: `webhookUrl: ${problem}` };
  } catch (error) {
    return { reason: isOpsException(error) ? error.message : 'the webhook address cannot be read' };
  }
}

/** A server that repeats the request shows the path without the host, and the path is the secret. */
function hiding(address: Secret, context: PluginContext): (text: string) => string {
  const path = new Secret('webhookUrl', new URL(address.reveal()).pathname);
  return (text) => context.redact(redact(text, [address, path]));
}

/** A text or a wrapped value can be looked at at once; what a reference leads to is known later. */
function literalProblem(value: unknown): string | undefined {
  if (typeof value === 'string') return addressProblem(value);
  const revealed =
    typeof value === 'object' && value !== null && 'reveal' in value ? value.reveal : undefined;
  return typeof revealed === 'function'
    ? addressProblem(String(Reflect.apply(revealed, value, [])))
    : undefined;
}
