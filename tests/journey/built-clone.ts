import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './journey-programs.ts';
import { runTool } from './packed-packages.ts';

/**
 * What a clone is after `npm ci` and `npm run build`: copies of these packages, compiled, beside what the repository has
 * installed. Packages that others are still writing do not get in the way.
 */
export function buildClone(folder: string, packages: readonly string[]): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@qts-ops'), { recursive: true });
  mkdirSync(join(modules, '.bin'));
  for (const name of ['package.json', 'tsconfig.base.json'])
    cpSync(join(repository, name), join(folder, name));
  const installed = join(repository, 'node_modules');
  for (const name of readdirSync(installed)) {
    if (name === '@qts-ops' || name.startsWith('.')) continue;
    symlinkSync(join(installed, name), join(modules, name));
  }
  for (const name of packages) {
    const from = join(repository, 'packages', name);
    const to = join(folder, 'packages', name);
    const isBuilt = (path: string) => path === join(from, 'dist') || path === join(from, '.turbo');
    cpSync(from, to, { recursive: true, filter: (path) => !isBuilt(path) });
    symlinkSync(to, join(modules, '@qts-ops', name));
  }
  symlinkSync(join(folder, 'packages/daemon/bin/qts-ops.js'), join(modules, '.bin/qts-ops'));
  runTool('tsc', ['-b', ...packages.map((name) => join('packages', name))], folder);
}
