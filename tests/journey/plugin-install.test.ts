import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repository, startNode } from './journey-programs.ts';
import {
  installedNames,
  installOffline,
  type PackedPackage,
  packFolder,
  packPackage,
  runTool,
} from './packed-packages.ts';
import { temporaryPlace } from './temporary-place.ts';

/** What core itself needs, and nothing else may come with it. */
const CORE_TREE = [
  ...[
    '@isaacs/fs-minipass',
    'chownr',
    'kysely',
    'minipass',
    'minizlib',
    'node-cron',
    'tar',
    'yallist',
    'yaml',
    'zod',
  ],
];

const RUN_CONTRACT = `
import { alertChannelCases, runCases } from '@qts-ops/core/contract';
import { defineConfig } from '@qts-ops/core';
import { ntfy } from 'qts-ops-ntfy';
import { ntfyContract } from 'qts-ops-ntfy/contract';
const config = defineConfig({ instance: 'desk-1', targets: [], plugins: [ntfy({ topic: { env: 'NTFY_TOPIC' } })] });
const outcomes = await runCases(alertChannelCases(ntfyContract));
console.log(JSON.stringify({ plugins: config.plugins.map(({ id }) => id), outcomes }));
`;

describe('a plugin by somebody else', () => {
  const place = temporaryPlace();
  let core: PackedPackage;
  beforeAll(() => {
    core = packPackage('packages/core', place.path);
  });
  afterAll(() => place[Symbol.dispose]());

  it('is built against a packed core, installed beside it in an empty folder and keeps the contract', async () => {
    const ntfy = buildPlugin(core, place.path);
    const folder = emptyFolder(place.path, 'consumer');
    installOffline([core, ntfy], folder);
    expect(installedNames(folder)).toEqual(['@qts-ops/core', 'qts-ops-ntfy', ...CORE_TREE].sort());

    writeFileSync(join(folder, 'contract.js'), RUN_CONTRACT);
    const end = await startNode(['contract.js'], { cwd: folder }).ended;
    expect(end).toMatchObject({ code: 0, stderr: '' });
    const { plugins, outcomes } = JSON.parse(end.stdout);
    expect(plugins).toEqual(['ntfy']);
    expect(outcomes.filter(({ outcome }: { outcome: string }) => outcome === 'failed')).toEqual([]);
    expect(
      outcomes.filter(({ outcome }: { outcome: string }) => outcome === 'passed').length,
    ).toBeGreaterThan(25);
  });

  it('brings nothing of the other plugins, and neither does one of ours', () => {
    const folder = emptyFolder(place.path, 'with-mail');
    installOffline([core, packFolder(join(repository, 'packages/alert-email'), place.path)], folder);
    expect(installedNames(folder)).toEqual(
      ['@qts-ops/alert-email', '@qts-ops/core', 'nodemailer', ...CORE_TREE].sort(),
    );
  });
});

/** As its author does it: core from npm, the compiler, `npm pack`. Only the compiler and its types are ours. */
function buildPlugin(core: PackedPackage, place: string): PackedPackage {
  const folder = emptyFolder(place, 'author');
  installOffline([core], folder);
  cpSync(join(repository, 'examples/custom-channel'), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  for (const name of ['@types/node', 'undici-types']) {
    symlinkSync(join(repository, 'node_modules', name), join(folder, 'node_modules', name));
  }
  runTool('tsc', ['-p', folder], folder);
  return packFolder(folder, place);
}

function emptyFolder(place: string, name: string): string {
  const folder = join(place, name);
  mkdirSync(folder);
  return folder;
}
