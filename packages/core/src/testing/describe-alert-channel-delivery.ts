import assert from 'node:assert/strict';
import { ALERT_LEVELS, NOTICE_REASONS } from '../ports/alert-channel.ts';
import { until } from './contract-case.ts';
import type {
  AlertChannelContract,
  ChannelCase,
  ChannelStage,
  OnStage,
} from './describe-alert-channel-cases.ts';

/** What arrives when the receiver takes it. */
export function channelDeliveryCases<I>(
  contract: AlertChannelContract<I>,
  onStage: OnStage<I>,
): readonly ChannelCase[] {
  return [
    {
      title: 'delivers a notice with its title',
      run: onStage('accept', async (stage) => {
        await delivered(stage, { title: 'the broker is silent' });
        assert.ok(lastText(stage).includes('the broker is silent'));
      }),
    },
    {
      title: 'delivers every reason, level and state',
      run: onStage('accept', async (stage) => {
        for (const reason of NOTICE_REASONS) await delivered(stage, { reason });
        for (const level of ALERT_LEVELS) await delivered(stage, { level });
        await delivered(stage, { state: 'acknowledged' });
        await delivered(stage, { state: 'resolved', reason: 'resolved', resolvedAtMs: 1_800_000_000_000 });
      }),
    },
    {
      title: 'carries Korean and emoji unharmed',
      run: onStage('accept', async (stage) => {
        await delivered(stage, { title: '브로커 응답 없음 👩‍🔧', language: 'ko' });
        assert.ok(lastText(stage).includes('브로커 응답 없음 👩‍🔧'));
      }),
    },
    ...oddTextCases(onStage),
    ...repeatCases(contract, onStage),
    {
      title: 'sends fifty notices at once',
      run: onStage('accept', async ({ send, receiver }) => {
        const numbers = Array.from({ length: 50 }, (_, number) => number);
        const results = await Promise.all(
          numbers.map((number) => send({ id: `notice-${number}`, title: `number ${number};` })),
        );
        assert.deepEqual([...new Set(results.map(({ status }) => status))], ['sent']);
        await until(() => receiver.received.length >= 50, 'fifty notices arrive');
        const texts = receiver.received.map(({ text }) => text);
        assert.deepEqual(
          numbers.filter((number) => !texts.some((text) => text.includes(`number ${number};`))),
          [],
        );
      }),
    },
  ];
}

function oddTextCases<I>(onStage: OnStage<I>): readonly ChannelCase[] {
  return [
    {
      title: 'delivers a notice whose texts are empty',
      run: onStage('accept', (stage) =>
        delivered(stage, { title: '', summary: '', fields: [], remedy: [], environment: '' }),
      ),
    },
    {
      title: 'delivers a notice that is far too long',
      run: onStage('accept', (stage) =>
        delivered(stage, {
          title: '&<한🙂'.repeat(1_000),
          summary: '&<한🙂'.repeat(50_000),
          fields: Array.from({ length: 200 }, (_, index) => ({
            label: `${index}`,
            value: '🙂&'.repeat(5_000),
          })),
          remedy: Array.from({ length: 50 }, () => '<&'.repeat(3_000)),
        }),
      ),
    },
    {
      title: 'carries no control characters, no terminal sequences and no mentions',
      run: onStage('accept', async (stage) => {
        const hostile = 'a\u0000\u001b[31m\u202eb <!channel> \r\nBcc: planted@example.com';
        await delivered(stage, {
          title: hostile,
          summary: hostile,
          fields: [{ label: hostile, value: hostile }],
        });
        assert.doesNotMatch(lastText(stage), /[\u0000\u001b\u202e]/);
      }),
    },
  ];
}

function repeatCases<I>({ kind }: AlertChannelContract<I>, onStage: OnStage<I>): readonly ChannelCase[] {
  const { idempotent, threads } = kind.definition.capabilities;
  return [
    {
      title: 'gives every attempt of one notice the same key and other notices other keys',
      ...(idempotent ? {} : { skip: 'the channel does not say that it is idempotent' }),
      run: onStage('accept', async (stage) => {
        await delivered(stage, { id: 'notice-a' });
        await delivered(stage, { id: 'notice-a', maybeRepeat: true });
        await delivered(stage, { id: 'notice-b' });
        const [first, again, other] = stage.receiver.received.map(({ key }) => key);
        assert.ok(first !== undefined && first !== '', 'the receiver saw no key');
        assert.equal(again, first);
        assert.notEqual(other, first);
      }),
    },
    {
      title: 'shows the notices of one episode together and of another apart',
      ...(threads ? {} : { skip: 'the channel does not say that it makes threads' }),
      run: onStage('accept', async (stage) => {
        await delivered(stage, { id: 'notice-a', episodeId: 'episode-a' });
        await delivered(stage, { id: 'notice-b', episodeId: 'episode-a', state: 'resolved' });
        await delivered(stage, { id: 'notice-c', episodeId: 'episode-b' });
        const [first, same, other] = stage.receiver.received.map(({ thread }) => thread);
        assert.ok(first !== undefined && first !== '', 'the receiver saw no thread');
        assert.equal(same, first);
        assert.notEqual(other, first);
      }),
    },
  ];
}

/** Sends and waits until the receiver has one more. */
async function delivered<I>(
  { send, receiver }: ChannelStage<I>,
  changes: Parameters<ChannelStage<I>['send']>[0],
): Promise<void> {
  const before = receiver.received.length;
  const result = await send(changes);
  assert.equal(
    result.status,
    'sent',
    `${JSON.stringify(result)} for ${JSON.stringify(changes).slice(0, 200)}`,
  );
  await until(() => receiver.received.length > before, 'the notice arrives');
}

function lastText<I>({ receiver }: ChannelStage<I>): string {
  return receiver.received.at(-1)?.text ?? '';
}
