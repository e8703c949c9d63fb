import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, shellEnvironment } from './journey-programs.ts';

/** An entry of npm's lock, version 3. */
interface LockEntry {
  readonly version?: string | undefined;
  readonly resolved?: string | undefined;
  readonly integrity?: string | undefined;
  readonly dependencies?: Readonly<Record<string, string>> | undefined;
  readonly peerDependencies?: Readonly<Record<string, string>> | undefined;
  readonly peerDependenciesMeta?: unknown;
}

/** Which registry npm takes packages from; asked once. */
let registry: string | undefined;

/** A package as npm packs it. */
export interface PackedPackage {
  readonly name: string;
  /** Absolute path of the tarball. */
  readonly tarball: string;
  readonly manifest: LockEntry;
}

/** Packs a package, compiled before the journeys, as `npm publish` would. */
export function packPackage(folder: string, place: string): PackedPackage {
  const copy = join(place, `build-${folder.replaceAll('/', '-')}`);
  mkdirSync(copy, { recursive: true });
  for (const name of ['package.json', 'README.md', 'dist']) {
    cpSync(join(repository, folder, name), join(copy, name), { recursive: true });
  }
  return packFolder(copy, place);
}

/** Packs a folder as it is; what it needs from others is the same whether it was built or not. */
export function packFolder(folder: string, place: string): PackedPackage {
  const [{ filename = '' } = {}] = JSON.parse(
    runTool('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', place], folder),
  );
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { name: manifest.name, tarball: join(place, filename), manifest };
}

/**
 * Installs packed packages in an empty folder, without a network: the lock is made of the repository's own entries,
 * so npm takes every tarball from its cache, where the installation of the repository has put it.
 */
export function installOffline(packages: readonly PackedPackage[], folder: string): void {
  const dependencies = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const root = { name: 'empty-folder', version: '1.0.0', type: 'module', private: true, dependencies };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(root));
  const lock = { name: root.name, version: root.version, lockfileVersion: 3, requires: true };
  const entries = { '': root, ...ownEntries(packages), ...sharedEntries(packages) };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lock, packages: entries }));
  runTool('npm', ['ci', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
}

/** Names of all installed packages, as npm lists them. */
export function installedNames(folder: string): readonly string[] {
  const lines = runTool('npm', ['ls', '--all', '--parseable'], folder).trim().split('\n').slice(1);
  return lines.map((line) => line.split('/node_modules/').at(-1) ?? '').sort();
}

/** Runs a tool of the repository or npm; fails with what it wrote. */
export function runTool(name: string, args: readonly string[], cwd: string): string {
  const tools = join(repository, 'node_modules/.bin');
  const env = shellEnvironment(npmPlaces());
  const { status, stdout, stderr } = spawnSync(name, args, {
    cwd,
    encoding: 'utf8',
    env: { ...env, PATH: `${tools}:${env['PATH'] ?? ''}` },
  });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Where npm keeps its tarballs and which registry it asks, when that was said by the environment. */
function npmPlaces(): Readonly<Record<string, string>> {
  const names = ['npm_config_cache', 'npm_config_registry', 'npm_config_userconfig'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name] ?? process.env[name.toUpperCase()];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function ownEntries(packages: readonly PackedPackage[]): Readonly<Record<string, LockEntry>> {
  return Object.fromEntries(
    packages.map(({ name, tarball, manifest }) => {
      const { version, dependencies, peerDependencies, peerDependenciesMeta } = manifest;
      const needs = { dependencies, peerDependencies, peerDependenciesMeta };
      return [`node_modules/${name}`, { version, resolved: `file:${tarball}`, ...needs }];
    }),
  );
}

/** What the packages need from elsewhere, with the exact versions of the repository's lock. */
function sharedEntries(packages: readonly PackedPackage[]): Readonly<Record<string, LockEntry>> {
  const lock: { readonly packages: Readonly<Record<string, LockEntry>> } = JSON.parse(
    readFileSync(join(repository, 'package-lock.json'), 'utf8'),
  );
  registry ??= runTool('npm', ['config', 'get', 'registry'], repository).trim();
  const source = registry;
  const found: Record<string, LockEntry> = {};
  const open = packages.flatMap(({ manifest }) => Object.keys(manifest.dependencies ?? {}));
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const key = `node_modules/${name}`;
    const entry = lock.packages[key];
    if (entry === undefined || key in found) continue;
    const { version, integrity, dependencies = {} } = entry;
    // Where the tarball came from; the repository's lock leaves it out, and npm finds it in its cache by this name.
    const resolved = `${source}${name}/-/${name.split('/').at(-1)}-${version}.tgz`;
    found[key] = { version, resolved, integrity, dependencies };
    open.push(...Object.keys(dependencies));
  }
  return found;
}
