import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchThreads, faultyThread } from '../../../test/faulty-threads.ts';
import type { FileBatch, FileBatches } from '../../keep/restore/file-batches.ts';
import { nodeFileBatches } from './batch-threads.ts';
import { nodeKeepFiles } from './keep-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-batches-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = nodeKeepFiles();
const BROKEN = new URL('data:text/javascript,throw new Error("it does not start")');

function opened(entry?: URL): FileBatches {
  const batches = nodeFileBatches(files, { filesMin: 1, threads: 2, entry })(1);
  if (batches === undefined) throw new Error('no batches');
  return batches;
}

function batchOf(names: readonly string[]): FileBatch {
  const bytes = new Uint8Array(new SharedArrayBuffer(names.length * 3));
  const texts = names.map((name) => name.slice(-3).padStart(3));
  for (const [index, text] of texts.entries()) bytes.set(Buffer.from(text), index * 3);
  const listed = names.map((name, index) => {
    return { name, mode: 0o640, mtimeNs: '1700000000500000000', at: index * 3, length: 3 };
  });
  return { folder, bytes, files: listed };
}

describe.each([
  ['on threads', undefined],
  ['where no thread starts', BROKEN],
])('batches of files %s', (_, entry) => {
  it('are written whole, with their rights and times', async () => {
    const batches = opened(entry);
    try {
      const names = Array.from({ length: 20 }, (_value, index) => `file-${index + 100}`);
      await Promise.all([batches.write(batchOf(names.slice(0, 9))), batches.write(batchOf(names.slice(9)))]);
      for (const name of names) {
        expect(readFileSync(join(folder, name), 'utf8')).toBe(name.slice(-3));
        const { mode, mtimeMs } = statSync(join(folder, name));
        expect({ mode: mode & 0o7777, mtimeMs }).toEqual({ mode: 0o640, mtimeMs: 1_700_000_000_500 });
      }
    } finally {
      await batches.close();
    }
  });

  it('never replace a file, and say what the system says', async () => {
    const batches = opened(entry);
    try {
      writeFileSync(join(folder, 'taken'), 'before');
      await expect(batches.write(batchOf(['taken']))).rejects.toMatchObject({ code: 'EEXIST' });
      expect(readFileSync(join(folder, 'taken'), 'utf8')).toBe('before');
      // The one after it is not harmed.
      await batches.write(batchOf(['next']));
      expect(readFileSync(join(folder, 'next'), 'utf8')).toBe('ext');
    } finally {
      await batches.close();
    }
  });
});

describe('a thread that writes files', () => {
  it('is not started for a few', () => {
    expect(nodeFileBatches(files)(100)).toBeUndefined();
  });

  it('whose program cannot be named is done without', async () => {
    const batches = opened(new URL('http://localhost/thread.js'));
    await batches.write(batchOf(['one']));
    expect(readFileSync(join(folder, 'one'), 'utf8')).toBe('one');
    await batches.close();
  });

  it.each(['exit', 'memory'])(
    'that ends in the middle (%s) leaves the rest to the caller, whole',
    async (does) => {
      const batches = opened(faultyThread({ at: 7, does }));
      try {
        const names = ['one', 'two', 'thr', 'fou', 'fiv'];
        await Promise.all([batches.write(batchOf(names)), batches.write(batchOf(['six', 'sev']))]);
        // Nobody waits for an answer of a thread that is gone.
        await batches.write(batchOf(['eig']));
        for (const name of [...names, 'six', 'sev', 'eig']) {
          expect(readFileSync(join(folder, name), 'utf8')).toBe(name);
        }
      } finally {
        await batches.close();
      }
      await expect.poll(batchThreads).toEqual([]);
    },
  );

  it('writes nothing more when it was closed', async () => {
    const batches = opened();
    await batches.close();
    await expect(batches.write(batchOf(['one']))).rejects.toThrow('closed');
    expect(readdirSync(folder)).toEqual([]);
    await expect.poll(batchThreads).toEqual([]);
  });

  it('says which file the system refused', async () => {
    const batches = opened(faultyThread({ at: 7, does: 'EMFILE' }));
    try {
      await expect(batches.write(batchOf(['one', 'two', 'thr']))).rejects.toMatchObject({
        ...{ name: 'FileFailure', code: 'EMFILE', file: 'two' },
      });
    } finally {
      await batches.close();
    }
  });
});
