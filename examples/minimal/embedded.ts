/** The engine inside a program of one's own: three runs, each on record, then an end in order. */
import { join } from 'node:path';
import { createConfig, createOps, every, type Ops, silentLogger, target } from '@qts-ops/core';

const stateFolder = process.argv[2] ?? join(import.meta.dirname, '.qts-ops');
let runs = 0;

const config = createConfig({
  instance: 'embedded',
  targets: [
    target('greet', {
      on: every('500ms', { runOnStart: true }),
      run: ({ log }) => {
        log('hello');
        runs += 1;
        if (runs === 3) void ops.drain();
      },
    }),
  ],
});

const ops: Ops = createOps({ config, stateFolder, logger: silentLogger });
ops.subscribe(({ name, payload }) => {
  if (name === 'execution.succeeded') console.log(`${payload.targetId} ${payload.runType} ${name}`);
});
await ops.start();
await ops.ended;
