import { appendFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { createConfig } from '../src/engine/config/load-config.ts';
import { createOps } from '../src/engine/create-ops.ts';

/*
 * A real engine that says on standard output everything it commits, one line each, so that it can be killed at any
 * of them. First argument: its state folder, beside which every run writes a line into the file `effects`.
 */

const [, , stateFolder = ''] = process.argv;
const effects = join(stateFolder, '..', 'effects');
const common = {
  errorBackoff: '100ms',
  maxConsecutiveErrors: 1000,
  stopGrace: '2s',
  grace: '2s',
} as const;

/** A program with a child in its group and one in a session of its own; both outlive it unless they are ended. */
const tree = `echo "$QTS_EXECUTION_ID" >> "$EFFECTS"; sleep 300 & setsid sleep 300 & sleep 0.4`;

const config = createConfig({
  instance: 'killed',
  drain: '5s',
  targets: [
    {
      ...common,
      id: 'quick',
      on: { every: '100ms' },
      run: ({ executionId }) => appendFileSync(effects, `${executionId}\n`),
    },
    {
      ...common,
      id: 'slow',
      on: { every: '1s' },
      run: ({ executionId, signal }) => {
        appendFileSync(effects, `${executionId}\n`);
        return new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 700);
          signal.addEventListener('abort', () => {
            clearTimeout(timer);
            resolve();
          });
        });
      },
    },
    {
      ...common,
      id: 'tree',
      on: { every: '1s' },
      run: { exec: ['/bin/sh', '-c', tree], env: { EFFECTS: effects } },
    },
    {
      ...common,
      id: 'isolated',
      on: { every: '1s' },
      run: { isolated: { module: join(import.meta.dirname, 'isolated-tree.ts'), export: 'growTree' } },
    },
  ],
});

const ops = createOps({ config, stateFolder });
ops.subscribe(({ name, payload }) => {
  const id = 'executionId' in payload ? payload.executionId : '';
  process.stdout.write(`${name} ${id}\n`);
});
process.on('SIGTERM', () => {
  ops.drain().catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
});
await ops.start();
process.stdout.write('ready\n');
// A killed process keeps nothing; the next round starts from what this one has compiled.
flushCompileCache();
await ops.ended;
