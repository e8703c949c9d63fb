import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findConfig } from './find-config.ts';
import { initConfig } from './init-config.ts';
import { loadConfig } from './load-config.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'qts-init-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('initConfig', () => {
  // The TypeScript one is loaded in a process of its own, see load-config.test.ts.
  it.each(['yaml', 'json'] as const)('writes a .%s config that loads as it is', async (format) => {
    const { configPath, files } = initConfig(home, { format });
    expect(files).toEqual([configPath, path.join(home, '.gitignore')]);
    expect(findConfig(home)).toBe(configPath);
    const config = await loadConfig(configPath, { env: {} });
    expect(config.targets.map(({ id, work, schedule }) => [id, work.kind, schedule?.kind])).toEqual([
      ['heartbeat', 'command', 'interval'],
      ['memory', 'command', 'cron'],
    ]);
  });

  it.each([
    ["desk 'one'\n", /^desk-one$/],
    ['---', /^qts-ops$/],
    ['가나다', /^가나다$/],
    ['x'.repeat(80), /^x{40}$/],
  ])('names the instance after the folder %j', async (folder, name) => {
    const { configPath } = initConfig(path.join(home, folder), { format: 'yaml' });
    expect((await loadConfig(configPath, { env: {} })).instance).toMatch(name);
  });

  it('overwrites no config, whatever its format', () => {
    const kept = path.join(home, 'qts-ops.config.json');
    writeFileSync(kept, '{}');
    expect(() => initConfig(home, { format: 'ts' })).toThrow(expect.objectContaining({ code: 'INP-0604' }));
    expect(readFileSync(kept, 'utf8')).toBe('{}');
    expect(existsSync(path.join(home, '.gitignore'))).toBe(false);
  });

  it('adds one line to an existing .gitignore and never a second one', () => {
    writeFileSync(path.join(home, '.gitignore'), 'dist');
    const { configPath } = initConfig(home, { format: 'json' });
    expect(readFileSync(path.join(home, '.gitignore'), 'utf8')).toBe('dist\n.qts-ops/\n');
    rmSync(configPath);
    expect(initConfig(home, { format: 'json' }).files).toEqual([configPath]);
  });

  it('says where it could not write', () => {
    const file = path.join(home, 'file');
    writeFileSync(file, '');
    mkdirSync(path.join(home, 'other'));
    expect(() => initConfig(path.join(file, 'below'), { format: 'ts' })).toThrow(
      expect.objectContaining({ code: 'INP-0605' }),
    );
  });
});
