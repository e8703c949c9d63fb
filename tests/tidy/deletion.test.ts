import { describe, expect, it } from 'vitest';
import { lineOf, maskSource } from './mask-source.ts';
import { isTest, type RepositoryFile, repositoryFiles, typeScriptFiles } from './repository-files.ts';

const CORE = 'packages/core/src/';

/** Functions of the system that take a name or content away. */
const REMOVERS = ['unlink', 'rm', 'rmdir', 'truncate', 'ftruncate'].flatMap((name) => [name, `${name}Sync`]);

/** The adapter behind the files port; everybody else asks the port, where the gate stands. */
const ADAPTER = `${CORE}adapters/files-node/`;

/** Files that remove one file of their own, which they made themselves, and what it is. */
const OWN_FILES: Readonly<Record<string, string>> = {
  [`${CORE}adapters/processes-node/loop-watchdog.ts`]: 'the note of a blocked loop',
  [`${CORE}adapters/processes-node/loop-watchdog-worker.ts`]: 'the note of a blocked loop',
  [`${CORE}adapters/store-sql/sqlite-file.ts`]: 'the unfinished copy of its database',
  [`${CORE}adapters/store-sql/sqlite-backup.ts`]: 'the unfinished copy of its database',
  [`${CORE}engine/config/socket-path.ts`]: 'the pointer to its socket',
  'packages/daemon/src/api/serve-socket.ts': 'its socket',
  'packages/health-checks/src/files/canary-file.ts': 'the file it wrote to try the disk',
};

/** Calls of the port that take something away, and the only files that may make them. */
const PORT_CALLS: readonly { readonly call: string; readonly files: Readonly<Record<string, string>> }[] = [
  {
    call: 'unlink',
    files: {
      'keep/retention/delete-gate.ts': 'source data, proven against a verified backup',
      'keep/backup/remove-own.ts': 'files of ours in a backup root',
      'keep/backup/publish.ts': 'the partial name of what has just got its final one',
      'keep/restore/restore-writer.ts': 'the partial name of a restored file that is given up',
      'keep/restore/name-giving.ts': 'the partial name of a restored file that has its last one',
      'keep/restore/target-note.ts': 'unfinished files of a restore that was cut off, and its note',
    },
  },
  {
    call: 'removeFolder',
    files: {
      'keep/backup/remove-own.ts': 'empty folders of ours in a backup root',
      'keep/restore/restore-target.ts': 'the empty folder of unfinished files, and a target it made itself',
    },
  },
  {
    call: 'rename',
    files: {
      'keep/backup/backup-root.ts': 'small files of ours in a backup root',
      'keep/backup/prune-backups.ts': 'the mark on a backup of ours that is about to go',
      'keep/backup/publish.ts': 'a finished folder of copies',
      'keep/restore/aside-names.ts': 'a file in the way of a restore, to a name beside it',
      'keep/retention/state-lines.ts': 'small files of ours in the state folder',
    },
  },
  {
    call: 'truncate',
    files: {
      'adapters/archive-tar/': 'an archive that is being written',
      'keep/retention/state-lines.ts': 'the rest of a line that a crash cut off',
    },
  },
];

describe('the deletion check', () => {
  it.each([
    "import { unlinkSync } from 'node:fs';",
    "import { readFile, rm } from 'node:fs/promises';",
    "import {\n  rm as remove,\n} from 'fs';",
    "import fs from 'node:fs';",
    "import * as fs from 'node:fs/promises';",
    "const fs = await import('node:fs');",
    "const fs = process.getBuiltinModule('fs');",
    "export { rmSync } from 'node:fs';",
  ])('catches %s', (text) => {
    expect(removers([{ path: `${CORE}keep/backup/x.ts`, text }])).toHaveLength(1);
  });

  it('allows reading, and removing in the adapter and in tests', () => {
    const remove = "import { unlinkSync } from 'node:fs';";
    expect(removers([{ path: `${CORE}run/x.ts`, text: "import { readFileSync } from 'node:fs';" }])).toEqual(
      [],
    );
    expect(removers([{ path: `${ADAPTER}x.ts`, text: remove }])).toEqual([]);
    expect(removers([{ path: `${CORE}run/x.test.ts`, text: remove }])).toEqual([]);
    expect(removers([{ path: `${CORE}testing/x.ts`, text: remove }])).toEqual([]);
  });

  it.each([
    'files.unlink(path);',
    'const gone = files.unlink;',
    'this.#files.removeFolder(x);',
    "files['unlink'](x);",
  ])('catches a call of the port: %s', (text) => {
    expect(portCalls([{ path: `${CORE}keep/retention/x.ts`, text }])).toHaveLength(1);
    expect(portCalls([{ path: `${CORE}testing/x.ts`, text }])).toEqual([]);
  });
});

