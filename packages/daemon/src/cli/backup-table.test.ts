import type { BackupView } from '@qts-ops/core/client';
import { describe, expect, it } from 'vitest';
import { backupTable } from './backup-table.ts';
import type { CliIo } from './cli-io.ts';
import { foldLine } from './fold-text.ts';
import { displayWidth } from './text-table.ts';

const NOW_MS = Date.UTC(2026, 10, 20);
const backup: BackupView = {
  id: '20261119T190812.496Z-65e18baf',
  source: '시세-자료',
  backupRoot: '/backups',
  copy: false,
  state: 'verified',
  strategy: 'archive',
  codec: 'gzip',
  madeAtMs: NOW_MS - 5 * 3_600_000,
  verifiedAtMs: NOW_MS - 2 * 3_600_000,
  files: 12_345,
  bytes: 1_572_864,
  sourceBytes: 3_000_000,
  held: true,
};
const broken: BackupView = {
  ...backup,
  ...{ state: 'broken', copy: true, held: false, problem: 'block 7 of the archive is not what it was' },
};

function lines(columns: number | undefined): readonly string[] {
  const io = { columns, colored: false } as CliIo; // only these two are looked at
  return backupTable([backup, broken], NOW_MS, io).trimEnd().split('\n');
}

describe('the list of backups', () => {
  it('loses nothing an operator needs on a terminal of any width, and cuts nothing', () => {
    for (let columns = 30; columns <= 160; columns++) {
      const shown = lines(columns);
      expect({ columns, widest: Math.max(...shown.map(displayWidth)) <= columns }).toEqual({
        columns,
        widest: true,
      });
      const text = shown.join(' ').replaceAll(/\s+/g, ' ');
      const needed = [backup.id, backup.source, '5h', '2h', '1.5 MiB', 'held', 'copy', broken.problem ?? ''];
      expect(needed.filter((word) => !text.includes(word))).toEqual([]);
      expect(text).toMatch(/\bverified\b.*\bbroken\b/);
      expect(text).not.toContain('…');
    }
  });

  it('is one line for each backup where there is room, and for a program', () => {
    expect(lines(160)).toHaveLength(3);
    expect(lines(undefined)).toEqual(lines(160));
    expect(lines(40)).toEqual([
      'STATE     BACKUP',
      `verified  ${backup.id}`,
      '  시세-자료, 5h00 old,',
      '  read back 2h00 ago, 1.5 MiB, held',
      `broken    ${backup.id}`,
      '  시세-자료, 5h00 old,',
      '  read back 2h00 ago, 1.5 MiB, copy,',
      '  block 7 of the archive is not what it',
      '  was',
    ]);
  });
});

describe('a long line', () => {
  it('is folded at blanks, goes on below its indent, and keeps a word whole that is longer', () => {
    const path = 'raw/prices-of-the-first-session.jsonl';
    expect(foldLine(`  keep  ${path}  no rule names it`, { columns: 20, indent: 4 })).toEqual([
      '  keep',
      `    ${path}`,
      '    no rule names it',
    ]);
    expect(foldLine('  a  b', { columns: 6 })).toEqual(['  a  b']);
    expect(foldLine(path, {})).toEqual([path]);
  });
});
