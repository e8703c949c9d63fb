import { describe, expect, it } from 'vitest';
import type { CheckCall } from '../../ports/health-check.ts';
import { healthRig, networkCheck, quickCheck } from '../../testing/health-rig.ts';
import { IsolationReading } from './isolation-reading.ts';

const REFERENCES = ['ref-a', 'ref-b'];

describe('whether our own connection is down', () => {
  it('is told as soon as it is known, and told again when it is back', async () => {
    let connected = true;
    const reading = new IsolationReading();
    const heard: boolean[] = [];
    reading.onIsolationChange((isolated) => heard.push(isolated));
    await using rig = await healthRig({
      checks: REFERENCES.map((id) => networkCheck(id, () => connected, { intervalMs: 10_000 })),
      isolation: { references: REFERENCES, down: 2 },
      onIsolation: (isolated) => reading.set(isolated),
    });
    await rig.health.start();
    await rig.clock.advance(30_000);
    expect([reading.isIsolated(), heard]).toEqual([false, []]);
    connected = false;
    await rig.clock.advance(12_000);
    expect([reading.isIsolated(), heard]).toEqual([true, [true]]);
    connected = true;
    await rig.clock.advance(12_000);
    expect([reading.isIsolated(), heard]).toEqual([false, [true, false]]);
  });

  it('is told even when nothing can be written', async () => {
    let connected = true;
    const reading = new IsolationReading();
    await using rig = await healthRig({
      checks: REFERENCES.map((id) => networkCheck(id, () => connected, { intervalMs: 10_000 })),
      isolation: { references: REFERENCES, down: 2 },
      commit: () => Promise.reject(new Error('the disk is full')),
      onIsolation: (isolated) => reading.set(isolated),
    });
    await rig.health.start();
    connected = false;
    await rig.clock.advance(30_000);
    expect(reading.isIsolated()).toBe(true);
    connected = true;
    await rig.clock.advance(30_000);
    expect(reading.isIsolated()).toBe(false);
  });

  it('is not believed for ever when the references can no longer look', async () => {
    let look: () => unknown = () => true;
    const reading = new IsolationReading();
    await using rig = await healthRig({
      checks: [
        ...REFERENCES.map((id) => networkCheck(id, () => look(), { intervalMs: 10_000, timeoutMs: 1000 })),
        quickCheck('disk', () => true),
      ],
      isolation: { references: REFERENCES, down: 2 },
      onIsolation: (isolated) => reading.set(isolated),
    });
    await rig.health.start();
    await rig.clock.advance(30_000);
    look = () => false;
    await rig.clock.advance(12_000);
    expect(reading.isIsolated()).toBe(true);
    look = () => ({ status: 'unknown', message: 'no name server is configured' });
    await rig.clock.advance(5000);
    expect(reading.isIsolated()).toBe(true);
    await rig.clock.advance(30_000);
    expect(reading.isIsolated()).toBe(false);
    expect(rig.health.list().find(({ id }) => id === 'isolation')).toMatchObject({
      status: 'unknown',
      last: { message: 'no reference check could look' },
    });
    // Not knowing ends no alert: it stays open until a reference has looked again.
    expect(rig.said().filter((line) => line.includes(' isolation '))).toEqual([
      'raise ERROR isolation hard-fail',
    ]);
  });

  it('is heard by every listener, whatever another one does', () => {
    const reading = new IsolationReading();
    const heard: boolean[] = [];
    reading.onIsolationChange(() => {
      throw new Error('a fault');
    });
    const end = reading.onIsolationChange((isolated) => heard.push(isolated));
    reading.set(true);
    reading.set(true);
    end();
    reading.set(false);
    expect(heard).toEqual([true]);
  });
});

describe('a check that waits for what comes over the network', () => {
  it('lets the references look before its silence is told, and learns of the outage and its end', async () => {
    let connected = true;
    let isDead = false;
    const calls: CheckCall[] = [];
    const hears = (call: CheckCall) => {
      calls.push(call);
      const { outage } = call;
      if (outage !== undefined && outage.toMs === undefined) return { status: 'unknown', message: 'deaf' };
      return connected && !isDead;
    };
    await using rig = await healthRig({
      checks: [
        ...REFERENCES.map((id) => networkCheck(id, () => connected, { intervalMs: 60_000 })),
        { ...quickCheck('nightly', hears, { intervalMs: 10_000 }), hearsNetwork: () => true },
      ],
      isolation: { references: REFERENCES, down: 2 },
    });
    await rig.health.start();
    await rig.clock.advance(70_000);
    expect(calls.at(-1)?.outage).toBeUndefined();
    const downAtMs = rig.clock.now();
    connected = false;
    await rig.clock.advance(25_000);
    expect(rig.said()).toEqual(['raise ERROR isolation hard-fail']);
    expect(rig.health.view('nightly')).toMatchObject({ status: 'unknown', last: { isolated: true } });
    const outage = calls.at(-1)?.outage;
    expect(outage?.upUntilMs).toBeLessThanOrEqual(downAtMs);
    expect(outage?.fromMs).toBeGreaterThan(downAtMs);
    connected = true;
    await rig.clock.advance(80_000);
    expect(calls.at(-1)?.outage).toEqual({ ...outage, toMs: expect.any(Number) });
    expect(rig.health.view('nightly')).toMatchObject({ status: 'pass' });
    isDead = true;
    await rig.clock.advance(60_000);
    expect(rig.said()).toEqual([
      'raise ERROR isolation hard-fail',
      'resolve ERROR isolation recovered',
      'raise ERROR nightly released',
    ]);
  });
});
