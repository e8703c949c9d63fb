import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DemoProblem } from './demo-problem.ts';

/** Arguments of Node for the programs that the demo shows. */
export interface DemoPrograms {
  /** `qts-ops`. */
  readonly engine: readonly string[];
  /** `qts-tui`. */
  readonly screen: readonly string[];
}

const repository = resolve(import.meta.dirname, '../../..');
const SOURCES = '--conditions=@qts-ops/source';

/**
 * The built programs; the engine from its sources when this program itself runs with the condition for sources.
 * DESK_SCREEN names another build of the screen. Throws `DemoProblem` when something has not been built.
 */
export function findPrograms(): DemoPrograms {
  const isFromSources = process.execArgv.includes(SOURCES);
  const screen = process.env['DESK_SCREEN'] ?? join(repository, 'packages/tui/bin/qts-tui.js');
  const engine = isFromSources
    ? [SOURCES, join(repository, 'packages/daemon/src/main.ts')]
    : [join(repository, 'packages/daemon/bin/qts-ops.js')];
  const built = ['core/dist/index.js', 'daemon/dist/main.js'].map((file) =>
    join(repository, 'packages', file),
  );
  const needed = [
    screen,
    ...(process.env['DESK_SCREEN'] === undefined
      ? [join(repository, 'packages/tui/dist/bundle/main.js')]
      : []),
    ...(isFromSources ? [] : built),
  ];
  const missing = needed.filter((path) => !existsSync(path));
  if (missing.length === 0) return { engine, screen: [screen] };
  throw new DemoProblem(
    `not built yet (missing: ${missing.join(', ')}); run \`npm start\`, which builds first, or \`npm run build\``,
  );
}
