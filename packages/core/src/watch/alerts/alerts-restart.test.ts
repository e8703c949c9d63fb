import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../adapters/store-sql/sqlite-store.ts';
import type { SendCall, SendResult, SettledRecipients } from '../../ports/alert-channel.ts';
import { createTestAlerts, TestChannel } from '../../testing/create-test-alerts.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const sent: SendResult = { status: 'sent' };

/** Lives on one store and one clock: each is ended by a death, and the next one finds what it left. */
async function lives() {
  const clock = new VirtualClock();
  const store = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
  return { clock, store };
}

describe('after a death', () => {
  it('a pause that the other side asked for still holds, for all notices of the channel', async () => {
    const life = await lives();
    const mail = new TestChannel('mail');
    mail.answer = () => ({ status: 'retry', reason: '429', retryAfterMs: 10 * minuteMs });
    const first = await createTestAlerts({ ...life, channels: [mail] });
    await first.raise('a');
    await life.clock.settle();
    first.die();
    mail.answer = () => sent;
    await using second = await createTestAlerts({ ...life, channels: [mail] });
    await second.raise('b', { level: 'CRITICAL' });
    await life.clock.advance(9 * minuteMs);
    expect(mail.told).toEqual(['first firing a']);
    expect(second.alerts.channels().find(({ channelId }) => channelId === 'mail')).toMatchObject({
      pausedUntilMs: expect.any(Number),
      failures: 1,
      lastError: '429',
    });
    await life.clock.advance(2 * minuteMs);
    expect(mail.told).toEqual(['first firing a', 'first firing b', 'first firing a']);
  });

  it('a pause is never longer than the hour that may be asked for, whatever the clock did meanwhile', async () => {
    const life = await lives();
    const mail = new TestChannel('mail');
    mail.answer = () => ({ status: 'retry', reason: '429', retryAfterMs: 24 * hourMs });
    const first = await createTestAlerts({ ...life, channels: [mail] });
    await first.raise('a');
    await life.clock.settle();
    first.die();
    mail.answer = () => sent;
    life.clock.stepWall(-12 * hourMs);
    await using second = await createTestAlerts({ ...life, channels: [mail] });
    await second.raise('b');
    await life.clock.advance(hourMs + minuteMs);
    expect(mail.told).toContain('first firing b');
  });

  it('a channel that was refused is tried at once: somebody may have corrected it', async () => {
    const life = await lives();
    const mail = new TestChannel('mail');
    mail.answer = () => ({ status: 'rejected', scope: 'channel', reason: 'HTTP 404' });
    const first = await createTestAlerts({ ...life, channels: [mail] });
    await first.raise('a');
    await life.clock.settle();
    first.die();
    mail.answer = () => sent;
    await using second = await createTestAlerts({ ...life, channels: [mail] });
    await second.raise('b');
    await life.clock.settle();
    expect(mail.told).toEqual(['first firing a', 'first firing b']);
  });

  it('the bucket is as empty as it was: deaths in a row make no burst', async () => {
    const life = await lives();
    const mail = new TestChannel('mail', { perSecond: 1 / 60, burst: 3 });
    for (let start = 0; start < 5; start++) {
      const one = await createTestAlerts({ ...life, channels: [mail] });
      for (let n = 0; n < 3; n++) await one.raise(`${start}:${n}`);
      await life.clock.settle();
      one.die();
    }
    expect(mail.notices).toHaveLength(3);
    await using last = await createTestAlerts({ ...life, channels: [mail] });
    expect(last.alerts.channels().find(({ channelId }) => channelId === 'mail')?.waiting).toBeGreaterThan(0);
    await life.clock.advance(2 * hourMs);
    const told = mail.notices.flatMap(({ id }) => id);
    expect(new Set(told).size).toBe(told.length);
    expect(last.alerts.channels().find(({ channelId }) => channelId === 'mail')?.waiting).toBe(0);
  });
});

describe('a notice that some recipients have', () => {
  /** Takes it for ann at once, never for cy, and for bo when `ready`. */
  function threeRecipients() {
    const mail = new TestChannel('mail');
    const known: Array<SettledRecipients | undefined> = [];
    const state = { ready: false };
    mail.answer = (_notice, { settled }: SendCall): SendResult => {
      known.push(settled);
      if (state.ready) return { status: 'sent', rejectedRecipients: settled?.refused ?? [] };
      const answered = settled === undefined ? { accepted: ['ann'], refused: ['cy'] } : undefined;
      return {
        status: 'retry',
        reason: '450 greylisted',
        ...(answered === undefined ? {} : { settled: answered }),
      };
    };
    return { mail, known, state };
  }
  const settled = { accepted: ['ann'], refused: ['cy'] };

  it('goes to the others alone after a death, too', async () => {
    const life = await lives();
    const { mail, known, state } = threeRecipients();
    const first = await createTestAlerts({ ...life, channels: [mail] });
    await first.raise('a');
    await life.clock.advance(minuteMs);
    first.die();
    const before = known.length;
    expect(known.slice(0, 2)).toEqual([undefined, settled]);
    state.ready = true;
    await using second = await createTestAlerts({ ...life, channels: [mail] });
    await life.clock.advance(hourMs);
    expect(known.slice(before)).toEqual([settled]);
    const [row] = (await second.store.queryOutbox({ channelId: 'mail' })).items;
    expect(row).toMatchObject({ status: 'sent', settled });
    expect((await second.store.readAttempts(row?.id ?? '')).at(-1)?.end?.rejectedRecipients).toEqual(['cy']);
  });

  it('and that is given up for the others is told to be over all the same, after a death, too', async () => {
    const life = await lives();
    const { mail, state } = threeRecipients();
    const other = new TestChannel('other');
    const first = await createTestAlerts({ ...life, channels: [mail, other] });
    await first.raise('a');
    await life.clock.advance(25 * hourMs);
    expect((await life.store.queryOutbox({ channelId: 'mail', status: 'dead' })).total).toBe(1);
    expect(other.told).toContain('first firing channel:mail');
    first.die();
    state.ready = true;
    await using second = await createTestAlerts({ ...life, channels: [mail, other] });
    mail.clear();
    await second.resolve('a');
    await life.clock.advance(hourMs);
    expect(mail.told).toEqual(['resolved resolved a']);
  });

  it.each<[string, unknown]>([
    ['no lists', { accepted: 'ann', refused: 7 }],
    ['lists of anything', { accepted: [1, null, 'x'.repeat(10_000)], refused: [{}] }],
    ['nothing', {}],
  ])('is tried on when the channel says %s about them', async (_, nonsense) => {
    const mail = new TestChannel('mail');
    mail.answer = () => ({ status: 'retry', reason: 'later', settled: nonsense as SettledRecipients });
    await using test = await createTestAlerts({ channels: [mail] });
    await test.raise('a');
    await test.clock.settle();
    mail.answer = () => sent;
    await test.clock.advance(minuteMs);
    const [row] = (await test.store.queryOutbox({ channelId: 'mail' })).items;
    expect(row).toMatchObject({ status: 'sent', settled: { accepted: [], refused: [] } });
  });
});
