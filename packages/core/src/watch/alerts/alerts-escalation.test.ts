import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../adapters/store-sql/sqlite-store.ts';
import { createTestAlerts, TestChannel, testAct } from '../../testing/create-test-alerts.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import type { AlertSettings } from './alert-settings.ts';

const minuteMs = 60_000;

const settings: Partial<AlertSettings> = {
  routes: [{ id: 'all', channels: ['mail'], escalation: 'night' }],
  escalations: {
    night: {
      steps: [
        { afterMs: 5 * minuteMs, to: ['chat'] },
        { afterMs: 10 * minuteMs, to: ['phone'], minLevel: 'CRITICAL' },
      ],
      repeat: 1,
    },
  },
};

function team() {
  const channels = ['mail', 'chat', 'phone'].map((id) => new TestChannel(id));
  const [, chat, phone] = channels;
  if (chat === undefined || phone === undefined) throw new Error('the team is incomplete');
  return { channels, chat, phone };
}

describe('an escalation', () => {
  it('takes its steps in time, again as often as it may, and ends', async () => {
    const { channels, chat, phone } = team();
    await using test = await createTestAlerts({ channels, settings });
    await test.raise('k', { level: 'CRITICAL' });
    const heard: string[] = [];
    for (let minute = 1; minute <= 60; minute++) {
      const before = [chat.notices.length, phone.notices.length];
      await test.clock.advance(minuteMs);
      if (chat.notices.length > (before[0] ?? 0)) heard.push(`${minute} chat`);
      if (phone.notices.length > (before[1] ?? 0)) heard.push(`${minute} phone`);
    }
    expect(heard).toEqual(['5 chat', '15 phone', '20 chat', '30 phone']);
    expect(phone.told[0]).toBe('escalation firing k');
    await test.resolve('k');
    await test.clock.settle();
    expect([chat.told.at(-1), phone.told.at(-1)]).toEqual(['resolved resolved k', 'resolved resolved k']);
  });

  it('passes over steps that are not meant for the level', async () => {
    const { channels, chat, phone } = team();
    await using test = await createTestAlerts({ channels, settings });
    await test.raise('k', { level: 'ERROR' });
    await test.clock.advance(120 * minuteMs);
    expect([chat.notices.length, phone.notices.length]).toEqual([2, 0]);
  });

  it('stops within one tick when somebody takes the alert', async () => {
    const { channels, chat } = team();
    await using test = await createTestAlerts({ channels, settings });
    await test.raise('k', { level: 'CRITICAL' });
    await test.clock.advance(5 * minuteMs - 1);
    await test.acts.acknowledge(test.alerts.open()[0]?.id ?? '', testAct());
    await test.clock.advance(120 * minuteMs);
    expect(chat.notices).toEqual([]);
  });

  it('that waits for its channel when somebody takes the alert calls nobody, and they need not hear of the end', async () => {
    const { channels, chat, phone } = team();
    chat.answer = () => ({ status: 'retry', reason: '503' });
    await using test = await createTestAlerts({ channels, settings });
    await test.raise('k', { level: 'CRITICAL' });
    await test.clock.advance(6 * minuteMs);
    await test.acts.acknowledge(test.alerts.open()[0]?.id ?? '', testAct());
    chat.clear();
    chat.answer = () => ({ status: 'sent' });
    await test.clock.advance(60 * minuteMs);
    await test.resolve('k');
    await test.clock.advance(60 * minuteMs);
    expect([chat.told, phone.told]).toEqual([[], []]);
  });

  it('that may have arrived before somebody took the alert is told to be over', async () => {
    const { channels, chat } = team();
    chat.answer = () => ({ status: 'retry', reason: 'reset', mayHaveArrived: true });
    await using test = await createTestAlerts({ channels, settings });
    await test.raise('k', { level: 'CRITICAL' });
    await test.clock.advance(6 * minuteMs);
    await test.acts.acknowledge(test.alerts.open()[0]?.id ?? '', testAct());
    chat.clear();
    chat.answer = () => ({ status: 'sent' });
    await test.clock.advance(60 * minuteMs);
    await test.resolve('k');
    await test.clock.advance(60 * minuteMs);
    expect(chat.told).toEqual(['resolved resolved k']);
  });

  it('that is given up takes the end from nobody who heard of the alert before, after a death, too', async () => {
    const clock = new VirtualClock();
    await using store = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
    const { channels, chat } = team();
    const first = await createTestAlerts({ channels, settings, clock, store });
    await first.raise('k', { level: 'CRITICAL' });
    await clock.advance(6 * minuteMs);
    chat.answer = () => ({ status: 'rejected', scope: 'recipient', reason: 'no such room' });
    await clock.advance(16 * minuteMs);
    expect((await store.queryOutbox({ channelId: 'chat', status: 'dead' })).total).toBe(1);
    chat.answer = () => ({ status: 'sent' });
    first.die();
    await using second = await createTestAlerts({ channels, settings, clock, store });
    chat.clear();
    await second.resolve('k');
    await clock.settle();
    expect(chat.told).toEqual(['resolved resolved k']);
  });

  it('goes on after a restart, once and late for what fell due meanwhile', async () => {
    const clock = new VirtualClock();
    const store = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
    const first = team();
    const engine = await createTestAlerts({ channels: first.channels, settings, clock, store });
    await engine.raise('k', { level: 'CRITICAL' });
    await clock.advance(6 * minuteMs);
    expect(first.chat.notices).toHaveLength(1);
    engine.die();
    await clock.stall(60 * minuteMs);
    const second = team();
    await using again = await createTestAlerts({
      channels: second.channels,
      // The policy was copied when the alert opened; what the config says now does not matter to it.
      settings: { ...settings, escalations: {} },
      clock,
      store,
    });
    await clock.advance(10_000);
    expect(second.phone.notices).toMatchObject([{ reason: 'escalation' }]);
    expect(second.phone.notices[0]?.summary).toContain('Told late');
    expect(second.chat.notices).toEqual([]);
    await clock.advance(5 * minuteMs);
    expect(second.chat.notices).toHaveLength(1);
    expect(again.alerts.open()[0]?.escalation).toMatchObject({ round: 1, nextStep: 1 });
  });

  it('takes the next step at once when nobody could be reached by one', async () => {
    const { channels, chat, phone } = team();
    chat.answer = () => ({ status: 'rejected', scope: 'recipient', reason: 'no such room' });
    await using test = await createTestAlerts({ channels, settings });
    await test.raise('k', { level: 'CRITICAL' });
    await test.clock.advance(5 * minuteMs + 1000);
    expect(chat.notices).toHaveLength(1);
    expect(phone.told).toEqual(['escalation firing k']);
  });

  it('passes over a channel that is gone', async () => {
    const { channels, phone } = team();
    const left = channels.filter(({ bound }) => bound.id !== 'chat');
    await using test = await createTestAlerts({ channels: left, settings });
    await test.raise('k', { level: 'CRITICAL' });
    await test.clock.advance(5 * minuteMs + 1000);
    expect(phone.told).toEqual(['escalation firing k']);
  });

  it('begins anew when the alert becomes graver', async () => {
    const { channels, chat, phone } = team();
    await using test = await createTestAlerts({ channels, settings });
    await test.raise('k', { level: 'WARN' });
    await test.clock.advance(6 * minuteMs);
    await test.raise('k', { level: 'CRITICAL' });
    await test.clock.advance(4 * minuteMs);
    expect([chat.notices.length, phone.notices.length]).toEqual([1, 0]);
    await test.clock.advance(2 * minuteMs);
    expect(chat.notices).toHaveLength(2);
  });
});
