import { expect, it } from 'vitest';
import { cron, every, exec, isolated, onDemand, target } from './define-config.ts';
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
    target('mod', { on: onDemand(), run: isolated({ module: 'm.ts', export: 'go' }) }),
  ];
  const input = { instance: 'desk', targets };
  const context = { env: { TOKEN: canary }, nowMs: 0, folder: '/srv/desk' };
  const description = describeConfig(requireConfig(input, context));
  const text = JSON.stringify(description);
  expect(text).not.toContain('canary');
  expect(text).not.toContain('literal-password');
  expect(description).toMatchObject({
    instance: 'desk',
    secrets: [{ env: 'TOKEN' }],
    targets: [
      { id: 'cmd', schedule: 'every 90 s', run: { args: ['--token=[secret]'], variables: ['A', 'B'] } },
      { id: 'fn', schedule: '0 17 * * 1-5', on: { timeZone: 'UTC' }, failWhen: 'custom' },
      { id: 'mod', schedule: 'on demand', run: { module: '/srv/desk/m.ts' }, failWhen: 'default' },
    ],
  });
});
