import { opsException, Secret } from '@qts-ops/core/plugin';
import * as z from 'zod';
import './slack-errors.ts';

/** What a Slack channel needs to know. */
export const SlackOptionsSchema = z.strictObject({
  /** The incoming webhook of one conversation. It is a credential: whoever knows it can post. */
  webhookUrl: z.union([z.string(), z.custom<Secret>(isSecret, 'allowed: a text or a Secret')]),
  /** How long one post may take in all, ms. */
  timeoutMs: z.int().min(100).max(60_000).default(10_000),
});

/** Options of `slackChannel`: the webhook as a text or a `Secret`; `timeoutMs` 100 to 60,000, 10,000 when absent. */
export interface SlackOptions {
  readonly webhookUrl: string | Secret;
  readonly timeoutMs?: number | undefined;
}

/** Options after every check; the address is wrapped, so that nothing prints it by accident. */
export interface CheckedSlackOptions {
  readonly webhookUrl: Secret;
  readonly timeoutMs: number;
}

/**
 * Checks the options of a Slack channel.
 * @throws InputDataException INP-0501 naming each wrong field, never the address.
 */
export function checkSlackOptions(options: SlackOptions): CheckedSlackOptions {
  const parsed = SlackOptionsSchema.safeParse(options);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`,
    );
    throw opsException('INP-0501', problems.join('; '), { data: { fields: problems } });
  }
  const { webhookUrl, timeoutMs } = parsed.data;
  const secret = typeof webhookUrl === 'string' ? new Secret('webhookUrl', webhookUrl) : webhookUrl;
  const problem = addressProblem(secret.reveal());
  if (problem !== undefined) throw opsException('INP-0501', problem, { data: { fields: ['webhookUrl'] } });
  return { webhookUrl: secret, timeoutMs };
}

/** Recognised by its method, not its class: two copies of the core package may be loaded. */
function isSecret(value: unknown): value is Secret {
  return (
    typeof value === 'object' && value !== null && 'reveal' in value && typeof value.reveal === 'function'
  );
}

function addressProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'webhookUrl: not an address; allowed: https://hooks.slack.com/services/…';
  const { protocol, hostname, username, password } = new URL(text);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && loopback)) {
    return `webhookUrl: ${protocol} is not allowed; use https: (http: only to this machine)`;
  }
  if (username !== '' || password !== '')
    return 'webhookUrl: a user name or password in the address is not allowed';
  return undefined;
}
