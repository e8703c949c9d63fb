import { expect, it } from 'vitest';
import { at, cron, every, exec, isolated, onDemand, target } from './define-config.ts';
import { describeConfig } from './describe-config.ts';
import { requireConfig } from './resolve-config.ts';

it('describes everything but secrets and the values of variables', () => {
  const canary = 'canary-7f3a9c-do-not-print-me';
  const run = exec('python', [`--token=${canary}`], {
    env: { A: { env: 'TOKEN' }, B: 'literal-password' },
  });
  const targets = [
    target('cmd', { title: canary, on: every('90s'), run }),
    target('fn', { on: cron('0 17 * * 1-5'), run: () => undefined, failWhen: () => false }),
    target('ticks', { on: every('5s'), calendar: 'XKRX', window: 'open..close', run: () => undefined }),
    target('close', {
      on: at('close+5m', { calendar: 'XKRX' }),
      run: () => undefined,
      retry: 3,
      pool: 'heavy',
    }),
    target('report', { after: 'close', run: () => undefined, missed: 'skip' }),
    target('mod', { on: onDemand(), run: isolated({ module: 'm.ts', export: 'go' }) }),
  ];
  const input = { instance: 'desk', pools: { heavy: 1 }, targets };
  const context = { env: { TOKEN: canary }, nowMs: Date.UTC(2027, 11, 20), folder: '/srv/desk' };
  const description = describeConfig(requireConfig(input, context));
  const text = JSON.stringify(description);
  expect(text).not.toContain('canary');
  expect(text).not.toContain('literal-password');
  expect(text).not.toContain('openMs');
  expect(description).toMatchObject({
    instance: 'desk',
    secrets: [{ env: 'TOKEN' }],
    pools: { heavy: 1 },
    warnings: [{ code: 'INP-0703', path: 'targets[2].calendar' }],
    targets: [
      { id: 'cmd', schedule: 'every 90 s', run: { args: ['--token=[secret]'], variables: ['A', 'B'] } },
      { id: 'fn', schedule: '0 17 * * 1-5', on: { timeZone: 'UTC' }, failWhen: 'custom' },
      {
        id: 'ticks',
        schedule: 'every 5 s in XKRX open..close',
        on: { everyMs: 5_000, sessions: { calendar: 'XKRX', window: 'open..close' } },
      },
      {
        id: 'close',
        schedule: 'XKRX close+5m',
        on: { kind: 'anchor', calendar: 'XKRX', at: 'close+5m' },
        policies: { retry: { maxAttempts: 3 }, pool: 'heavy', priority: 5, jitterMs: 0 },
      },
      {
        id: 'report',
        schedule: 'after close',
        policies: { dependency: { after: ['close'], on: 'success' } },
      },
      { id: 'mod', schedule: 'on demand', run: { module: '/srv/desk/m.ts' }, failWhen: 'default' },
    ],
  });
});
