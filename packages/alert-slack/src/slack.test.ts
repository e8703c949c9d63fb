import {
  type AlertReceiver,
  describeAlertChannel,
  HTTP_BEHAVIOURS,
  openChannel,
  type ReceivedNotice,
  type ReceivedRequest,
  type ReceiverBehaviour,
  startHttpReceiver,
} from '@qts-ops/core/testing';
import { expect, it } from 'vitest';
import { type SlackOptions, slack } from './slack.ts';
import { toSlackMessage } from './slack-message.ts';

const PATH = '/services/T000/B000/plantedSecretValue';
const LIMITS = { text: 40_000, header: 150, section: 3_000, field: 2_000, fields: 10, blocks: 50 };

describeAlertChannel('slack', {
  kind: slack,
  behaviours: HTTP_BEHAVIOURS,
  start: startSlack,
  wrongOptions: [
    { options: {}, fields: ['webhookUrl'] },
    {
      options: { webhookUrl: 5, timeoutMs: 0, channel: '#ops' },
      fields: ['webhookUrl', 'timeoutMs', 'channel'],
    },
    { options: { webhookUrl: 'plantedSecretValue' }, fields: ['webhookUrl: not an address'] },
    { options: { webhookUrl: 'http://example.com/plantedSecretValue' }, fields: ['http: is not allowed'] },
    {
      options: { webhookUrl: 'https://a:plantedSecretValue@example.com/' },
      fields: ['a user name or password'],
    },
  ],
});

it.each([
  [400, 'invalid_payload', { status: 'rejected', scope: 'message' }],
  [403, 'action_prohibited', { status: 'rejected', scope: 'channel' }],
  [404, 'no_service', { status: 'rejected', scope: 'channel' }],
  [410, 'channel_is_archived', { status: 'rejected', scope: 'channel' }],
  [429, 'rate_limited', { status: 'retry', pauseChannel: true }],
  [500, 'rollup_error', { status: 'retry' }],
])('reads the answer %i %s of Slack', async (status, body, expected) => {
  expect(await sendTo({ accept: [status, body] })).toEqual({
    ...expected,
    reason: `answered ${status}: ${body}`,
  });
});

it('sends the text alone when Slack does not accept the blocks', async () => {
  const posts: string[] = [];
  const read = (request: ReceivedRequest) => {
    posts.push(request.body);
    if (request.body.includes('"blocks":[{')) throw new Error('invalid_blocks');
    return { text: request.body };
  };
  expect(await sendTo({ read })).toEqual({ status: 'sent' });
  expect(posts).toHaveLength(2);
  expect(JSON.parse(posts[1] ?? '')).toMatchObject({ text: expect.stringContaining('[CRITICAL][FIRING]') });
});

it('does not follow a redirect, which would carry the alert to a stranger', async () => {
  expect(await sendTo({ accept: [302, ''] })).toMatchObject({ status: 'rejected', scope: 'channel' });
});

it.each([
  ['hang', true],
  ['gone', false],
] as const)(
  'says of a Slack that is %s whether it may have the message: %s',
  async (behaviour, mayHaveArrived) => {
    await using receiver = await startSlack(behaviour);
    const channel = await openChannel(slack, { ...receiver.options, timeoutMs: 200 });
    expect(await channel.send()).toMatchObject({ status: 'retry', mayHaveArrived });
  },
);

it('says which variable is missing', async () => {
  const { instance, send } = await openChannel(slack, { webhookUrl: { env: 'NOT_SET_ANYWHERE' } });
  const reason = expect.stringContaining('the environment variable NOT_SET_ANYWHERE is not set');
  expect(await instance.verify?.(new AbortController().signal)).toEqual({ status: 'fail', reason });
  expect(await send()).toEqual({ status: 'rejected', scope: 'channel', reason });
});

it('writes a text for notifications beside the blocks', () => {
  const message = toSlackMessage({ title: '<!here> a', text: 'b', blocks: [{ type: 'divider' }] });
  expect(message).toEqual({
    text: '&lt;!here&gt; a\nb',
    blocks: [{ type: 'divider' }],
    unfurl_links: false,
    unfurl_media: false,
  });
});

interface Script {
  readonly accept?: readonly [number, string];
  readonly read?: (request: ReceivedRequest) => ReceivedNotice;
}

/** Sends one notice to a Slack that answers as told. */
async function sendTo({ accept, read = readSlack }: Script) {
  await using receiver = await startHttpReceiver('accept', {
    options: (origin) => ({ webhookUrl: origin + PATH }),
    secrets: [],
    read,
    accept,
  });
  const channel = await openChannel(slack, receiver.options);
  return await channel.send();
}

function startSlack(behaviour: ReceiverBehaviour): Promise<AlertReceiver<SlackOptions>> {
  return startHttpReceiver(behaviour, {
    options: (origin) => ({ webhookUrl: origin + PATH }),
    secrets: ['plantedSecretValue'],
    read: readSlack,
    refuseMessage: [400, 'invalid_payload'],
    refuseChannel: [404, 'no_service'],
  });
}

/** Refuses what Slack refuses, with its words, and gives back what a person would read. */
function readSlack({ method, path, headers, body }: ReceivedRequest): ReceivedNotice {
  if (method !== 'POST' || path !== PATH || headers['content-type'] !== 'application/json')
    throw new Error('invalid_payload');
  const message: unknown = JSON.parse(body);
  const texts = textsIn(message);
  if (texts.length === 0 || !hasText(message)) throw new Error('no_text');
  if (texts.some((text) => /<[!@#]/.test(text) || text.length > LIMITS.text))
    throw new Error('invalid_payload');
  if (!blocksAreValid(message)) throw new Error('invalid_blocks');
  const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };
  return { text: texts.join('\n').replaceAll(/&(?:lt|gt|amp);/g, (entity) => entities[entity] ?? entity) };
}

function blocksAreValid(message: unknown): boolean {
  const blocks = field(message, 'blocks');
  if (!Array.isArray(blocks) || blocks.length > LIMITS.blocks) return false;
  return blocks.every((block) => {
    const max = field(block, 'type') === 'header' ? LIMITS.header : LIMITS.section;
    const fields = field(block, 'fields') ?? [];
    if (!Array.isArray(fields) || fields.length > LIMITS.fields) return false;
    const fieldsFit = fields.every((one) => lengthOf(one) >= 1 && lengthOf(one) <= LIMITS.field);
    return (
      fieldsFit &&
      (field(block, 'text') === undefined ||
        (lengthOf(field(block, 'text')) >= 1 && lengthOf(field(block, 'text')) <= max))
    );
  });
}

function lengthOf(textObject: unknown): number {
  const text = field(textObject, 'text');
  return typeof text === 'string' ? text.length : 0;
}

function hasText(message: unknown): boolean {
  const text = field(message, 'text');
  return typeof text === 'string' && text !== '';
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
