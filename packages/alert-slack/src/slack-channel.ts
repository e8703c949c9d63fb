import { type AlertChannel, type OpsException, opsException, redact, Secret } from '@qts-ops/core/plugin';
import { IncomingWebhook } from '@slack/webhook';
import { type AlertLevel, toSlackMessage } from './slack-message.ts';
import { type CheckedSlackOptions, checkSlackOptions, type SlackOptions } from './slack-options.ts';

/** Longest piece of Slack's answer that is repeated in an error. */
const ANSWER_MAX_CHARACTERS = 200;

/**
 * A channel that posts to one Slack conversation through its incoming webhook. One attempt per call: whoever calls
 * decides about a further one.
 * @throws InputDataException INP-0501 at once when an option is wrong; sending rejects with EXT-0501 (no answer),
 * EXT-0502 (rate limit, `data.retryAfterMs` when Slack says how long) or EXT-0503 (refused).
 */
export function slackChannel(options: SlackOptions): AlertChannel {
  const checked = checkSlackOptions(options);
  return {
    sendCritical: (message) => post(checked, 'CRITICAL', message),
    sendWarning: (message) => post(checked, 'WARNING', message),
  };
}

async function post(options: CheckedSlackOptions, level: AlertLevel, message: string): Promise<void> {
  let retryAfter: string | null = null;
  const webhook = new IncomingWebhook(options.webhookUrl.reveal(), {
    timeout: options.timeoutMs,
    // The library's error does not carry headers, so the one header that matters is read here.
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      retryAfter = response.headers.get('retry-after');
      return response;
    },
  });
  try {
    await webhook.send(toSlackMessage(level, message));
  } catch (error) {
    throw explain(error, options, retryAfter);
  }
}

/** The library's error is not kept as a cause: it may hold the address of the webhook. */
function explain(error: unknown, options: CheckedSlackOptions, retryAfter: string | null): OpsException {
  const answer = httpAnswer(error);
  if (answer === undefined) {
    return opsException('EXT-0501', `Slack: ${networkReason(error, options)}`, {
      data: { timeoutMs: options.timeoutMs },
    });
  }
  const said = harmless(answer.body, options.webhookUrl);
  const message = `Slack answered ${answer.statusCode}${said === '' ? '' : `: ${said}`}`;
  if (answer.statusCode === 429) {
    const retryAfterMs = retryAfterToMs(retryAfter);
    const data = { statusCode: 429, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    return opsException('EXT-0502', message, { data });
  }
  const code = answer.statusCode >= 500 ? 'EXT-0501' : 'EXT-0503';
  return opsException(code, message, { data: { statusCode: answer.statusCode } });
}

/** Status and body of the library's HTTP error; recognised by its fields, because two copies of it may be loaded. */
function httpAnswer(error: unknown): { statusCode: number; body: string } | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  if (typeof error.statusCode !== 'number') return undefined;
  const body = 'body' in error && typeof error.body === 'string' ? error.body : '';
  return { statusCode: error.statusCode, body };
}

/** The innermost system code (`ECONNREFUSED`, …) or the time-out, without any text that could hold the address. */
function networkReason(error: unknown, options: CheckedSlackOptions): string {
  for (
    let current = error, depth = 0;
    depth < 6 && current instanceof Error;
    current = current.cause, depth += 1
  ) {
    if (current.name === 'TimeoutError') return `no answer within ${options.timeoutMs} ms`;
    if ('code' in current && typeof current.code === 'string' && /^E[A-Z]+$/.test(current.code)) {
      return `no connection (${current.code})`;
    }
  }
  return 'no connection';
}

function harmless(body: string, webhookUrl: Secret): string {
  const line = body.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  const path = new Secret('webhookUrl', new URL(webhookUrl.reveal()).pathname);
  return redact(line, [webhookUrl, path]).slice(0, ANSWER_MAX_CHARACTERS);
}

/** Slack sends whole seconds; anything else says nothing. */
function retryAfterToMs(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}
