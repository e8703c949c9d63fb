import { describe, expect, it } from 'vitest';
import { healthRig, quickCheck } from '../../testing/health-rig.ts';
import { levelOf } from './signal-rules.ts';

/** Runs a check through looks, a letter each, and gives what it said after each. */
async function hear(looks: string, policy: Parameters<typeof quickCheck>[2] = {}) {
  const statuses: Readonly<Record<string, string>> = { p: 'pass', w: 'warn', u: 'unknown', f: 'fail' };
  let letter = 'p';
  const look = () => ({ status: statuses[letter], message: letter });
  await using rig = await healthRig({ checks: [quickCheck('a', look, policy)] });
  const heard: string[] = [];
  for (const next of looks) {
    letter = next;
    await rig.health.runNow();
    await rig.clock.advance(1000);
    const said = rig.signals.splice(0).map(({ action, level, because, isRepeat }) => {
      return isRepeat ? 'repeat' : `${action} ${level} ${because}`;
    });
    heard.push(said.join(', '));
  }
  return heard;
}

describe('signals', () => {
  it('only a critical check is critical; not being able to look is one level lower', () => {
    expect((['fail', 'unknown', 'warn'] as const).map((status) => levelOf(status, true))).toEqual([
      'CRITICAL',
      'ERROR',
      'WARN',
    ]);
    expect((['fail', 'unknown', 'warn'] as const).map((status) => levelOf(status, false))).toEqual([
      'ERROR',
      'WARN',
      'WARN',
    ]);
  });

  it('every bad look after the first repeats, and says so', async () => {
    expect(await hear('pfffp')).toEqual([
      '',
      'raise ERROR hard-fail',
      'repeat',
      'repeat',
      'resolve ERROR recovered',
    ]);
  });

  it('a look that could not look repeats and resolves nothing', async () => {
    expect(await hear('fuup')).toEqual([
      'raise ERROR hard-fail',
      'repeat',
      'repeat',
      'resolve ERROR recovered',
    ]);
    expect(await hear('fuf')).toEqual(['raise ERROR hard-fail', 'repeat', 'repeat']);
  });

  it('a flapping check is told twice: that it flaps, and how it settled', async () => {
    const policy = { flapping: { high: 30, low: 25 }, failuresToAlert: 3, successesToResolve: 2 };
    const heard = await hear(`${'pf'.repeat(10)}${'p'.repeat(20)}`, policy);
    expect(heard.filter((text) => text !== '')).toEqual([
      'raise WARN flapping-started',
      'resolve WARN flapping-ended',
    ]);
    const bad = await hear(`${'pf'.repeat(10)}${'f'.repeat(20)}`, {
      ...policy,
      critical: true,
      failuresToAlert: 2,
    });
    expect(bad.filter((text) => text !== '' && text !== 'repeat')).toEqual([
      'raise WARN flapping-started',
      'raise CRITICAL flapping-ended',
    ]);
  });

  it('an alert that is open when flapping begins keeps its level and is not resolved meanwhile', async () => {
    const policy = { flapping: { high: 30, low: 25 } };
    const heard = (await hear(`${'pf'.repeat(10)}${'p'.repeat(20)}`, policy)).filter((text) => text !== '');
    expect(heard.slice(0, 2)).toEqual(['raise ERROR hard-fail', 'resolve ERROR recovered']);
    expect(heard.filter((text) => text.includes('flapping'))).toEqual([
      expect.stringContaining('flapping-started'),
      'resolve ERROR flapping-ended',
    ]);
    expect(heard.at(-1)).toBe('resolve ERROR flapping-ended');
  });
});
