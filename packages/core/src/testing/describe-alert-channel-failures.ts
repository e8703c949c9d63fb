import assert from 'node:assert/strict';
import type { SendResult } from '../ports/alert-channel.ts';
import { CONTRACT_NOW_MS, endsWithin, until } from './contract-case.ts';
import type { ChannelCase, OnStage, ReceiverBehaviour } from './describe-alert-channel-cases.ts';

/** Longest time a channel may go on after it was told to stop. */
const STOP_MS = 2_000;

/** What a channel says when the receiver does not take the notice; it never tries again by itself. */
export function channelFailureCases<I>(onStage: OnStage<I>): readonly ChannelCase[] {
  return [
    ...stopCases(onStage),
    ...laterCases(onStage),
    ...slowDownCases(onStage),
    answers('refuse-message', 'says that a message is not acceptable', {
      status: 'rejected',
      scope: 'message',
    }),
    answers('refuse-channel', 'says that its address or credential is not valid', {
      status: 'rejected',
      scope: 'channel',
    }),
    {
      title: 'says who did not get it when some recipients were refused',
      needs: 'accept-some',
      run: onStage('accept-some', async ({ send }) => {
        const result = await send();
        assert.equal(result.status, 'sent');
        assert.ok(
          result.status === 'sent' && (result.rejectedRecipients?.length ?? 0) > 0,
          'nobody is named',
        );
      }),
    },
    {
      title: 'does not trust a certificate that nobody signed',
      needs: 'bad-certificate',
      run: onStage('bad-certificate', async ({ send, receiver }) => {
        assert.notEqual((await send()).status, 'sent');
        assert.equal(receiver.received.length, 0);
      }),
    },
    {
      title: 'shows no secret, even when the receiver repeats everything it was sent',
      needs: 'repeat-secrets',
      run: onStage('repeat-secrets', async ({ send, receiver }) => {
        assert.ok(receiver.secrets.length > 0, 'the options hold no secret');
        assert.notEqual((await send()).status, 'sent');
        assert.ok(receiver.contacts() > 0, 'the receiver was not asked');
      }),
    },
  ];

  function answers(behaviour: ReceiverBehaviour, title: string, expected: Partial<SendResult>): ChannelCase {
    const scene = onStage(behaviour, async ({ send }) => {
      const result = await send();
      assert.deepEqual({ ...result, ...expected }, result);
    });
    return { title, needs: behaviour, run: scene };
  }
}

function stopCases<I>(onStage: OnStage<I>): readonly ChannelCase[] {
  return [
    {
      title: 'contacts nobody when it was stopped before it began',
      run: onStage('accept', async ({ send, receiver }) => {
        assert.equal((await send({}, { signal: AbortSignal.abort() })).status, 'retry');
        // One notice later everything that was sent before has arrived, too.
        assert.equal((await send()).status, 'sent');
        assert.equal(receiver.contacts(), 1, 'only the second notice may be a contact');
      }),
    },
    {
      title: 'stops soon when it is told to while it waits',
      needs: 'hang',
      run: onStage('hang', async ({ send, receiver }) => {
        const controller = new AbortController();
        const sending = send({}, { signal: controller.signal });
        await until(() => receiver.contacts() > 0, 'the channel connects');
        controller.abort();
        assert.equal((await endsWithin(sending, STOP_MS)).status, 'retry');
      }),
    },
    {
      title: 'ends at its deadline even when nobody tells it to stop',
      needs: 'hang',
      run: onStage('hang', async ({ send }) => {
        const sending = send({}, { deadlineMs: CONTRACT_NOW_MS + 300 });
        assert.equal((await endsWithin(sending, 300 + STOP_MS)).status, 'retry');
      }),
    },
  ];
}

function laterCases<I>(onStage: OnStage<I>): readonly ChannelCase[] {
  const retried = (behaviour: ReceiverBehaviour, title: string, contactsMax: number): ChannelCase => ({
    title,
    ...(behaviour === 'gone' ? {} : { needs: behaviour }),
    run: onStage(behaviour, async ({ send, receiver }) => {
      const result = await send();
      assert.ok(result.status === 'retry', 'the outbox must be asked for another attempt');
      assert.ok(receiver.contacts() <= contactsMax, 'it tried again by itself; the outbox does that');
      assert.ok(contactsMax > 0 || result.mayHaveArrived !== true, 'nobody was there to take it');
    }),
  });
  return [
    retried('gone', 'asks for another attempt when nobody listens', 0),
    retried('reset', 'asks for another attempt when the connection is cut off', 1),
    retried('busy', 'asks for another attempt when the receiver cannot now, and makes none itself', 1),
  ];
}

function slowDownCases<I>(onStage: OnStage<I>): readonly ChannelCase[] {
  const paused = (behaviour: ReceiverBehaviour, title: string, retryAfterMs: number): ChannelCase => ({
    title,
    needs: behaviour,
    run: onStage(behaviour, async ({ send }) => {
      const result = await send();
      assert.deepEqual({ ...result, status: 'retry', retryAfterMs, pauseChannel: true }, result);
    }),
  });
  return [
    paused('slow-down', 'passes on how many seconds the receiver wants to be left alone', 7_000),
    paused('slow-down-until', 'passes on until when the receiver wants to be left alone', 120_000),
  ];
}
