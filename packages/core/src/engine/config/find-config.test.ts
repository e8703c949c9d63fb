import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findConfig, stateFolderOf } from './find-config.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'qts-find-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(...parts: readonly string[]): string {
  const file = path.join(home, ...parts);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, 'throw new Error("never evaluated")');
  return file;
}

describe('findConfig', () => {
  it.each(['ts', 'mts', 'mjs', 'js', 'yaml', 'yml', 'json'])(
    'finds a .%s config without evaluating it',
    (ending) => {
      const file = write(`qts-ops.config.${ending}`);
      expect(findConfig(home)).toBe(file);
    },
  );

  it('finds the nearest config above a folder', () => {
    write('qts-ops.config.ts');
    const near = write('desk', 'qts-ops.config.yaml');
    write('desk', 'src', 'deep', 'main.ts');
    expect(findConfig(path.join(home, 'desk', 'src', 'deep'))).toBe(near);
  });

  it('refuses two configs in one folder and names both', () => {
    write('qts-ops.config.ts');
    write('qts-ops.config.json');
    expect(() => findConfig(home)).toThrow('qts-ops.config.ts and qts-ops.config.json');
  });

  it('takes no folder for a config', () => {
    mkdirSync(path.join(home, 'qts-ops.config.ts'));
    expect(findConfig(home)).toBeUndefined();
  });
});

describe('stateFolderOf', () => {
  it('takes the option first, then the variable, then the folder beside the config', () => {
    write('qts-ops.config.ts');
    const cwd = home;
    const env = { QTS_OPS_STATE: '/var/lib/desk' };
    expect(stateFolderOf({ state: 'here', env, cwd })).toBe(path.join(home, 'here'));
    expect(stateFolderOf({ env, cwd })).toBe('/var/lib/desk');
    expect(stateFolderOf({ env: { QTS_OPS_STATE: '' }, cwd })).toBe(path.join(home, '.qts-ops'));
  });

  it('lies beside a config that was named', () => {
    const question = { config: 'desk/qts-ops.config.yaml', env: {}, cwd: home };
    expect(stateFolderOf(question)).toBe(path.join(home, 'desk', '.qts-ops'));
  });

  it('says how to go on when nothing tells where the state is', () => {
    const ask = () => stateFolderOf({ env: {}, cwd: home });
    expect(ask).toThrow(expect.objectContaining({ code: 'INP-0601' }));
    expect(ask).toThrow(/qts-ops init/);
  });
});
