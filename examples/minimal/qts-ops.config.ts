import { defineConfig, every, exec, target } from '@qts-ops/core';

export default defineConfig({
  instance: 'minimal',
  targets: [
    target('clock', { on: every('5s'), run: ({ log }) => log(new Date().toISOString()) }),
    target('disk', { on: every('30s', { runOnStart: true }), run: exec('df', ['-h', '.']) }),
  ],
});
