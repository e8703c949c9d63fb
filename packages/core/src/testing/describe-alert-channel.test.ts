import { expect, it } from 'vitest';
import * as z from 'zod';
import type { AlertChannelInstance, PluginContext, SendCall } from '../ports/alert-channel.ts';
import { defineAlertChannel } from '../ports/define-alert-channel.ts';
import { readAnswer, resultOfAnswer, resultOfNetworkError } from '../ports/plugin-http.ts';
import { secretOption } from '../ports/plugin-secret.ts';
import { describeAlertChannel } from './describe-alert-channel.ts';
import {
  type AlertChannelContract,
  alertChannelCases,
  type ReceiverBehaviour,
} from './describe-alert-channel-cases.ts';
import { HTTP_BEHAVIOURS, startHttpReceiver } from './http-receiver.ts';
import { runCases } from './run-cases.ts';

const SECRET = 'plantedToken1';
const OptionsSchema = z.strictObject({ url: z.url(), token: secretOption });

type Options = z.output<typeof OptionsSchema>;
type Create = (options: Options, context: PluginContext) => AlertChannelInstance;

/** A channel that keeps the contract; the others below break one promise each. */
const good: Create = ({ url, token }, context) => ({
  send: async (notice, rendered, call) => {
    if (call.signal.aborted) return { status: 'retry', reason: 'stopped' };
    try {
      const response = await fetch(url, {
        method: 'POST',
        body: JSON.stringify({ title: rendered.title, text: rendered.text }),
        headers: { authorization: context.secret(token).reveal(), 'idempotency-key': notice.id },
        redirect: 'manual',
        signal: limited(call),
      });
      const answer = await readAnswer(response);
      return resultOfAnswer({ ...answer, body: context.redact(answer.body) }, call.nowMs);
    } catch (error) {
      return resultOfNetworkError(error);
    }
  },
});

describeAlertChannel('a sound channel', contractOf(good));

it.each<[string, Create, readonly string[]]>([
  [
    'always says that it was sent',
    () => ({ send: async () => ({ status: 'sent' }) }),
    ['asks for another attempt when nobody listens', 'says that a message is not acceptable'],
  ],
  [
    'throws instead of giving a result',
    ({ url }) => ({
      send: async (_notice, _rendered, { signal }) => {
        const response = await fetch(url, { method: 'POST', signal, body: 'x' });
        if (!response.ok) throw new Error(`status ${response.status}`);
        return { status: 'sent' };
      },
    }),
    ['asks for another attempt when nobody listens', 'says that its address or credential is not valid'],
  ],
  [
    'shows what the receiver says without looking',
    (options, context) => ({
      send: async (notice, rendered, call) =>
        good(options, { ...context, redact: (text) => text }).send(notice, rendered, call),
    }),
    ['shows no secret, even when the receiver repeats everything it was sent'],
  ],
  [
    'writes its credential into the log',
    (options, context) => ({
      send: (notice, rendered, call) => {
        context.log.info(`with ${context.secret(options.token).reveal()}`);
        return good(options, context).send(notice, rendered, call);
      },
    }),
    ['delivers a notice with its title', 'sends fifty notices at once'],
  ],
  [
    'tries again by itself',
    (options, context) => ({
      send: async (notice, rendered, call) => {
        const first = await good(options, context).send(notice, rendered, call);
        return first.status === 'retry' ? good(options, context).send(notice, rendered, call) : first;
      },
    }),
    ['asks for another attempt when the receiver cannot now, and makes none itself'],
  ],
  [
    'has no deadline of its own',
    (options, context) => ({
      send: (notice, rendered, call) =>
        good(options, context).send(notice, rendered, { ...call, deadlineMs: call.nowMs + 60_000 }),
    }),
    ['ends at its deadline even when nobody tells it to stop'],
  ],
  [
    'has another key in every attempt',
    (options, context) => {
      let attempt = 0;
      return {
        send: (notice, rendered, call) => {
          attempt += 1;
          return good(options, context).send({ ...notice, id: `${notice.id}-${attempt}` }, rendered, call);
        },
      };
    },
    ['gives every attempt of one notice the same key and other notices other keys'],
  ],
  [
    'connects before there is anything to send',
    (options, context) => {
      void fetch(options.url, { method: 'POST', body: '{}' }).then(
        (response) => response.text(),
        () => undefined,
      );
      return good(options, context);
    },
    [
      'uses no network before it has something to send',
      'contacts nobody when it was stopped before it began',
    ],
  ],
])('catches a channel that %s', async (_what, create, titles) => {
  const cases = alertChannelCases(contractOf(create)).filter(({ title }) => titles.includes(title));
  expect(cases.map(({ title }) => title).sort()).toEqual([...titles].sort());
  const outcomes = await runCases(cases);
  expect(outcomes.filter(({ outcome }) => outcome !== 'failed')).toEqual([]);
  expect(JSON.stringify(outcomes)).not.toContain(SECRET);
});

function contractOf(create: Create): AlertChannelContract<z.input<typeof OptionsSchema>> {
  const kind = defineAlertChannel({
    name: 'sample',
    apiVersion: 1,
    options: OptionsSchema,
    capabilities: {
      formats: ['text'],
      titleMax: 150,
      bodyMax: 2_000,
      threads: false,
      idempotent: true,
      rate: { perSecond: 1, burst: 1 },
    },
    create,
  });
  const start = (behaviour: ReceiverBehaviour) =>
    startHttpReceiver(behaviour, {
      options: (origin) => ({ url: origin, token: SECRET }),
      secrets: [SECRET],
      read: ({ body, headers }) => ({
        text: Object.values(JSON.parse(body)).join('\n'),
        key: String(headers['idempotency-key']),
      }),
    });
  return {
    kind,
    behaviours: HTTP_BEHAVIOURS,
    start,
    wrongOptions: [{ options: { url: 5 }, fields: ['url', 'token'] }],
  };
}

function limited({ signal, deadlineMs, nowMs }: SendCall): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(deadlineMs - nowMs)]);
}
