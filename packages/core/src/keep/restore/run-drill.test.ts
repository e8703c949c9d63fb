import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { restoreServices } from '../../../test/restore-machine.ts';
import { type SourceTree, sourceTree } from '../../../test/source-tree.ts';
import { randomId } from '../../adapters/clock-system/random-id.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { readCatalogue } from '../backup/backup-catalogue.ts';
import { fileStrategy } from '../backup/file-strategy.ts';
import { chooseBackup } from './choose-backup.ts';
import { allChecks, lastLineParses } from './drill-checks.ts';
import { lastPassed, readDrills } from './drill-record.ts';
import { type DrillRequest, drillFailure, runDrill } from './run-drill.ts';

const { files, clock } = machineServices();

function drill(tree: SourceTree, request: Partial<DrillRequest> = {}, services = restoreServices()) {
  return runDrill(services, {
    ...{ runId: randomId(), backupRoot: tree.backups, stateFolder: join(tree.folder, 'state') },
    ...request,
  });
}

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

describe('a drill', () => {
  it('reads the newest verified backup of each set, compares every byte, and records what it took', async () => {
    using tree = sourceTree({ 'a.txt': 'one', 'b.jsonl': '{}\n' });
    await backUp(tree, { set: 'desk' });
    const later = { ...clock, now: () => clock.now() + 60_000 };
    const { manifest } = await backUp(tree, { set: 'desk', services: machineServices({ clock: later }) });
    await backUp(tree, { set: 'copies', strategy: fileStrategy() });
    const atLater = { ...clock, now: () => clock.now() + 90_000 };
    const record = await drill(tree, {}, restoreServices({ clock: atLater }));
    expect(record).toMatchObject({ kind: 'stream', outcome: 'passed' });
    const desk = record.sets.find(({ set }) => set === 'desk');
    expect(desk).toMatchObject({
      backupId: manifest.id,
      files: 2,
      bytes: 6,
      outcome: 'passed',
      newerUnverified: 0,
    });
    expect(desk?.ageMs).toBeGreaterThanOrEqual(30_000);
    expect(desk?.recoveryMs).toBeGreaterThan(0);
    expect(desk?.bytesPerSecond).toBeGreaterThan(0);
    expect(record.sets.map(({ set }) => set).toSorted()).toEqual(['copies', 'desk']);
    const drills = readDrills(files, join(tree.folder, 'state'));
    expect(drills).toEqual([record]);
    expect(lastPassed(drills, 'desk')).toEqual(record);
    expect(lastPassed(drills, 'desk', 'full')).toBeUndefined();
    expect(drillFailure(record)).toBeUndefined();
  });

  it('fails on a backup that has rotted, records it, and says so as an alert', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const { names } = await backUp(tree);
    const archive = join(tree.backups, names.archive);
    const { atime, mtime } = statSync(archive);
    flip(archive);

    utimesSync(archive, atime, mtime);
    const record = await drill(tree);
    expect(record).toMatchObject({
      outcome: 'failed',
      sets: [{ problem: expect.stringContaining('SYS-0104') }],
    });
    expect(drillFailure(record)).toMatchObject({ code: 'SYS-0186' });
    expect(readCatalogue(files, tree.backups).backups[0]?.state).toBe('broken');
    const again = await drill(tree);
    expect(again.sets[0]).toMatchObject({ outcome: 'failed', newerUnverified: 1 });
    expect(readDrills(files, join(tree.folder, 'state'))).toHaveLength(2);
  });

  it('with a drill root restores everything, compares it again, and leaves nothing', async () => {
    using tree = sourceTree({ 'a.txt': 'one', 'sub/b.jsonl': '{"x":1}\n{"x":2}\n' });
    await backUp(tree);
    const drillRoot = join(tree.folder, 'drills');
    const seen: string[] = [];
    const check = allChecks([
      lastLineParses(files),
      (path, entry) => {
        seen.push(entry.path);
        return path.startsWith(drillRoot) && existsSync(path) ? undefined : 'not there';
      },
    ]);
    const record = await drill(tree, { drillRoot, check });
    expect(record).toMatchObject({ kind: 'full', outcome: 'passed', sets: [{ files: 2, bytes: 19 }] });
    expect(record.sets[0]?.recoveryMs).toBeGreaterThan(0);
    expect(seen).toEqual(['a.txt', 'sub/b.jsonl']);
    expect(readdirSync(drillRoot).filter((name) => name.includes('.files'))).toEqual([]);
    expect(lastPassed(readDrills(files, join(tree.folder, 'state')), 'data', 'full')).toEqual(record);
    // What a dead drill has left goes with the next one; what is not ours stays.
    const dead = 'data-20261119T000000.000Z-456789ab.files.partial.0199c3a2-7c10-7b51-9c5e-0123456789ab';
    mkdirSync(join(drillRoot, dead, 'sub'), { recursive: true });
    writeFileSync(join(drillRoot, dead, 'sub', 'x'), 'x');
    writeFileSync(join(drillRoot, 'notes.txt'), 'mine');
    await drill(tree, { drillRoot });
    expect(existsSync(join(drillRoot, dead))).toBe(false);
    expect(existsSync(join(drillRoot, 'notes.txt'))).toBe(true);
  });

  it('finds a file that came back as it was, and yet cannot be used', async () => {
    using tree = sourceTree({ 'a.jsonl': '{"x":1}\n{"x":' });
    await backUp(tree);
    const drillRoot = join(tree.folder, 'drills');
    const record = await drill(tree, { drillRoot, check: lastLineParses(files) });
    expect(record.sets[0]?.problem).toMatch(/SYS-0186: restored file a\.jsonl: its last line is not JSON/);
    expect(readdirSync(drillRoot).filter((name) => name.includes('.files'))).toEqual([]);
  });

  it('finds a disk that does not give back what was written', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    await backUp(tree);
    const forgetful: KeepFiles = {
      ...files,
      openRead(path) {
        const opened = files.openRead(path);
        if (!path.endsWith('/a.txt')) return opened;
        return {
          ...opened,
          read(...asked) {
            const got = opened.read(...asked);
            if (got > 0) asked[0][asked[1]] = 0;
            return got;
          },
        };
      },
    };
    const drillRoot = join(tree.folder, 'drills');
    const record = await drill(tree, { drillRoot }, restoreServices({ files: forgetful }));
    expect(record.sets[0]?.problem).toContain('SYS-0185');
  });

  it('is refused where it could do harm or has nothing to try', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    await backUp(tree);
    const refused = expect.objectContaining({ code: 'INP-0843' });
    await expect(drill(tree, { drillRoot: tree.source })).rejects.toEqual(refused);
    await expect(drill(tree, { drillRoot: tree.backups })).rejects.toEqual(refused);
    await expect(drill(tree, { drillRoot: join(tree.backups, 'drills') })).rejects.toEqual(refused);
    await expect(drill(tree, { drillRoot: 'drills' })).rejects.toEqual(refused);
    await expect(drill(tree, { sets: ['none'] })).rejects.toEqual(refused);
    expect(existsSync(join(tree.backups, 'drills'))).toBe(false);
    expect(readFileSync(join(tree.source, 'a.txt'), 'utf8')).toBe('one');
  });
});

