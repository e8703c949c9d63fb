import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../adapters/logger-json/json-logger.ts';
import { Secret } from '../../kernel/secret.ts';
import type { PluginContext } from '../../ports/alert-channel.ts';
import type { HealthCheckDefinition, HealthCheckInstance } from '../../ports/health-check.ts';
import { healthRig } from '../../testing/health-rig.ts';
import { callableCheck, pluginCheck } from './registered-check.ts';

const context: PluginContext = {
  log: silentLogger,
  now: () => 0,
  redact: (text) => text,
  signal: new AbortController().signal,
  secret: () => new Secret('test', 'value'),
};

/** A kind whose instances are made by `create`. */
function kindOf(create: () => Promise<HealthCheckInstance>): HealthCheckDefinition {
  return {
    name: 'probe',
    apiVersion: 1,
    capabilities: { effect: 'read', network: true },
    defaults: { intervalMs: 60_000, timeoutMs: 10_000 },
    parse: (options) => options,
    create,
  };
}

describe('a check of a plugin', () => {
  it('is made once, at its first look, and closed when the engine ends', async () => {
    const happened: string[] = [];
    const definition = kindOf(async () => {
      happened.push('made');
      return {
        check: async () => ({ status: 'pass', message: 'well' }),
        close: async () => void happened.push('closed'),
      };
    });
    const check = pluginCheck({ id: 'row', definition, options: {}, policy: {} }, context);
    {
      await using rig = await healthRig({ checks: [check] });
      expect(happened).toEqual([]);
      await rig.health.runNow();
      await rig.health.runNow();
    }
    expect(happened).toEqual(['made', 'closed']);
  });

  it('that cannot be made says unknown and is tried again at the next look', async () => {
    let tries = 0;
    const definition = kindOf(async () => {
      tries += 1;
      if (tries < 3) throw new Error('the client library is missing');
      return { check: async () => ({ status: 'pass', message: 'well' }) };
    });
    const check = pluginCheck({ id: 'row', definition, options: {}, policy: {} }, context);
    await using rig = await healthRig({ checks: [check, callableCheck('other', () => true)] });
    const statuses: unknown[] = [];
    for (let run = 0; run < 3; run++) statuses.push((await rig.health.runNow(['row']))[0]?.look);
    expect(statuses).toMatchObject([
      { status: 'unknown', message: 'the client library is missing' },
      { status: 'unknown' },
      { status: 'pass' },
    ]);
  });

  it('that does not let go holds up the end for five seconds and no longer', async () => {
    const definition = kindOf(async () => ({
      check: async () => ({ status: 'pass', message: 'well' }),
      close: () => new Promise(() => undefined),
    }));
    const rig = await healthRig({
      checks: [pluginCheck({ id: 'row', definition, options: {}, policy: {} }, context)],
    });
    await rig.health.runNow();
    const ended = rig[Symbol.asyncDispose]();
    await rig.clock.advance(5000);
    await ended;
  });
});

it.each([
  ['', 'INP-0904'],
  [' ', 'INP-0904'],
  ['x'.repeat(65), 'INP-0904'],
  ['two\nlines', 'INP-0904'],
])('the name %o is refused', (id, code) => {
  expect(() => callableCheck(id, () => true)).toThrow(expect.objectContaining({ code }));
});

it('two checks of one name and unknown names are refused', async () => {
  const twice = [callableCheck('a', () => true), callableCheck('a', () => true)];
  await expect(healthRig({ checks: twice })).rejects.toMatchObject({ code: 'INP-0904' });
  await using rig = await healthRig({ checks: [callableCheck('a', () => true)] });
  await expect(rig.health.runNow(['b'])).rejects.toMatchObject({ code: 'INP-0904' });
  expect(() => rig.health.view('b')).toThrow('allowed: a');
});
