import { describe, expect, it } from 'vitest';
import { sampleNotice } from '../testing/sample-notice.ts';
import { renderNotice } from '../watch/alerts/render/render-notice.ts';
import type { AlertChannel, AlertLevel, PluginContext } from './alert-channel.ts';
import { ALERT_LEVELS } from './alert-channel.ts';
import { fromCallables } from './plugin-callables.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const context: PluginContext = {
  log: silent,
  now: () => 0,
  redact: (text) => text.replaceAll('planted', '[secret]'),
  signal: new AbortController().signal,
  secret: () => {
    throw new Error('it has no secret');
  },
};

describe('the two verbs of the specification', () => {
  it('get CRITICAL and ERROR as critical and the rest as a warning', async () => {
    const heard: [string, AlertLevel | undefined][] = [];
    const verb = (name: string) => (message: string) =>
      void heard.push([name, ALERT_LEVELS.find((level) => message.startsWith(`[${level}]`))]);
    for (const level of ALERT_LEVELS) {
      await send({ sendCritical: verb('critical'), sendWarning: verb('warning') }, level);
    }
    expect(heard).toEqual([
      ['warning', 'INFO'],
      ['warning', 'WARN'],
      ['critical', 'ERROR'],
      ['critical', 'CRITICAL'],
    ]);
  });

  it('may be methods of an object that needs itself', async () => {
    class Desk {
      readonly messages: string[] = [];
      async sendCritical(message: string) {
        this.messages.push(message);
      }
      sendWarning() {}
    }
    const desk = new Desk();
    expect(await send(desk, 'CRITICAL')).toEqual({ status: 'sent' });
    expect(desk.messages[0]).toContain('The broker has not answered for 30 s.');
  });

  it('are tried again when they throw, with a short reason and without secrets', async () => {
    const thrown = () => {
      throw new Error(`planted${'x'.repeat(500)}`);
    };
    const result = await send({ sendCritical: thrown, sendWarning: thrown }, 'CRITICAL');
    expect(result).toMatchObject({ status: 'retry', reason: expect.stringMatching(/^\[secret\]x+…$/) });
  });

  it('hold up nobody when they hang', async () => {
    const controller = new AbortController();
    const hanging = () => {
      controller.abort();
      return new Promise<void>(() => {});
    };
    const channel = { sendCritical: hanging, sendWarning: hanging };
    expect(await send(channel, 'CRITICAL', controller.signal)).toEqual({
      status: 'retry',
      reason: 'no end within the time allowed',
    });
  });

  it.each([undefined, {}, { sendCritical: () => {} }, { sendCritical: 'x', sendWarning: () => {} }])(
    'refuse %o',
    (channel) => {
      const wrong = channel as AlertChannel; // what JavaScript may pass
      expect(() => fromCallables(wrong)).toThrow(/channel: allowed is an object with the functions/);
    },
  );
});

async function send(channel: AlertChannel, level: AlertLevel, signal = new AbortController().signal) {
  const configured = fromCallables(channel, { id: 'desk' }).channels?.[0];
  if (configured === undefined) throw new Error('no channel');
  const instance = await configured.definition.create(configured.options, context);
  const notice = sampleNotice({ level });
  const rendered = renderNotice(notice, configured.definition.capabilities);
  return instance.send(notice, rendered, { signal, attempt: 1, deadlineMs: 1_000, nowMs: 0 });
}