describe('the choice of a backup', () => {
  it('is the newest verified one of a set, at an instant when one is given', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const at = (ms: number) =>
      machineServices({ clock: { ...clock, now: () => Date.UTC(2026, 10, 20) + ms } });
    const first = await backUp(tree, { services: at(0) });
    const second = await backUp(tree, { services: at(1000) });
    await backUp(tree, { services: at(2000), verify: false });
    const catalogue = () => readCatalogue(files, tree.backups);
    expect(chooseBackup(catalogue()).id).toBe(second.manifest.id);
    expect(chooseBackup(catalogue(), { atMs: Date.UTC(2026, 10, 20) + 500 }).id).toBe(first.manifest.id);
    await backUp(tree, { set: 'other', verify: false });
    expect(chooseBackup(catalogue(), { set: 'other' }).state).toBe('unverified');
    const refused = expect.objectContaining({ code: 'INP-0842' });
    expect(() => chooseBackup(catalogue())).toThrow(refused);
    expect(() => chooseBackup(catalogue(), { set: 'none' })).toThrow(refused);
    expect(() => chooseBackup(catalogue(), { set: 'data', atMs: 0 })).toThrow(refused);
    rmSync(tree.backups, { recursive: true });
    mkdirSync(tree.backups);
    expect(() => chooseBackup(catalogue())).toThrow(refused);
  });
});
