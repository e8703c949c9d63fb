import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { isOpsException, Secret } from '@qts-ops/core/plugin';
import { expect, it } from 'vitest';
import { slackChannel } from './slack-channel.ts';

const PATH = '/services/T000/B000/plantedSecretValue';

it('posts a critical alert as JSON with a text and one block', async () => {
  await using slack = await startSlack((_request, response) => void response.end('ok'));
  await slackChannel({ webhookUrl: slack.url }).sendCritical('broker is silent');
  expect(slack.posts).toHaveLength(1);
  expect(JSON.parse(slack.posts[0] ?? '')).toMatchObject({
    text: 'CRITICAL: broker is silent',
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*CRITICAL*\nbroker is silent' } }],
  });
});

it('takes the address as a secret and posts a warning', async () => {
  await using slack = await startSlack((_request, response) => void response.end('ok'));
  await slackChannel({ webhookUrl: new Secret('SLACK_WEBHOOK_URL', slack.url) }).sendWarning(
    'disk is filling',
  );
  expect(JSON.parse(slack.posts[0] ?? '')).toMatchObject({ text: 'WARNING: disk is filling' });
});

it('tells how long to wait when Slack limits the rate, and does not try again by itself', async () => {
  await using slack = await startSlack((_request, response) => {
    response.writeHead(429, { 'retry-after': '30' }).end('rate_limited');
  });
  const error = await failureOf(slackChannel({ webhookUrl: slack.url }).sendCritical('x'));
  expect(error).toMatchObject({ code: 'EXT-0502', data: { statusCode: 429, retryAfterMs: 30_000 } });
  expect(slack.posts).toHaveLength(1);
});

it('reports a server error as no answer, which may be tried again', async () => {
  await using slack = await startSlack((_request, response) => void response.writeHead(500).end('oops'));
  const error = await failureOf(slackChannel({ webhookUrl: slack.url }).sendCritical('x'));
  expect(error).toMatchObject({ code: 'EXT-0501', message: 'Slack answered 500: oops' });
});

it.each([400, 403, 404, 410])('reports %i as refused and repeats the reason of Slack', async (status) => {
  await using slack = await startSlack(
    (_request, response) => void response.writeHead(status).end('no_service'),
  );
  const error = await failureOf(slackChannel({ webhookUrl: slack.url }).sendWarning('x'));
  expect(error).toMatchObject({ code: 'EXT-0503', message: `Slack answered ${status}: no_service` });
});

it('gives up after the time-out when Slack accepts the connection and stays silent', async () => {
  await using slack = await startSlack(() => undefined);
  const error = await failureOf(slackChannel({ webhookUrl: slack.url, timeoutMs: 100 }).sendCritical('x'));
  expect(error).toMatchObject({ code: 'EXT-0501', message: 'Slack: no answer within 100 ms' });
});

it('gives up after the time-out when the body of the answer never ends', async () => {
  await using slack = await startSlack((_request, response) => void response.writeHead(200).write('o'));
  const error = await failureOf(slackChannel({ webhookUrl: slack.url, timeoutMs: 100 }).sendCritical('x'));
  expect(error).toMatchObject({ code: 'EXT-0501', message: 'Slack: no answer within 100 ms' });
});

it('names the system code when nobody listens', async () => {
  const slack = await startSlack(() => undefined);
  await slack[Symbol.asyncDispose]();
  const error = await failureOf(slackChannel({ webhookUrl: slack.url }).sendCritical('x'));
  expect(error).toMatchObject({ code: 'EXT-0501', message: 'Slack: no connection (ECONNREFUSED)' });
});

it('does not follow a redirect, which would carry the alert to a stranger', async () => {
  await using slack = await startSlack((_request, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/elsewhere' }).end();
  });
  const error = await failureOf(slackChannel({ webhookUrl: slack.url }).sendCritical('x'));
  expect(error).toMatchObject({ code: 'EXT-0501' });
});

it('never shows the address, not even when the server repeats it', async () => {
  await using slack = await startSlack((request, response) => {
    response
      .writeHead(404)
      .end(`Cannot POST ${request.url ?? ''} http://${request.headers.host ?? ''}${request.url ?? ''}`);
  });
  const error = await failureOf(slackChannel({ webhookUrl: slack.url }).sendCritical('x'));
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain('plantedSecretValue');
});

it.each([
  ['not an address at all', 'plantedSecretValue', 'webhookUrl: not an address'],
  ['http to another machine', 'http://example.com/plantedSecretValue', 'webhookUrl: http: is not allowed'],
  ['a user name in the address', 'https://a:plantedSecretValue@example.com/', 'webhookUrl: a user name'],
])('refuses %s without repeating it', (_what, webhookUrl, message) => {
  const error = thrownBy(() => slackChannel({ webhookUrl }));
  expect(error).toMatchObject({ code: 'INP-0501', message: expect.stringContaining(message) });
  expect(inspect(error, { depth: null })).not.toContain('plantedSecretValue');
});

it('names every wrong option at once', () => {
  const wrong = { webhookUrl: 5, timeoutMs: 0, channel: '#ops' } as unknown as { webhookUrl: string };
  const error = thrownBy(() => slackChannel(wrong));
  expect(error).toMatchObject({ code: 'INP-0501' });
  for (const field of ['webhookUrl', 'timeoutMs', 'channel']) expect(String(error)).toContain(field);
});

interface FakeSlack extends AsyncDisposable {
  readonly url: string;
  /** Bodies of the requests, in order. */
  readonly posts: string[];
}

async function startSlack(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FakeSlack> {
  const posts: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posts.push(Buffer.concat(chunks).toString('utf8'));
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has an address object
  return {
    url: `http://127.0.0.1:${port}${PATH}`,
    posts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function failureOf(sending: void | Promise<void>): Promise<unknown> {
  const error = await Promise.resolve(sending).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(isOpsException(error)).toBe(true);
  return error;
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
