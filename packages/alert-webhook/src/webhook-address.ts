import { type PluginContext, redact, Secret } from '@qts-ops/core/plugin';
import { addressProblem, type CheckedWebhookOptions } from './webhook-options.ts';

/** Where a notice is posted, with every credential in it. */
export interface WebhookAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty unless the receiver is PagerDuty. */
  readonly routingKey: string;
  /** Takes all of these out of a text. */
  readonly hide: (text: string) => string;
}

/**
 * Reads the address and its credentials; anew for each notice, so that changed ones are used after a reload.
 * Gives a reason when the address cannot be used.
 * @throws InputDataException INP-0504 when a reference leads nowhere.
 */
export function readAddress(
  options: CheckedWebhookOptions,
  context: PluginContext,
): WebhookAddress | { readonly problem: string } {
  const url = context.secret(options.url).reveal();
  const problem = addressProblem(url, options.allowHttp);
  if (problem !== undefined) return { problem: `url: ${problem}` };
  const token = options.token === undefined ? '' : context.secret(options.token).reveal();
  const routingKey = options.routingKey === undefined ? '' : context.secret(options.routingKey).reveal();
  const headers = Object.fromEntries(
    Object.entries(options.headers).map(([name, value]) => [name, context.secret(value).reveal()]),
  );
  // A receiver that repeats the request shows path and query without the host.
  const { pathname, search, searchParams } = new URL(url);
  const parts = [
    url,
    pathname,
    search,
    ...searchParams.values(),
    token,
    routingKey,
    ...Object.values(headers),
  ];
  const secrets = parts.filter((part) => part.length > 1).map((part) => new Secret('webhook', part));
  return {
    url,
    routingKey,
    headers: { ...headers, ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
    hide: (text) => context.redact(redact(text, secrets)),
  };
}
