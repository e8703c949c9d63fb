import { describe, expect, it } from 'vitest';
import { FaultFiles } from '../../testing/fault-files.ts';
import { MemoryFiles } from '../../testing/memory-files.ts';
import { keptText } from './kept-text.ts';
import { dataRetentionPolicy, fileRetentionPolicy } from './named-policies.ts';
import { type ScanExpiredRequest, scanExpired } from './scan-expired.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;

describe('finding what expired', () => {
  it('finds raw files that are older than the policy says, and deletes nothing (acceptance 14)', () => {
    const files = world({ 'raw/old.jsonl': 10, 'raw/new.jsonl': 2 });
    expect(scan(files).expired.map((file) => file.path)).toEqual(['raw/old.jsonl']);
    expect(files.paths('/data')).toEqual(['raw/new.jsonl', 'raw/old.jsonl']);
  });

  it('finds pattern files by their own days and decisions never (acceptance 15)', () => {
    const files = world({ 'pattern_1.jsonl': 10, 'decision_1.jsonl': 100 });
    const policy = dataRetentionPolicy({ patternRecordDays: 5 });
    expect(scan(files, { policy }).expired.map((file) => file.path)).toEqual(['pattern_1.jsonl']);
  });

  it('P3: looks at hidden files like any other', () => {
    const files = world({ '.hidden': 10, '.folder/a': 10, plain: 10 });
    const { expired } = scan(files, { policy: fileRetentionPolicy() });
    expect(expired.map((file) => file.path)).toEqual(['.folder/a', '.hidden', 'plain']);
  });

  it('P8: leaves the backup root and the state folder inside the data alone', () => {
    const files = world({ 'backup/a.tar.gz': 10, 'state/log': 10, 'raw/a': 10 });
    const excluded = ['/data/backup', '/data/state', '/not/there'];
    const { expired } = scan(files, { policy: fileRetentionPolicy(), excluded });
    expect(expired.map((file) => file.path)).toEqual(['raw/a']);
  });

  it('P10: never follows a link, and never judges it by what it leads to', () => {
    const files = world({ 'raw/a': 1 });
    files.put('/elsewhere/old', 'x', { mtimeMs: NOW_MS - 99 * DAY_MS });
    files.symlink('/elsewhere/old', '/data/raw/link');
    files.symlink('/elsewhere', '/data/folder');
    files.special('/data/raw/socket');
    const kept: string[] = [];
    const onKept: ScanExpiredRequest['onKept'] = ({ path }, reason) =>
      void kept.push(`${path}: ${keptText(reason)}`);
    const judged = scan(files, { policy: fileRetentionPolicy(), onKept });
    expect(judged.expired).toEqual([]);
    expect(kept).toContain('raw/link: a symlink, not a file');
    expect(kept).toContain('raw/socket: a socket, pipe or device');
  });

  it('keeps names that are not UTF-8 and files of other file systems', () => {
    const files = world({ 'raw/a': 1 });
    files.putBytesName('/data/raw', Uint8Array.of(0xff));
    files.mount('/data/disk');
    files.put('/data/disk/a', 'x', { mtimeMs: NOW_MS - 99 * DAY_MS });
    const judged = scan(files, { policy: fileRetentionPolicy() });
    expect(judged.expired).toEqual([]);
    expect(judged.kept.get('not-utf8')?.files).toBe(1);
    expect(judged.kept.get('other-device')?.files).toBe(1);
  });

  it('P4: refuses a data set that is missing or cannot be read whole', () => {
    const files = world({ 'raw/a': 10 });
    expect(() => scan(files, { dataRoot: '/none' })).toThrow('data /none');
    expect(() => scan(files, { dataRoot: '/data/raw/a' })).toThrow('not a folder');
    const broken = new FaultFiles(files, (call) =>
      call.name === 'list' && call.path === '/data/raw' ? { kind: 'error', code: 'EIO' } : undefined,
    );
    expect(() => scanExpired(broken, request({}))).toThrow('EIO');
  });
});

function world(agesDays: Readonly<Record<string, number>>): MemoryFiles {
  const files = new MemoryFiles({ now: () => NOW_MS });
  for (const [path, days] of Object.entries(agesDays)) {
    files.put(`/data/${path}`, 'content', { mtimeMs: NOW_MS - days * DAY_MS });
  }
  return files;
}

function scan(files: MemoryFiles, given: Partial<ScanExpiredRequest> = {}) {
  return scanExpired(files, request(given));
}

function request(given: Partial<ScanExpiredRequest>): ScanExpiredRequest {
  return {
    dataRoot: '/data',
    policy: dataRetentionPolicy(),
    nowMs: NOW_MS,
    heldBy: () => undefined,
    excluded: [],
    ...given,
  };
}
