import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Secret } from '../kernel/secret.ts';
import { defineAlertChannel } from './define-alert-channel.ts';
import { defineHealthCheck } from './define-health-check.ts';
import { PLUGIN_API_VERSION, PLUGIN_BRAND } from './plugin.ts';
import { collectPlugins, isPlugin } from './plugin-entries.ts';
import { secretOption } from './plugin-secret.ts';

const pager = defineAlertChannel({
  name: 'pager',
  apiVersion: 1,
  options: z.strictObject({ key: secretOption, tries: z.int().min(1).max(9).default(1) }),
  capabilities: {
    formats: ['text'],
    titleMax: 100,
    bodyMax: 500,
    threads: false,
    idempotent: true,
    rate: { perSecond: 1, burst: 3 },
  },
  create: () => ({ send: async () => ({ status: 'sent' }) }),
});

const rows = defineHealthCheck({
  name: 'row_count',
  apiVersion: 1,
  options: z.strictObject({ table: z.string().optional() }),
  capabilities: { effect: 'read', network: false },
  defaults: { intervalMs: 60_000, timeoutMs: 5_000 },
  create: ({ table }) => ({ check: async () => ({ status: 'pass', message: table ?? 'all' }) }),
});

describe('a plugin value', () => {
  it('carries one channel, named after its kind, with checked options', () => {
    const plugin = pager({ key: { env: 'PAGER_KEY' } });
    expect(isPlugin(plugin)).toBe(true);
    expect(plugin).toMatchObject({ [PLUGIN_BRAND]: 'plugin', id: 'pager', apiVersion: 1 });
    expect(plugin.channels).toMatchObject([
      { id: 'pager', options: { key: { env: 'PAGER_KEY' }, tries: 1 } },
    ]);
    expect(plugin.channels?.[0]?.definition.capabilities.idempotent).toBe(true);
  });

  it('takes an id, so that there can be several of one kind', () => {
    const entries = collectPlugins([
      pager({ key: 'a', id: 'pager-day' }),
      pager({ key: 'b', id: 'pager-night' }),
    ]);
    expect(entries.channels.map(({ id }) => id)).toEqual(['pager-day', 'pager-night']);
  });

  it('splits how a check is judged from what it looks at', () => {
    const plugin = rows({
      table: 'orders',
      critical: true,
      intervalMs: 5_000,
      dependsOn: ['disk'],
      labels: undefined,
    });
    expect(plugin.checks).toMatchObject([
      {
        id: 'row_count',
        options: { table: 'orders' },
        policy: { critical: true, intervalMs: 5_000, dependsOn: ['disk'] },
      },
    ]);
    expect(Object.keys(plugin.checks?.[0]?.policy ?? {})).not.toContain('labels');
  });

  it('needs no options when none is required', () => {
    expect(rows().checks).toMatchObject([{ id: 'row_count', options: {}, policy: {} }]);
  });
});

describe('wrong options', () => {
  it('are all named at once, without their values', () => {
    const error = thrownBy(() =>
      pager.definition.parse({ key: { env: 'not a name' }, tries: 'plantedSecret', extra: 1 }),
    );
    expect(error).toMatchObject({ code: 'INP-0501', data: { plugin: 'pager' } });
    for (const part of ['key: allowed is { env', 'tries:', 'extra', 'pager:'])
      expect(String(error)).toContain(part);
    expect(String(error)).not.toContain('plantedSecret');
  });

  it.each(['', 'Pager', 'a b', 5])('refuses the id %j', (id) => {
    expect(thrownBy(() => pager({ key: 'a', ...{ id: id as string } }))).toMatchObject({ code: 'INP-0501' }); // also what JavaScript may pass
  });

  it('are read by any schema with the standard interface, but not by one that makes us wait', () => {
    const schema = {
      '~standard': { version: 1, vendor: 'other', validate: async (value: unknown) => ({ value }) },
    } as const;
    const slow = defineAlertChannel({ ...specOf(pager), name: 'slow', options: schema });
    expect(thrownBy(() => slow.definition.parse({}))).toMatchObject({ code: 'INP-0503' });
  });

  it('leave a wrapped secret wrapped', () => {
    const options = pager.definition.parse({ key: new Secret('PAGER_KEY', 'plantedSecret') });
    expect(JSON.stringify(options)).not.toContain('plantedSecret');
  });
});

describe('the contract version', () => {
  it('is refused when it is newer, naming both', () => {
    const newer = () => defineAlertChannel({ ...specOf(pager), apiVersion: PLUGIN_API_VERSION + 1 });
    expect(thrownBy(newer)).toMatchObject({
      code: 'INP-0502',
      message: expect.stringContaining('needs plugin contract 2, this engine speaks 1'),
    });
  });

  it('is refused in a value that a newer copy of the package made', () => {
    const value = { ...pager({ key: 'a' }), apiVersion: 7 };
    expect(thrownBy(() => collectPlugins([value, 5]))).toMatchObject({
      code: 'INP-0502',
      message: expect.stringMatching(
        /plugins\[0\]: pager: it needs plugin contract 7, this engine speaks 1.*plugins\[1\]/,
      ),
    });
  });
});

describe('the plugins of a config', () => {
  it('may not hold a function that nobody called', () => {
    expect(thrownBy(() => collectPlugins([pager]))).toMatchObject({
      code: 'INP-0503',
      message: expect.stringContaining('is not called; write it with its options'),
    });
  });

  it('may not hold two channels of one id, but a channel and a check', () => {
    expect(thrownBy(() => collectPlugins([pager({ key: 'a' }), pager({ key: 'b' }), null]))).toMatchObject({
      code: 'INP-0503',
      message: expect.stringMatching(
        /plugins\[2\]: this is no plugin but null.*channel pager is there twice/,
      ),
    });
    const both = [pager({ key: 'a', id: 'desk' }), rows({ id: 'desk' })];
    expect(collectPlugins(both)).toMatchObject({ channels: [{ id: 'desk' }], checks: [{ id: 'desk' }] });
  });

  it.each(['Pager', 'p', 'pager_one', ''])('may not be kinds called %j', (name) => {
    expect(thrownBy(() => defineAlertChannel({ ...specOf(pager), name }))).toMatchObject({
      code: 'INP-0503',
    });
  });
});

/** The description of a channel from its kind, to make another one that differs in one thing. */
function specOf({ definition }: typeof pager) {
  const { name, apiVersion, capabilities } = definition;
  return {
    name,
    apiVersion,
    capabilities,
    create: () => ({ send: async () => ({ status: 'sent' as const }) }),
    options: z.strictObject({ key: secretOption, tries: z.int() }),
  };
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
