import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceTree } from '../../../test/source-tree.ts';
import { nodeKeepFiles } from '../../adapters/files-node/keep-files.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { planBackup } from './backup-plan.ts';
import { compareInTree } from './tree-order.ts';

const files = nodeKeepFiles();
const isRoot = process.getuid?.() === 0;

function plan(tree: { source: string; backups: string }, globs?: readonly string[]) {
  const made = planBackup(files, { sourceRoot: tree.source, backupRoot: tree.backups, globs });
  return { ...made, paths: [...made.files].map(({ path }) => path) };
}

describe('the plan of a backup', () => {
  it('lists every regular file in the order of the tree, hidden ones too', () => {
    using tree = sourceTree({
      'b.txt': '1',
      'a/z': '22',
      'a.txt': '333',
      '.env': '',
      '.hidden/x': '4',
      'a/y/x': '',
    });
    const { paths, files: planned, skipped } = plan(tree);
    expect(paths).toEqual(['.env', '.hidden/x', 'a/y/x', 'a/z', 'a.txt', 'b.txt']);
    expect(paths.toSorted(compareInTree)).toEqual(paths);
    expect(planned.bytes).toBe(7);
    expect(skipped).toEqual([]);
  });

  it('takes only what the globs want and does not enter other folders', () => {
    using tree = sourceTree({ 'raw/a.jsonl': '1', 'raw/a.txt': '1', 'decision/a.jsonl': '1' });
    mkdirSync(join(tree.source, 'closed'), { mode: 0o000 });
    expect(plan(tree, ['raw/*.jsonl']).paths).toEqual(['raw/a.jsonl']);
  });

  it('leaves out links, sockets and pipes, and says why', async () => {
    using tree = sourceTree({ 'a.txt': '1', 'sub/b.txt': '2' });
    symlinkSync('sub/b.txt', join(tree.source, 'inside'));
    symlinkSync('/etc/hostname', join(tree.source, 'outside'));
    symlinkSync('../nothing', join(tree.source, 'dangling'));
    symlinkSync('sub', join(tree.source, 'folder-link'));
    execFileSync('mkfifo', [join(tree.source, 'pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(tree.source, 'socket'), resolve));
    try {
      const { paths, skipped } = plan(tree);
      expect(paths).toEqual(['a.txt', 'sub/b.txt']);
      expect(skipped).toEqual([
        { path: 'dangling', reason: 'symlink-outside', detail: '../nothing' },
        { path: 'folder-link', reason: 'symlink', detail: 'sub' },
        { path: 'inside', reason: 'symlink', detail: 'sub/b.txt' },
        { path: 'outside', reason: 'symlink-outside', detail: '/etc/hostname' },
        { path: 'pipe', reason: 'special' },
        { path: 'socket', reason: 'special' },
      ]);
    } finally {
      server.close();
    }
  });

  it('takes each name of a hard link, sparse files and very long names', () => {
    const long = 'n'.repeat(255);
    using tree = sourceTree({ a: '1', [`${long}/${long}/${long}`]: 'x' });
    linkSync(join(tree.source, 'a'), join(tree.source, 'b'));
    execFileSync('truncate', ['-s', '5G', join(tree.source, 'sparse')]);
    const { paths, files: planned } = plan(tree);
    expect(paths).toEqual(['a', 'b', `${long}/${long}/${long}`, 'sparse']);
    expect(planned.bytes).toBe(3 + 5 * 1024 ** 3);
  });

  it('leaves out names that are not UTF-8, and shows their bytes', () => {
    using tree = sourceTree({ 'a.txt': '1' });
    execFileSync('sh', [
      '-c',
      `cd '${tree.source}' && printf x > "$(printf 'b\\377d')" && mkdir "$(printf 'd\\377')"`,
    ]);
    const { paths, skipped } = plan(tree);
    expect(paths).toEqual(['a.txt']);
    expect(skipped).toEqual([
      { path: 'b\uFFFDd', reason: 'not-utf8', detail: '62ff64' },
      { path: 'd\uFFFD', reason: 'not-utf8', detail: '64ff' },
    ]);
  });

  it('does not enter another file system', () => {
    using tree = sourceTree({ 'a.txt': '1', 'mounted/b.txt': '2' });
    const mounted = join(tree.source, 'mounted');
    const other: KeepFiles = {
      ...files,
      facts: (path) => {
        const facts = files.facts(path);
        return facts !== undefined && path.startsWith(mounted) ? { ...facts, dev: facts.dev + 1n } : facts;
      },
    };
    const made = planBackup(other, { sourceRoot: tree.source, backupRoot: tree.backups });
    expect([...made.files].map(({ path }) => path)).toEqual(['a.txt']);
    expect(made.skipped).toEqual([{ path: 'mounted', reason: 'other-device' }]);
  });

  it('leaves out a backup root inside the source, whatever it is called', () => {
    using tree = sourceTree({ 'a.txt': '1', 'keep/old.tar.gz': '2' });
    symlinkSync(join(tree.source, 'keep'), join(tree.folder, 'link-to-keep'));
    expect(plan({ source: tree.source, backups: join(tree.folder, 'link-to-keep') }).paths).toEqual([
      'a.txt',
    ]);
  });

  it('refuses a source that is the backup root or lies inside it', () => {
    using tree = sourceTree({ 'a.txt': '1' });
    const refusal = expect.objectContaining({ code: 'INP-0801' });
    expect(() => plan({ source: tree.source, backups: tree.source })).toThrow(refusal);
    expect(() => plan({ source: tree.source, backups: tree.folder })).toThrow(refusal);
    symlinkSync(tree.folder, join(tree.folder, '../', `link-${tree.folder.slice(-6)}`));
    try {
      expect(() =>
        plan({ source: tree.source, backups: join(tree.folder, '../', `link-${tree.folder.slice(-6)}`) }),
      ).toThrow(refusal);
    } finally {
      rmSync(join(tree.folder, '../', `link-${tree.folder.slice(-6)}`));
    }
  });

  it('refuses a source that is missing or no folder', () => {
    using tree = sourceTree({ 'a.txt': '1' });
    const refusal = expect.objectContaining({ code: 'BAT-0501' });
    expect(() => plan({ ...tree, source: join(tree.folder, 'absent') })).toThrow(refusal);
    expect(() => plan({ ...tree, source: join(tree.source, 'a.txt') })).toThrow(refusal);
  });

  it.skipIf(isRoot)('fails when a folder cannot be listed, instead of missing its files', () => {
    using tree = sourceTree({ 'a.txt': '1', 'closed/b.txt': '2' });
    chmodSync(join(tree.source, 'closed'), 0o000);
    try {
      expect(() => plan(tree)).toThrow(expect.objectContaining({ code: 'BAT-0503' }));
      expect(plan(tree, ['!closed/**']).paths).toEqual(['a.txt']);
    } finally {
      chmodSync(join(tree.source, 'closed'), 0o700);
    }
  });

  it('fails when an input or output error hides a folder', () => {
    using tree = sourceTree({ 'a.txt': '1', 'bad/b.txt': '2' });
    const broken: KeepFiles = {
      ...files,
      list: (folder) => {
        if (folder.endsWith('/bad')) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
        return files.list(folder);
      },
    };
    expect(() => planBackup(broken, { sourceRoot: tree.source, backupRoot: tree.backups })).toThrow(
      expect.objectContaining({ code: 'BAT-0503' }),
    );
  });

  it('records what vanished between listing and looking', () => {
    using tree = sourceTree({ 'a.txt': '1', 'gone.txt': '2', 'gone/x': '3' });
    const racing: KeepFiles = {
      ...files,
      list: (folder) => {
        const listed = files.list(folder);
        if (folder === tree.source) {
          rmSync(join(tree.source, 'gone.txt'));
          renameSync(join(tree.source, 'gone'), join(tree.folder, 'gone'));
        }
        return listed;
      },
    };
    const made = planBackup(racing, { sourceRoot: tree.source, backupRoot: tree.backups });
    expect([...made.files].map(({ path }) => path)).toEqual(['a.txt']);
    expect(made.skipped).toEqual([
      { path: 'gone', reason: 'vanished' },
      { path: 'gone.txt', reason: 'vanished' },
    ]);
  });

  it('has a digest that changes with every fact of every file', () => {
    using tree = sourceTree({ 'a.txt': '1', 'b.txt': '2' });
    const first = plan(tree).planHash;
    expect(plan(tree).planHash).toBe(first);
    tree.write('a.txt', '1');
    const second = plan(tree).planHash;
    expect(second).not.toBe(first);
    expect(plan(tree, ['**']).planHash).not.toBe(second);
  });
});

it('the order of paths is the order of a walk through sorted folders', () => {
  const name = fc.stringMatching(/^[a!.0]{1,3}$/).filter((text) => text !== '.' && text !== '..');
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  fc.assert(
    fc.property(fc.array(path), (paths) => {
      const bySegments = paths.toSorted((a, b) => {
        const [left, right] = [a.split('/'), b.split('/')];
        for (let index = 0; index < Math.min(left.length, right.length); index++) {
          const [l = '', r = ''] = [left[index], right[index]];
          if (l !== r) return l < r ? -1 : 1;
        }
        return left.length - right.length;
      });
      expect(paths.toSorted(compareInTree)).toEqual(bySegments);
    }),
  );
});
