import { describe, expect, it } from 'vitest';
import { TestChannel } from '../testing/create-test-alerts.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import type { BoundChannel } from '../watch/alerts/channel-lane.ts';

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

async function engine(bound: readonly BoundChannel[]) {
  const digest = { notices: 20, criticalNotices: 10, perMs: 600_000, waitMs: 60_000, criticalWaitMs: 1 };
  const alerts = { routes, escalations: {}, inhibitions: [], windows: [], digest, language: 'en' } as const;
  return createTestOps({
    targets: [],
    parts: { channels: bound },
    config: { watch: { channels: [], checks: [], alerts } },
  });
}

describe('a channel is asked whether it could send', () => {
  it('at the start and once a day; one that is well makes no noise', async () => {
    const { asked, bound, other } = channels(() => ({ status: 'pass' }));
    await using test = await engine(bound);
    await test.clock.advance(49 * hourMs);
    expect(asked.times).toBe(3);
    expect(other.told).toEqual([]);
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
