import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KeepDeskRig } from '../../../test/keep-desk-rig.ts';
import { ROOT_LOCK } from '../../keep/backup/backup-names.ts';
import { addHold, endHold } from '../../keep/retention/holds-file.ts';
import { pruneHere } from './keep-desk-acts.ts';
import { fileHolds, holdFilesHere, releaseFilesHere } from './keep-desk-holds.ts';
import { explainFile, previewSources } from './keep-desk-reads.ts';

const slow = { timeout: 240_000 };
const RULES = [{ match: 'raw/**', keepDays: 7, quiet: 0 }];
const HOLDS = 'state/maintenance/holds.jsonl';

function deskRig(backup: Readonly<Record<string, unknown>> = {}): KeepDeskRig {
  return new KeepDeskRig({
    backup: { to: 'backups', sources: ['data'], database: false, ...backup },
    retention: RULES,
  });
}

function hold(rig: KeepDeskRig, id: string, glob: string): void {
  const request = { id, globs: [glob], reason: 'the auditors', owner: 'kim' };
  addHold(rig.services.files, join(rig.folder, 'state'), { request, nowMs: rig.services.clock.now() });
}

function release(rig: KeepDeskRig, id: string): void {
  const end = { id, reason: 'they are done', operator: 'kim', nowMs: rig.services.clock.now() };
  endHold(rig.services.files, join(rig.folder, 'state'), end);
}

const WISH = { globs: ['raw/held*'], reason: 'the auditors', owner: 'kim' };
const quiet = { signal: new AbortController().signal, progress: () => undefined, log: () => undefined };

/** The state folder is gone, or as it was before. */
function goBack(rig: KeepDeskRig, older?: string): void {
  rmSync(join(rig.folder, 'state'), { recursive: true });
  if (older !== undefined) cpSync(join(rig.folder, older), join(rig.folder, 'state'), { recursive: true });
}

function raw(rig: KeepDeskRig): readonly string[] {
  return readdirSync(join(rig.folder, 'data/raw')).toSorted();
}

