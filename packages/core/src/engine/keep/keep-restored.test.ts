import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KeepDeskRig } from '../../../test/keep-desk-rig.ts';
import { restoreHere } from './keep-desk-acts.ts';

const slow = { timeout: 240_000 };
const RULES = [{ match: '**', keepDays: 7, quiet: 0 }];
const SOURCES = [
  { id: 'raw', path: 'data/raw' },
  { id: 'other', path: 'data/other' },
];

function sourcesRig(): KeepDeskRig {
  return new KeepDeskRig({ backup: { to: 'backups', sources: SOURCES, database: false }, retention: RULES });
}

/** Restores the newest whole backup of `raw`, in place or into a folder. */
function restoreRaw(rig: KeepDeskRig, id: string, to?: string) {
  const follow = { signal: new AbortController().signal, onProgress: () => undefined };
  return restoreHere(rig.desk(), { choice: { id }, to, salvage: false, owner: 'kim', ...follow });
}

describe('restored files are not deleted again by the next run', () => {
  it('although they lie in another source now', slow, async () => {
    using rig = sourcesRig();
    rig.write('raw/a.jsonl', 20);
    rig.write('other/x.txt');
    const { sources } = await rig.run('backup');
    await restoreRaw(rig, sources[0]?.backupId ?? '', join(rig.folder, 'data/other/again'));
    await rig.run('maintenance');
    expect(existsSync(join(rig.folder, 'data/other/again/a.jsonl'))).toBe(true);
    // What was not restored goes by its rule.
    expect(existsSync(join(rig.folder, 'data/raw/a.jsonl'))).toBe(false);
  });

  it.each([
    ['around', [{ id: 'all', path: 'data' }]],
    ['inside', [{ id: 'day', path: 'data/raw/day' }]],
  ])('although the source was changed to a folder %s the one they came from', slow, async (_, changed) => {
    using rig = sourcesRig();
    for (const name of ['a', 'day/b']) rig.write(`raw/${name}.jsonl`, 20);
    rig.write('other/x.txt');
    const { sources } = await rig.run('backup');
    rig.wish = { ...rig.wish, backup: { to: 'backups', sources: changed, database: false } };
    for (const name of ['a', 'day/b']) rmSync(join(rig.folder, `data/raw/${name}.jsonl`));
    await restoreRaw(rig, sources[0]?.backupId ?? '');
    await rig.run('maintenance');
    for (const name of ['a', 'day/b'])
      expect(existsSync(join(rig.folder, `data/raw/${name}.jsonl`))).toBe(true);
  });
});
