import {
  type AlertNotice,
  defineAlertChannel,
  isOpsException,
  type PluginContext,
  type RenderedNotice,
  readAnswer,
  resultOfAnswer,
  resultOfNetworkError,
  type SendCall,
  type SendResult,
} from '@qts-ops/core/plugin';
import { alertmanagerBody } from './alertmanager-body.ts';
import { jsonBody } from './json-body.ts';
import { pagerdutyBody } from './pagerduty-body.ts';
import { readAddress, type WebhookAddress } from './webhook-address.ts';
import { type CheckedWebhookOptions, WebhookOptionsSchema } from './webhook-options.ts';

/**
 * Posts alerts as JSON: plainly, as Alertmanager or as PagerDuty takes them: `webhook({ url: { env: 'NAME' } })`.
 * Calling it throws INP-0501 with every wrong option at once.
 */
export const webhook = defineAlertChannel({
  name: 'webhook',
  apiVersion: 1,
  options: WebhookOptionsSchema,
  capabilities: {
    formats: ['text', 'notice'],
    titleMax: 300,
    bodyMax: 8_000,
    threads: false,
    // By the Idempotency-Key, by the labels of Alertmanager, by the dedup_key of PagerDuty.
    idempotent: true,
    rate: { perSecond: 2, burst: 20 },
  },
  create: (options, context) => ({
    send: (notice, rendered, call) =>
      withAddress(options, context, (address) => post({ notice, rendered, call }, address, options)),
    verify: async () => {
      const found = await withAddress(options, context, async () => ({ status: 'sent' }));
      return found.status === 'sent'
        ? { status: 'unknown', reason: 'address and credentials can be read; only a test message shows more' }
        : { status: 'fail', reason: found.reason };
    },
  }),
});

interface Delivery {
  readonly notice: AlertNotice;
  readonly rendered: RenderedNotice;
  readonly call: SendCall;
}

/** An address that cannot be read or used is a matter of the channel, not of the notice. */
async function withAddress(
  options: CheckedWebhookOptions,
  context: PluginContext,
  use: (address: WebhookAddress) => Promise<SendResult>,
): Promise<SendResult> {
  let reason: string;
  try {
    const address = readAddress(options, context);
    if ('url' in address) return await use(address);
    reason = address.problem;
  } catch (error) {
    reason = isOpsException(error) ? error.message.slice(0, 256) : 'the address cannot be read';
  }
  return { status: 'rejected', scope: 'channel', reason };
}

async function post(
  delivery: Delivery,
  address: WebhookAddress,
  options: CheckedWebhookOptions,
): Promise<SendResult> {
  const { notice, call } = delivery;
  if (call.signal.aborted) return { status: 'retry', reason: 'stopped before sending' };
  const remainingMs = Math.max(0, Math.min(options.timeoutMs, call.deadlineMs - call.nowMs));
  try {
    const response = await fetch(address.url, {
      method: 'POST',
      headers: { ...address.headers, 'content-type': 'application/json', 'idempotency-key': notice.id },
      body: JSON.stringify(bodyFor(options.format, delivery, address)),
      // A redirect is not followed: it would carry the alert and its credentials to a stranger.
      redirect: 'manual',
      signal: AbortSignal.any([call.signal, AbortSignal.timeout(remainingMs)]),
    });
    const answer = await readAnswer(response);
    return resultOfAnswer({ ...answer, body: address.hide(answer.body) }, call.nowMs);
  } catch (error) {
    return resultOfNetworkError(error);
  }
}

function bodyFor(
  format: CheckedWebhookOptions['format'],
  { notice, rendered }: Delivery,
  { routingKey }: WebhookAddress,
): object {
  switch (format) {
    case 'json':
      return jsonBody(notice, rendered);
    case 'alertmanager':
      return alertmanagerBody(notice, rendered);
    case 'pagerduty':
      return pagerdutyBody(notice, rendered, routingKey);
    default:
      return format satisfies never;
  }
}
