import { expect, it } from 'vitest';
import { mayTrade, NORMAL_SAFETY, type Safety, type SafetyEvent, stepSafety } from './safety.ts';

const failSafe: SafetyEvent = { kind: 'fail-safe', code: 'FS040' };
const anomaly: SafetyEvent = { kind: 'anomaly', code: 'AN001' };

function after(...events: SafetyEvent[]): Safety {
  return events.reduce<Safety>((safety, event) => stepSafety(safety, event).safety, NORMAL_SAFETY);
}

it('goes from NORMAL to FAIL on a fail-safe and to LOCKDOWN on the second', () => {
  expect(after(failSafe)).toEqual({ state: 'FAIL', code: 'FS040' });
  expect(after(failSafe, { ...failSafe, code: 'FS050' })).toEqual({ state: 'LOCKDOWN', code: 'FS050' });
});

it('refuses to recover from LOCKDOWN without the approval of a named operator', () => {
  const locked = after(failSafe, failSafe);
  for (const approvedBy of [undefined, '', '  ']) {
    const step = stepSafety(locked, { kind: 'recover', approvedBy });
    expect(step.safety).toEqual(locked);
    expect(step.refusal).toContain('needs the approval of a named operator');
  }
});

it('recovers from LOCKDOWN to NORMAL with approval', () => {
  const step = stepSafety(after(failSafe, failSafe), { kind: 'recover', approvedBy: 'kim' });
  expect(step).toEqual({ safety: { state: 'NORMAL' } });
});

it('recovers from FAIL without approval', () => {
  expect(after(failSafe, { kind: 'recover' })).toEqual({ state: 'NORMAL' });
});

it('counts fail-safes anew after a recovery', () => {
  expect(after(failSafe, { kind: 'recover' }, failSafe).state).toBe('FAIL');
});

it('goes from NORMAL to WARNING on an anomaly, which never weakens a worse state', () => {
  expect(after(anomaly)).toEqual({ state: 'WARNING', code: 'AN001' });
  expect(after(failSafe, anomaly).state).toBe('FAIL');
  expect(after(failSafe, failSafe, anomaly, failSafe).state).toBe('LOCKDOWN');
  expect(after(anomaly, failSafe).state).toBe('FAIL');
});

it('allows trading in NORMAL and WARNING only', () => {
  const states = ['NORMAL', 'WARNING', 'FAIL', 'LOCKDOWN'] as const;
  expect(states.filter((state) => mayTrade({ state }))).toEqual(['NORMAL', 'WARNING']);
});