it('names and content are taken away in the files adapter only, apart from named files of our own', () => {
  expect(removers(typeScriptFiles(repositoryFiles()))).toEqual([]);
});

it('source data are deleted by the gate alone, and our own files only where it is said', () => {
  expect(portCalls(typeScriptFiles(repositoryFiles()))).toEqual([]);
});

it('every exception is still needed', () => {
  const files = typeScriptFiles(repositoryFiles());
  const removing = files.filter((file) => foundRemovers(file).length > 0).map(({ path }) => path);
  expect(Object.keys(OWN_FILES).filter((path) => !removing.includes(path))).toEqual([]);
  for (const { call, files: allowed } of PORT_CALLS) {
    const calling = files.filter((file) => foundCalls(file, call).length > 0).map(({ path }) => path);
    const unused = Object.keys(allowed).filter(
      (place) => !calling.some((path) => path.startsWith(CORE + place)),
    );
    expect(unused, call).toEqual([]);
  }
});

function removers(files: readonly RepositoryFile[]): string[] {
  return files
    .filter(({ path }) => isProduct(path) && !path.startsWith(ADAPTER) && !(path in OWN_FILES))
    .flatMap((file) => foundRemovers(file).map((found) => `${file.path}:${found}; ask the files port`));
}

function portCalls(files: readonly RepositoryFile[]): string[] {
  return PORT_CALLS.flatMap(({ call, files: allowed }) =>
    files
      .filter(({ path }) => path.startsWith(CORE) && isProduct(path) && !path.startsWith(ADAPTER))
      .filter(({ path }) => !Object.keys(allowed).some((place) => path.startsWith(CORE + place)))
      .flatMap((file) => foundCalls(file, call).map((found) => `${file.path}:${found}; see the delete gate`)),
  );
}

/** Code that runs at a user's place; what tests stand on cleans up after itself as it likes. */
function isProduct(path: string): boolean {
  return /^packages\/[^/]+\/src\//.test(path) && !isTest(path) && !/\/(testing|fixtures)\//.test(path);
}

/** Imports of the file system that bring a remover, or everything. */
function foundRemovers({ path, text }: RepositoryFile): string[] {
  const { comments } = maskSource(text, path.endsWith('x'));
  const isComment = (at: number) => comments.some(({ start, end }) => at >= start && at < end);
  return [...text.matchAll(/['"](?:node:)?fs(?:\/promises)?['"]/g)].flatMap(({ index }) => {
    if (isComment(index)) return [];
    const statement = text.slice(0, index).match(/(?:import|export)\s*(?:type\s*)?\{([^}]*)\}\s*from\s*$/);
    const names = statement?.[1]?.split(',').map((name) => name.trim().split(/\s+as\s+/)[0] ?? '') ?? [
      'everything',
    ];
    const bad = names.filter((name) => name === 'everything' || REMOVERS.includes(name));
    return bad.length === 0 ? [] : [`${lineOf(text, index)}: ${bad.join(', ')} of the file system`];
  });
}

function foundCalls({ path, text }: RepositoryFile, call: string): string[] {
  const { code, comments } = maskSource(text, path.endsWith('x'));
  const dotted = [...code.matchAll(new RegExp(`\\.${call}\\b(?!:)`, 'g'))];
  const quoted = [...text.matchAll(new RegExp(`\\[\\s*['"\`]${call}['"\`]\\s*\\]`, 'g'))].filter(
    ({ index }) => !comments.some(({ start, end }) => index >= start && index < end),
  );
  return [...dotted, ...quoted].map(({ index }) => `${lineOf(text, index)}: ${call}`);
}
