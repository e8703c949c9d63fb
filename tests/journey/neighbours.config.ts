// One healthy target beside five of the kinds that bring schedulers to a halt.
import { defineConfig, every, exec, isolated, target } from '@qts-ops/core';

/** Never rests and is never suspended, so that it does harm as long as the test runs. */
const relentless = { errorBackoffMs: 0, maxConsecutiveErrors: 1_000 };
const impatient = { ...relentless, timeout: '1500ms', stopGrace: '300ms' };

export default defineConfig({
  instance: 'neighbours',
  drain: '1s',
  targets: [
    target('healthy', { on: every('1s'), timeout: '900ms', run: ({ log }) => log('done') }),
    target('always_fails', {
      ...relentless,
      on: every('1s'),
      run: () => {
        throw new Error('this target always fails');
      },
    }),
    target('hangs', { ...impatient, on: every('1s'), run: () => new Promise(() => {}) }),
    target('spins', {
      ...impatient,
      on: every('1s'),
      run: isolated({ module: './neighbours-work.ts', export: 'spin' }),
    }),
    target('ignores_sigterm', {
      ...impatient,
      on: every('1s'),
      run: exec('sh', ['-c', 'trap "" TERM; while :; do sleep 0.2; done']),
    }),
    target('floods', {
      ...impatient,
      on: every('1s'),
      run: exec('yes', ['a line of a program that never stops']),
    }),
  ],
});
