import {
  type HttpAnswer,
  readAnswer,
  resultOfAnswer,
  resultOfNetworkError,
  type Secret,
  type SendCall,
  type SendResult,
} from '@qts-ops/core/plugin';
import { IncomingWebhook } from '@slack/webhook';
import type { SlackMessage } from './slack-message.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** Where and how long one message is posted. */
export interface SlackPost {
  readonly address: Secret;
  /** Takes secrets out of what Slack answers. */
  readonly hide: (text: string) => string;
  readonly call: SendCall;
  readonly timeoutMs: number;
}

/** Posts once and says what became of it; never rejects. */
export async function postToSlack(message: SlackMessage, post: SlackPost): Promise<SendResult> {
  const { call, hide } = post;
  if (call.signal.aborted) return { status: 'retry', reason: 'stopped before sending' };
  let answer: HttpAnswer | undefined;
  const remainingMs = Math.max(0, Math.min(post.timeoutMs, call.deadlineMs - call.nowMs));
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(remainingMs)]);
  const webhook = new IncomingWebhook(post.address.reveal(), {
    retryConfig: { retries: 0 },
    // The library waits for ever and drops the headers of an error, so the request is made here. A redirect is not
    // followed: it would carry the alert to a stranger.
    fetch: async (url, init) => {
      answer = await readAnswer(await fetch(url, { ...init, signal, redirect: 'manual' }));
      return new Response(null, { status: 200 });
    },
  });
  try {
    await webhook.send({ ...message, blocks: slackBlocks(message) });
  } catch (error) {
    // The error itself is dropped: it may hold the address.
    return resultOfNetworkError(error);
  }
  if (answer === undefined) return { status: 'retry', reason: 'no answer' };
  return resultOfAnswer({ ...answer, body: hide(answer.body) }, call.nowMs);
}

/** What is wrong with the text of an address, without repeating it; undefined when nothing is. */
export function addressProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'not an address; allowed: https://hooks.slack.com/services/…';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.includes(url.hostname))) {
    return `${url.protocol} is not allowed; use https: (http: only to this machine)`;
  }
  if (url.username !== '' || url.password !== '')
    return 'a user name or password in the address is not allowed';
  return undefined;
}

type SlackBlocks = NonNullable<Exclude<Parameters<IncomingWebhook['send']>[0], string>['blocks']>;

function slackBlocks({ blocks = [] }: SlackMessage): SlackBlocks {
  return [...blocks] as unknown as SlackBlocks; // the renderer makes blocks as Slack describes them, in plain types
}
