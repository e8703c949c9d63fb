import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Hundreds of short programs of the same modules: kept compiled, they start with less than half of the work.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

// Without 'import': these go to Node too, where a `require` of a package of both kinds must not get its ES module.
const conditions = ['@qts-ops/source', 'node', 'module', 'default'];
const packages = ['core', 'daemon', 'tui', 'alert-slack', 'alert-email', 'alert-webhook', 'health-checks'];

/** One vitest project per package plus the repository's own checks; sources run without a build. */
export default defineConfig({
  test: {
    // Many tests wait for programs they started, so one file more than there are processors keeps all of them busy.
    maxWorkers: availableParallelism() + 1,
    reporters: ['default', './tests/closing-line.ts'],
    projects: [
      ...packages.map((name) => project(name, `packages/${name}`, '{src,test,sim}/**/*.test.{ts,tsx}')),
      project('desk', 'examples/unattended-desk', '**/*.test.ts'),
      project('examples', 'examples', 'custom-*/*.test.ts'),
      project('tidy', 'tests/tidy', '**/*.test.ts'),
      project('docs', 'tests/docs', '**/*.test.ts'),
      // Whole programs, after everything else: they have deadlines, and the others keep the processors busy.
      project('journey', 'tests/journey', '**/*.test.ts'),
    ],
  },
});

function project(name: string, root: string, include: string) {
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      root,
      include: [include],
      // Limits for what hangs; nothing that is right may fail because a machine is slow.
      testTimeout: 240_000,
      hookTimeout: 240_000,
      expect: { poll: { timeout: 90_000, interval: 25 } },
      // They mostly wait for programs they started, so more of them go on at a time.
      ...(name === 'journey'
        ? {
            maxWorkers: 2 * availableParallelism() + 1,
            globalSetup: './built-packages.ts',
            testTimeout: 600_000,
          }
        : {}),
      sequence: { groupOrder: name === 'journey' ? 1 : 0 },
    },
  };
}
