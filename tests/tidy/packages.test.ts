import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importList } from './import-list.ts';
import { isTest, type RepositoryFile, ROOT, repositoryFiles, typeScriptFiles } from './repository-files.ts';

const PACKAGES = readdirSync(join(ROOT, 'packages'));
const CORE_PACKAGES_MAX = 10;

interface Manifest {
  readonly name: string;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Where the program of a package lies that is published as a bundle: what it loads is in it and is not installed. */
const BUNDLE_FOLDER = 'dist/bundle';

/** Entries of core that each kind of package may see outside its tests. */
const CORE_ENTRIES: Readonly<Record<string, readonly string[]>> = {
  daemon: ['@qts-ops/core', '@qts-ops/core/client', '@qts-ops/core/plugin'],
  tui: ['@qts-ops/core', '@qts-ops/core/client'],
  plugin: ['@qts-ops/core/plugin'],
};

describe('the package check', () => {
  it.each([
    ['alert-slack', "import { createOps } from '@qts-ops/core';", 'may see @qts-ops/core/plugin'],
    ['tui', "import { main } from '@qts-ops/daemon';", 'packages never import each other'],
    ['daemon', "import { Box } from 'ink';", 'ink is not a dependency'],
    ['daemon', "import { x } from '../../core/src/kernel/ids.ts';", 'leaves the package'],
    ['tui', "import { VirtualClock } from '@qts-ops/core/testing';", 'may see'],
  ])('catches in %s: %s', (name, text, reason) => {
    const offences = packageOffences([{ path: `packages/${name}/src/x.ts`, text }]);
    expect(offences).toHaveLength(1);
    expect(offences[0]).toContain(reason);
  });

  it('lets tests see the testing entry and the test runner', () => {
    const text = "import { it } from 'vitest';\nimport { VirtualClock } from '@qts-ops/core/testing';";
    expect(packageOffences([{ path: 'packages/tui/src/x.test.ts', text }])).toEqual([]);
  });
});

it('packages see each other only through their entries and load only what they declare', () => {
  const files = typeScriptFiles(repositoryFiles()).filter(({ path }) => path.startsWith('packages/'));
  expect(packageOffences(files)).toEqual([]);
});

it('the looked-after desk imports nothing of qts-ops', () => {
  const desk = typeScriptFiles(repositoryFiles()).filter(({ path }) =>
    path.startsWith('examples/unattended-desk/desk/'),
  );
  expect(desk.length).toBeGreaterThan(0);
  const seen = desk.flatMap(({ path, text }) =>
    importList(text, false)
      .filter(({ specifier }) => specifier.startsWith('@qts-ops/') || specifier.startsWith('../../'))
      .map(({ specifier, line }) => `${path}:${line}: ${specifier}`),
  );
  expect(seen).toEqual([]);
});

it('every package has a page of its own', () => {
  const pages = repositoryFiles().map(({ path }) => path);
  expect(PACKAGES.filter((name) => !pages.includes(`packages/${name}/README.md`))).toEqual([]);
});

it('every package carries the licence', () => {
  const licence = readFileSync(join(ROOT, 'LICENSE'), 'utf8');
  const without = PACKAGES.filter((name) => {
    const file = join(ROOT, 'packages', name, 'LICENSE');
    return !existsSync(file) || readFileSync(file, 'utf8') !== licence;
  });
  expect(without).toEqual([]);
});

it('no package carries what only tests need', () => {
  const offences = PACKAGES.flatMap((name) => {
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--workspace', `packages/${name}`];
    const listed = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8' }).stdout;
    return [...listed.matchAll(/"path": "([^"]+)"/g)].flatMap(([, path = '']) => {
      return /(^|\/)(fixtures|test|sim)\/|\.test\.|(?<!\.d)\.tsx?$/.test(path) ? [`${name}: ${path}`] : [];
    });
  });
  expect(offences).toEqual([]);
});

it(`core brings at most ${CORE_PACKAGES_MAX} packages`, () => {
  const tree = dependencyTree('packages/core');
  expect(tree.length, tree.join(', ')).toBeLessThanOrEqual(CORE_PACKAGES_MAX);
  expect(tree).toContain('zod');
});

function packageOffences(files: readonly RepositoryFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const name = path.split('/')[1] ?? '';
    return importList(text, path.endsWith('x')).flatMap(({ specifier, line }) => {
      const offence = specifier.startsWith('.')
        ? leaves(path, specifier)
        : externalOffence(name, specifier, isTest(path) || !path.includes('/src/'));
      return offence === undefined ? [] : [`${path}:${line}: ${specifier}: ${offence}`];
    });
  });
}

function leaves(path: string, specifier: string): string | undefined {
  const steps = specifier.split('/').filter((step) => step === '..').length;
  const depth = path.split('/').length - 3;
  return steps > depth ? 'leaves the package' : undefined;
}

function externalOffence(name: string, specifier: string, testing: boolean): string | undefined {
  if (specifier.startsWith('node:') || specifier === 'vitest' || specifier.startsWith('vitest/'))
    return undefined;
  if (specifier.startsWith('@qts-ops/')) return siblingOffence(name, specifier, testing);
  const dependency = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const { files = [], dependencies, peerDependencies, devDependencies } = manifestOf(name);
  const bundled = files.includes(BUNDLE_FOLDER) ? devDependencies : {};
  const forTests = testing ? rootDevDependencies() : {};
  const declared = { ...dependencies, ...peerDependencies, ...bundled, ...forTests };
  return dependency in declared ? undefined : `${dependency} is not a dependency of ${name}`;
}

function siblingOffence(name: string, specifier: string, testing: boolean): string | undefined {
  if (!/^@qts-ops\/core(\/|$)/.test(specifier)) {
    return testing ? undefined : 'packages never import each other; the configuration is where they meet';
  }
  if (testing || name === 'core') return undefined;
  const allowed = CORE_ENTRIES[name] ?? CORE_ENTRIES['plugin'] ?? [];
  return allowed.includes(specifier) ? undefined : `${name} may see ${allowed.join(', ')}`;
}

function manifestOf(name: string): Manifest {
  return readJson(`packages/${name}/package.json`) as Manifest; // npm has read the same file before us
}

function rootDevDependencies(): Readonly<Record<string, string>> {
  return (readJson('package.json') as { devDependencies: Record<string, string> }).devDependencies; // our own file
}

interface LockEntry {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Names of all packages that npm installs for one workspace's run-time dependencies. */
function dependencyTree(workspace: string): string[] {
  const { packages } = readJson('package-lock.json') as { packages: Record<string, LockEntry> }; // npm's lock, version 3
  const seen = new Set<string>();
  const open = [workspace];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    for (const name of Object.keys(packages[place]?.dependencies ?? {})) {
      const nested = `${place}/node_modules/${name}`;
      const found = nested in packages ? nested : `node_modules/${name}`;
      if (!seen.has(found)) open.push(found);
      seen.add(found);
    }
  }
  return [...seen].map((place) => place.replace(/^.*node_modules\//, ''));
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
}
