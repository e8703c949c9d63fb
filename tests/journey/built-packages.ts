import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { repository } from './journey-programs.ts';
import { runTool } from './packed-packages.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** How long it took to compile what was not compiled yet, ms. */
    readonly buildMs: number;
  }
}

/** Compiles every package once before the journeys, which copy and pack what they find; a quick look when all is built. */
export function setup(project: TestProject): void {
  const begunMs = performance.now();
  const packages = readdirSync(join(repository, 'packages')).map((name) => join('packages', name));
  runTool('tsc', ['-b', ...packages], repository);
  project.provide('buildMs', performance.now() - begunMs);
}
