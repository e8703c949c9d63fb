import { describe, expect, it } from 'vitest';
import { silentLogger } from '../adapters/logger-json/json-logger.ts';
import { createTestAlerts, TestChannel } from '../testing/create-test-alerts.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import type { BoundChannel } from '../watch/alerts/channel-lane.ts';
import { IsolationReading } from '../watch/health/isolation-reading.ts';
import { ChannelVerify } from './alerting-verify.ts';

const hourMs = 3_600_000;

type Answer = Awaited<ReturnType<NonNullable<BoundChannel['instance']['verify']>>>;

/** A channel that says of itself what the test wants, and one that hears of it. */
function channels(answer: () => Answer | Promise<Answer>) {
  const mail = new TestChannel('mail');
  const other = new TestChannel('other');
  const asked = { times: 0 };
  const verify = async () => {
    asked.times += 1;
    return answer();
  };
  const bound: BoundChannel = { ...mail.bound, instance: { ...mail.bound.instance, verify } };
  return { mail, other, asked, bound: [bound, other.bound] };
}

const routes = [{ id: 'all', channels: ['mail', 'other'] }];

/** Something that happened and is over. */
function news(atMs: number) {
  const what = { dedupKey: 'news', title: 'news', message: 'something happened' };
  return { kind: 'raise', alertType: 'SYSTEM_ERROR', level: 'ERROR', event: true, atMs, ...what } as const;
}

async function engine(bound: readonly BoundChannel[], networkIsolation = new IsolationReading()) {
  const digest = { notices: 20, criticalNotices: 10, perMs: 600_000, waitMs: 60_000, criticalWaitMs: 1 };
  const alerts = { routes, escalations: {}, inhibitions: [], windows: [], digest, language: 'en' } as const;
  return createTestOps({
    targets: [],
    parts: { channels: bound, networkIsolation },
    config: { watch: { channels: [], checks: [], alerts } },
  });
}

describe('a channel is asked whether it could send', () => {
  it('at the start and once a day; one that is well makes no noise', async () => {
    const { asked, mail, other, bound } = channels(() => ({ status: 'pass' }));
    await using test = await createTestAlerts({ channels: [mail, other] });
    const { clock, alerts } = test;
    const isolation = new IsolationReading();
    const around = { clock, alerts, logger: silentLogger, redact: (text: string) => text };
    const verify = new ChannelVerify({ ...around, channels: bound, networkIsolation: isolation });
    verify.start();
    await clock.advance(49 * hourMs);
    expect(asked.times).toBe(3);
    expect(other.told).toEqual([]);
    isolation.set(true);
    await clock.advance(48 * hourMs);
    expect(asked.times).toBe(3);
    isolation.set(false);
    await clock.advance(hourMs);
    expect(asked.times).toBe(4);
    await verify.close();
  });

  it('and while our own connection is down it is neither asked nor told of anything', async () => {
    const { asked, mail, bound } = channels(() => ({ status: 'fail', reason: 'no route to host' }));
    const networkIsolation = new IsolationReading();
    networkIsolation.set(true);
    await using test = await engine(bound, networkIsolation);
    await test.ops.alerts.service.signal(news(test.clock.now()));
    await test.clock.advance(60_000);
    expect([asked.times, mail.told, test.ops.alerts.service.open()]).toEqual([0, [], []]);
    networkIsolation.set(false);
    await test.clock.settle();
    expect(mail.told).toEqual(['first firing news']);
  });

  it('and one that could not is told to the others until it could', async () => {
    let status: 'pass' | 'fail' = 'fail';
    const { bound, mail, other } = channels(() => ({ status, reason: 'the key is wrong' }));
    await using test = await engine(bound);
    await test.clock.settle();
    expect(other.notices).toMatchObject([
      { dedupKey: 'channel:mail', summary: expect.stringContaining('the key is wrong') },
    ]);
    expect(mail.told).toEqual([]);
    status = 'pass';
    await test.clock.advance(901_000);
    expect(other.told.at(-1)).toBe('resolved resolved channel:mail');
    expect(test.ops.alerts.service.open()).toEqual([]);
  });

  it.each<[string, () => Promise<Answer>]>([
    ['throws', () => Promise.reject(new Error('broken'))],
    ['never answers', () => new Promise(() => undefined)],
  ])('and one that %s counts as one that could not, and holds up nothing', async (_, answer) => {
    const { bound, other } = channels(answer);
    await using test = await engine(bound);
    await test.clock.advance(15_000);
    expect(other.told).toEqual(['first firing channel:mail']);
  });
});
