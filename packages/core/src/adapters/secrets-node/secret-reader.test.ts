import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../kernel/secret.ts';
import { secretReader } from './secret-reader.ts';

describe('a reference to a secret', () => {
  let folder: string;
  let remembered: string[];
  let warnings: string[];
  const env: Record<string, string | undefined> = {};
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'secret-reader-'));
    remembered = [];
    warnings = [];
    env['TOKEN'] = 'from-env';
    env['EMPTY'] = '';
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('leads to a variable, read anew each time', () => {
    const read = reader();
    expect(read({ env: 'TOKEN' }).reveal()).toBe('from-env');
    env['TOKEN'] = 'changed';
    expect(read({ env: 'TOKEN' }).reveal()).toBe('changed');
    expect(remembered).toEqual(['from-env', 'changed']);
    expect(warnings).toEqual([]);
  });

  it.each(['MISSING', 'EMPTY'])('names the variable %s that holds nothing', (name) => {
    expect(() => reader()({ env: name })).toThrow(new RegExp(`^slack: the environment variable ${name} is`));
  });

  it('leads to a file beside the configuration, without the line break at its end', () => {
    writeFileSync(join(folder, 'token'), 'from-file\n', { mode: 0o600 });
    expect(reader()({ file: 'token' }).reveal()).toBe('from-file');
    expect(warnings).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('warns once when others may read the file', () => {
    writeFileSync(join(folder, 'token'), 'from-file');
    chmodSync(join(folder, 'token'), 0o644);
    const read = reader();
    read({ file: 'token' });
    read({ file: 'token' });
    expect(warnings).toEqual([expect.stringContaining('may be read by others; set its mode to 600')]);
  });

  it.each([
    ['no file', undefined, 'ENOENT'],
    ['an empty file', '\n', 'it is empty'],
    ['a large file', 'x'.repeat(70_000), 'allowed are 65536'],
  ])('refuses %s without showing what is in it', (_what, content, reason) => {
    if (content !== undefined) writeFileSync(join(folder, 'token'), content);
    expect(() => reader()({ file: 'token' })).toThrow(reason);
  });

  it('may be the secret itself, wrapped, or as text with a warning', () => {
    const read = reader();
    expect(read(new Secret('X', 'wrapped')).reveal()).toBe('wrapped');
    expect(warnings).toEqual([]);
    expect(read('literal').reveal()).toBe('literal');
    expect(warnings).toEqual([expect.stringContaining('stands in the configuration as text')]);
    expect(remembered).toEqual(['wrapped', 'literal']);
  });

  function reader() {
    return secretReader({
      owner: 'slack',
      env,
      folder,
      remember: (secret) => void remembered.push(secret.reveal()),
      warn: (message) => void warnings.push(message),
    });
  }
});
