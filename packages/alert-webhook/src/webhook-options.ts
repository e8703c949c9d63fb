import { secretOption } from '@qts-ops/core/plugin';
import * as z from 'zod';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

/** What a webhook channel needs to know. */
export const WebhookOptionsSchema = z
  .strictObject({
    /** What the receiver understands. `json` holds everything; default. */
    format: z.enum(['json', 'alertmanager', 'pagerduty']).default('json'),
    /** Where to post; it may hold a credential. For `alertmanager` the whole address, ending in `/api/v2/alerts`. */
    url: secretOption.optional(),
    /** Sent as `Authorization: Bearer …`. */
    token: secretOption.optional(),
    /** Integration key of a PagerDuty service (Events API v2). */
    routingKey: secretOption.optional(),
    /** More headers, such as the key of a gateway. */
    headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,60}$/), secretOption).default({}),
    /** True: `http:` also to other machines, for receivers inside a trusted network. */
    allowHttp: z.boolean().default(false),
    /** How long one post may take in all, ms; 10,000 when absent. */
    timeoutMs: z.int().min(100).max(60_000).default(10_000),
  })
  .refine(({ format, url }) => format === 'pagerduty' || url !== undefined, {
    path: ['url'],
    error: 'missing; only pagerduty has an address of its own',
  })
  .refine(({ format, routingKey }) => (format === 'pagerduty') === (routingKey !== undefined), {
    path: ['routingKey'],
    error: 'required for pagerduty and allowed nowhere else',
  })
  .superRefine(({ url, allowHttp }, context) => {
    const problem = literalProblem(url, allowHttp);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['url'], message: problem });
  })
  .transform((options) => ({ ...options, url: options.url ?? PAGERDUTY_URL }));

/** Options of `webhook`. */
export type WebhookOptions = z.input<typeof WebhookOptionsSchema>;

/** Options after every check, with their defaults. */
export type CheckedWebhookOptions = z.output<typeof WebhookOptionsSchema>;

/** What is wrong with the text of an address, without repeating it; undefined when nothing is. */
export function addressProblem(text: string, allowHttp: boolean): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'not an address; allowed: https://…';
  const httpAllowed = allowHttp || LOOPBACK.includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && httpAllowed)) {
    return `${url.protocol} is not allowed; use https: (http: to this machine, or with allowHttp: true)`;
  }
  if (url.username !== '' || url.password !== '') {
    return 'a user name or password in the address is not allowed; use token or headers';
  }
  return undefined;
}

/** A text can be looked at at once; what a reference leads to is known later. */
function literalProblem(value: unknown, allowHttp: boolean): string | undefined {
  return typeof value === 'string' ? addressProblem(value, allowHttp) : undefined;
}