describe('holds on files outlive the state folder', () => {
  it(
    'one that is older than the backups learns the holds and their ends before anything goes',
    slow,
    async () => {
      using rig = deskRig();
      const state = join(rig.folder, 'state');
      rig.write('raw/first.jsonl', 20);
      await rig.run('maintenance');
      hold(rig, 'h1', 'raw/released*');
      cpSync(state, join(rig.folder, 'older'), { recursive: true });
      hold(rig, 'h2', 'raw/held*');
      release(rig, 'h1');
      for (const name of ['held', 'released', 'free']) rig.write(`raw/${name}.jsonl`, 20);
      await rig.run('backup');
      rmSync(state, { recursive: true });
      cpSync(join(rig.folder, 'older'), state, { recursive: true });
      await rig.run('maintenance');
      expect(raw(rig)).toEqual(['held.jsonl']);
      expect(rig.logged).toContainEqual(expect.stringContaining('2 lines about holds came back'));
    },
  );

  it('one that is lost learns them from the backups, and from the second place alone', slow, async () => {
    using rig = deskRig({ copyTo: 'second' });
    rig.write('raw/held.jsonl', 20);
    hold(rig, 'h1', 'raw/held*');
    await rig.run('backup');
    rmSync(join(rig.folder, 'state'), { recursive: true });
    rig.write('raw/free.jsonl', 20);
    await rig.run('maintenance');
    expect(raw(rig)).toEqual(['held.jsonl']);
    for (const lost of ['state', 'backups']) rmSync(join(rig.folder, lost), { recursive: true });
    rig.write('raw/free.jsonl', 20);
    await rig.run('maintenance');
    expect(raw(rig)).toEqual(['held.jsonl']);
    release(rig, 'h1');
    await rig.run('maintenance');
    expect(raw(rig)).toEqual([]);
  });

  it('a run of maintenance leaves the holds beside the backup it makes', slow, async () => {
    using rig = deskRig();
    for (const name of ['held', 'free']) rig.write(`raw/${name}.jsonl`, 20);
    hold(rig, 'h1', 'raw/held*');
    await rig.run('maintenance');
    rmSync(join(rig.folder, 'state'), { recursive: true });
    await rig.run('maintenance');
    expect(raw(rig)).toEqual(['held.jsonl']);
  });

  it('the last copy of what is held is not pruned by a state folder that is older', slow, async () => {
    using rig = deskRig({ keep: { last: 2 } });
    rig.wish = { ...rig.wish, retention: [{ match: 'raw/**', keepDays: 7, quiet: 0, archiveDays: 30 }] };
    for (const name of ['a', 'b', 'c', 'd']) {
      rig.write(`raw/${name}.jsonl`, 20);
      await rig.run('maintenance');
    }
    rig.write('notes.txt');
    await rig.run('backup');
    cpSync(join(rig.folder, 'state'), join(rig.folder, 'older'), { recursive: true });
    hold(rig, 'h1', 'raw/a.jsonl');
    await rig.run('backup');
    rmSync(join(rig.folder, 'state'), { recursive: true });
    cpSync(join(rig.folder, 'older'), join(rig.folder, 'state'), { recursive: true });
    rig.pass(40);
    await rig.run('backup');
    await rig.run('backup');
    const expired = rig.listed().filter((set) => set === 'data-expired');
    expect(expired).toHaveLength(3);
  });

  it('every backup holds them beside the database, and ordinary tar shows them', slow, async () => {
    using rig = deskRig();
    rig.write('notes.txt');
    hold(rig, 'h1', 'raw/**');
    await rig.run('backup');
    const backups = join(rig.folder, 'backups');
    const archive = readdirSync(backups).find((name) => name.endsWith('.tar.gz')) ?? '';
    const inside = execFileSync('tar', ['xzOf', join(backups, archive), '.qts-ops/holds.jsonl']);
    expect(inside.toString()).toBe(readFileSync(join(rig.folder, HOLDS), 'utf8'));
    expect(readdirSync(backups).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('those of another desk in the same root are not taken over', slow, async () => {
    using rig = deskRig({ sources: [{ id: 'other', path: 'data' }] });
    rig.write('raw/free.jsonl', 20);
    hold(rig, 'h1', 'raw/**');
    await rig.run('backup');
    rmSync(join(rig.folder, 'state'), { recursive: true });
    rig.wish = { ...rig.wish, backup: { to: 'backups', sources: ['data'], database: false } };
    await rig.run('maintenance');
    expect(raw(rig)).toEqual([]);
    expect(existsSync(join(rig.folder, HOLDS))).toBe(false);
  });

  it(
    'a copy with a line that nobody can read deletes nothing and says how to mend it (SYS-0161)',
    slow,
    async () => {
      using rig = deskRig();
      rig.write('raw/free.jsonl', 20);
      hold(rig, 'h1', 'raw/held*');
      await rig.run('backup');
      appendFileSync(join(rig.folder, 'backups/.qts-ops-holds-data.jsonl'), '{"act":"ho\n');
      await expect(rig.run('maintenance')).rejects.toMatchObject({
        code: 'SYS-0161',
        message: expect.stringContaining('line 2 of the holds is not readable; mend the line'),
      });
      expect(raw(rig)).toEqual(['free.jsonl']);
    },
  );
});

describe('a hold that an operator gives or ends', () => {
  it('stands in both places of backups at once, and so does its end', slow, async () => {
    using rig = deskRig({ copyTo: 'second' });
    rig.write('raw/held.jsonl', 20);
    await rig.run('backup');
    const places = [{ backupRoot: join(rig.folder, 'backups') }, { backupRoot: join(rig.folder, 'second') }];
    expect(await holdFilesHere(rig.desk(), WISH)).toMatchObject({ globs: WISH.globs, places });
    goBack(rig);
    rmSync(join(rig.folder, 'backups'), { recursive: true });
    const id = fileHolds(rig.desk())[0]?.id ?? '';
    // What only the second place knows can be ended, too, and the first is not made anew for it.
    const end = { id, reason: 'they are done', operator: 'kim' };
    const away = { ...places[0], problem: expect.stringContaining('no backup was made there yet') };
    expect(await releaseFilesHere(rig.desk(), end)).toEqual([away, places[1]]);
    expect(readdirSync(rig.folder)).not.toContain('backups');
    goBack(rig);
    expect(fileHolds(rig.desk())).toEqual([]);
  });

  it(
    'stands when a place is in use, and says that the next run leaves it there (SYS-0126)',
    slow,
    async () => {
      using rig = deskRig({ copyTo: 'second' });
      rig.write('raw/held.jsonl', 20);
      await rig.run('backup');
      const { locks, lockOwner } = rig.services;
      const owner = { ...lockOwner, runId: 'r1', sinceMs: 0 };
      const lock = locks.take(join(rig.folder, 'backups', ROOT_LOCK), owner);
      const hold = await holdFilesHere(rig.desk(), WISH);
      lock.release();
      expect(hold.places).toMatchObject([{ problem: expect.stringContaining('run r1') }, {}]);
      expect(hold.places[1]).not.toHaveProperty('problem');
      await rig.run('backup');
      goBack(rig);
      rmSync(join(rig.folder, 'second'), { recursive: true });
      expect(fileHolds(rig.desk())).toMatchObject([{ id: hold.id }]);
    },
  );
});

describe('what an operator types for a hold', () => {
  it('is relative to a source, to where it is typed, or absolute: what names files now is meant', async () => {
    using rig = deskRig();
    for (const name of ['raw/day-1/a', 'raw/day-2/b', 'x']) rig.write(`${name}.jsonl`, 20);
    const data = join(rig.folder, 'data');
    const typed = async (glob: string, cwd?: string) => {
      const { placed } = await holdFilesHere(rig.desk(), { ...WISH, globs: [glob], cwd });
      return placed.map(({ glob: meant, now }) => `${meant} ${now?.files}`);
    };
    expect(await typed('raw/day-1')).toEqual(['raw/day-1 1']);
    expect(await typed('data/raw/day-*', rig.folder)).toEqual(['raw/day-* 2']);
    expect(await typed('./day-2/', join(data, 'raw'))).toEqual(['raw/day-2 1']);
    expect(await typed(join(data, 'raw'), rig.folder)).toEqual(['raw 2']);
    expect(await typed('data', rig.folder)).toEqual(['** 3']);
    expect(await typed('raw', join(data, 'raw'))).toEqual(['raw 2']);
    // A slip, or only in the backups: whatever is meant is held, and the operator is told.
    expect(await typed('data/none', rig.folder)).toEqual(['none 0', 'data/none 0']);
    await expect(typed('/etc/x', rig.folder)).rejects.toMatchObject({ code: 'INP-0802' });
    rmSync(data, { recursive: true });
    expect(await typed('raw')).toEqual(['raw undefined']);
  });
});

describe('sources that overlap', () => {
  it(
    'are held by what a hold names in either of them, in runs, previews and explanations',
    slow,
    async () => {
      const sources = [
        { id: 'all', path: 'data' },
        { id: 'raw', path: 'data/raw' },
      ];
      using rig = deskRig({ sources });
      rig.wish = { ...rig.wish, retention: [{ match: '**', keepDays: 7, quiet: 0 }] };
      for (const name of ['outer', 'inner/a', 'free']) rig.write(`raw/${name}.jsonl`, 20);
      await holdFilesHere(rig.desk(), { ...WISH, globs: ['raw/outer*', 'inner'] });
      for (const { candidates } of await previewSources(rig.desk()))
        expect(candidates.map(({ path }) => path)).toEqual([expect.stringMatching(/^(raw\/)?free.jsonl$/)]);
      expect(explainFile(rig.desk(), 'outer.jsonl', join(rig.folder, 'data/raw'))).toMatchObject({
        expired: false,
      });
      await rig.run('maintenance');
      expect(raw(rig)).toEqual(['inner', 'outer.jsonl']);
      expect(existsSync(join(rig.folder, 'data/raw/inner/a.jsonl'))).toBe(true);
    },
  );
});

describe('what is only shown', () => {
  it('counts the holds that a run would learn from the places, and writes none of them', slow, async () => {
    using rig = deskRig({ keep: { last: 2 } });
    rig.wish = { ...rig.wish, retention: [{ ...RULES[0], archiveDays: 30 }] };
    for (const name of ['a', 'b', 'c', 'd']) {
      rig.write(`raw/${name}.jsonl`, 20);
      await rig.run('maintenance');
    }
    rig.write('notes.txt');
    await rig.run('backup');
    rig.pass(40);
    // The clock jumped: this run prunes nothing, and the next one would.
    await rig.run('backup');
    cpSync(join(rig.folder, 'state'), join(rig.folder, 'older'), { recursive: true });
    await holdFilesHere(rig.desk(), { ...WISH, globs: ['raw/a.jsonl', 'raw/held*'] });
    rig.write('raw/held.jsonl', 20);
    goBack(rig, 'older');
    const before = readFileSync(join(rig.folder, 'older/maintenance/keep-state.json'), 'utf8');
    const [pruned] = await pruneHere(rig.desk(), { ...quiet, dryRun: true });
    // The newest two stay, and the one that holds the last copy of what is held.
    expect(pruned?.removed).toHaveLength(1);
    expect(await previewSources(rig.desk())).toMatchObject([
      { retention: { keptByReason: { held: { files: 1 } } }, candidates: [], deferred: [] },
    ]);
    expect(explainFile(rig.desk(), 'raw/held.jsonl', '/')).toMatchObject({ expired: false });
    expect(existsSync(join(rig.folder, HOLDS))).toBe(false);
    expect(readFileSync(join(rig.folder, 'state/maintenance/keep-state.json'), 'utf8')).toBe(before);
  });
});
