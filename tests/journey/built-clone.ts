import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './journey-programs.ts';

/**
 * What a clone is after `npm ci` and `npm run build`: copies of these packages, as compiled before the journeys, beside
 * what the repository has installed.
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
    cpSync(from, to, { recursive: true, filter: (path) => path !== join(from, '.turbo') });
    symlinkSync(to, join(modules, '@qts-ops', name));
  }
  symlinkSync(join(folder, 'packages/daemon/bin/qts-ops.js'), join(modules, '.bin/qts-ops'));
}
