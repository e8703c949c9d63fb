import { mkdirSync, mkdtempSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeOutputFiles } from './output-files.ts';

const ID = '3f0f1f5e-7a5c-5d0e-9b52-6f1f0d7f6b11';
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'qts-ops-output-'));
  folders.push(folder);
  return folder;
}

describe('output files', () => {
  it('are saved under their execution, for the owner only, and read back', async () => {
    const folder = newFolder();
    const files = nodeOutputFiles(folder);
    const path = await files.save(ID, '출력\n');
    expect(path).toBe(`output/3f/${ID}.log`);
    expect(await files.read(path)).toBe('출력\n');
    expect(statSync(join(folder, path)).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'output/3f')).mode & 0o777).toBe(0o700);
  });

  it('replace what was saved before and leave no temporary file', async () => {
    const folder = newFolder();
    const files = nodeOutputFiles(folder);
    await files.save(ID, 'first');
    const path = await files.save(ID.toUpperCase(), 'second');
    expect(await files.read(path)).toBe('second');
    expect(readdirSync(join(folder, 'output/3f'))).toEqual([`${ID}.log`]);
  });

  it('are absent once they are gone', async () => {
    const folder = newFolder();
    const files = nodeOutputFiles(folder);
    const path = await files.save(ID, 'text');
    await rm(join(folder, path));
    expect(await files.read(path)).toBeUndefined();
  });

  it.each([
    '../../etc/passwd',
    '/etc/passwd',
    `output/../${ID}.log`,
    `output/aa/${ID}.log`,
    `../output/3f/${ID}.log`,
    `output/3f/${ID}.log\0`,
    'output/3f/../../secret.log',
    '',
  ])('are read from no other place: %j', async (path) => {
    await expect(nodeOutputFiles(newFolder()).read(path)).rejects.toMatchObject({ code: 'INP-0402' });
  });

  it('are not followed through a link', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'secret'), 'geheim');
    mkdirSync(join(folder, 'output/3f'), { recursive: true });
    symlinkSync('../../secret', join(folder, `output/3f/${ID}.log`));
    await expect(nodeOutputFiles(folder).read(`output/3f/${ID}.log`)).rejects.toMatchObject({
      code: 'INP-0402',
    });
  });

  it('refuse an id that is no id, and say when the disk refuses', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'output'), 'a file where the folder should be');
    await expect(nodeOutputFiles(folder).save('../x', 'text')).rejects.toMatchObject({ code: 'INP-0402' });
    await expect(nodeOutputFiles(folder).save(ID, 'text')).rejects.toMatchObject({
      code: 'SYS-0403',
      message: expect.stringContaining('check free space'),
    });
  });
});
