import { describe, expect, it } from 'vitest';
import {
  backupNames,
  idOfName,
  instantOfStamp,
  namesOfArchive,
  parseBackupName,
  partialName,
  setNameOf,
} from './backup-names.ts';

const RUN = '0199c3a2-7c10-7b51-9c5e-0123456789ab';
const named = { set: 'data', startedAtMs: Date.UTC(2026, 10, 20, 1, 2, 3, 45), runId: RUN } as const;

describe('names of backups', () => {
  it('carry set, time to the millisecond, and the random end of the run id', () => {
    const names = backupNames({ ...named, strategy: 'archive', codec: 'zstd' });
    expect(names).toMatchObject({
      id: '20261120T010203.045Z-456789ab',
      archive: 'data-20261120T010203.045Z-456789ab.tar.zst',
      manifest: 'data-20261120T010203.045Z-456789ab.manifest.jsonl',
    });
    expect(namesOfArchive(names.archive)).toEqual(names);
  });

  it('are different for two runs within one second, and within one millisecond', () => {
    const other = '0199c3a2-7c10-7b51-9c5e-0123456789ac';
    const ids = [
      { ...named },
      { ...named, startedAtMs: named.startedAtMs + 1 },
      { ...named, runId: other },
    ].map((run) => backupNames({ ...run, strategy: 'archive', codec: 'gzip' }).id);
    expect(new Set(ids).size).toBe(3);
  });

  it('are read back, with the run that was writing an unfinished one', () => {
    const { archive } = backupNames({ ...named, strategy: 'archive', codec: 'gzip' });
    const parsed = parseBackupName(partialName(archive, RUN));
    expect(parsed).toEqual({
      set: 'data',
      stamp: '20261120T010203.045Z',
      run8: '456789ab',
      part: 'archive',
      partialOf: RUN,
    });
    expect(instantOfStamp(parsed?.stamp ?? '')).toBe(named.startedAtMs);
    expect(idOfName(parsed ?? { stamp: '', run8: '' })).toBe('20261120T010203.045Z-456789ab');
  });

  it.each([
    'notes.txt',
    'data-20261120T010203.045Z-456789ab.txt',
    'data-20261120T010203.045Z-456789AB.tar.gz',
    'data-20261120T010203Z-456789ab.tar.gz',
    '../data-20261120T010203.045Z-456789ab.tar.gz',
    'data-20261120T010203.045Z-456789ab.tar.gz.partial.x',
    'data-20261120T010203.045Z-456789ab.tar.gz~',
  ])('are not mistaken: %s is none of ours', (name) => {
    expect(parseBackupName(name)).toBeUndefined();
  });

  it('begin with a set name that every file system takes', () => {
    expect(['Data', 'order book', '시세', '../x', 'a_b-c'].map(setNameOf)).toEqual([
      'data',
      'order-book',
      'backup',
      'x',
      'a_b-c',
    ]);
  });
});
