import { describe, expect, it } from 'vitest';
import { expiredText, keptText } from './kept-text.ts';
import { dataRetentionPolicy, fileRetentionPolicy } from './named-policies.ts';
import { compileRetention, type RetentionInput } from './retention-input.ts';
import type { KeptReason, RetentionPolicy, SeenFile } from './retention-policy.ts';
import { judgeFile, judgeFiles } from './retention-rules.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;

describe('a rule', () => {
  it('lets a file go that is older than it keeps, and keeps one of exactly that age', () => {
    const policy = rules({ match: 'raw/**', keepDays: 7, quiet: 0 });
    expect(verdictOf(old('raw/a', 7 * DAY_MS + 1), policy)).toBe('7d00h old, kept 7d00h (raw/**)');
    expect(verdictOf(old('raw/a', 7 * DAY_MS), policy)).toBe('7d00h old, kept 7d00h (raw/**)');
    expect(kindOf(old('raw/a', 7 * DAY_MS), policy)).toBe('young');
    expect(kindOf(old('raw/a', 7 * DAY_MS + 1), policy)).toBe('expired');
  });

  it('counts in durations too', () => {
    const policy = rules({ match: '**', keep: '10m', quiet: '5s' });
    expect(kindOf(old('a', 11 * 60_000), policy)).toBe('expired');
    expect(kindOf(old('a', 9 * 60_000), policy)).toBe('young');
  });

  it('decides alone when it is the first that matches', () => {
    const policy = compileRetention({
      rules: [
        { match: '**/*.db', keep: 'forever' },
        { match: 'data/**', keepDays: 1, quiet: 0 },
      ],
    });
    expect(kindOf(old('data/a.db', 9 * DAY_MS), policy)).toBe('forever');
    expect(kindOf(old('data/a.txt', 9 * DAY_MS), policy)).toBe('expired');
  });

  it('leaves everything alone that no rule names', () => {
    const policy = rules({ match: 'raw/**', keepDays: 1, quiet: 0 });
    const judged = judgeFiles([old('other/a', 99 * DAY_MS, 5), old('raw/a', 99 * DAY_MS)], policy, at());
    expect(judged.expired.map((file) => file.path)).toEqual(['raw/a']);
    expect(judged.kept.get('unmatched')).toEqual({ files: 1, bytes: 5 });
    expect(judged.seen).toEqual({ files: 2, bytes: 6 });
  });

  it('keeps what changed in any way within its quiet time, though its content is old', () => {
    const policy = rules({ match: '**', keepDays: 1 });
    const moved: SeenFile = { ...old('a', 9 * DAY_MS), ctimeMs: NOW_MS - 60_000 };
    expect(verdictOf(moved, policy)).toBe('changed 1m00 ago, quiet is 10m00 (**)');
    expect(kindOf({ ...moved, ctimeMs: NOW_MS - 11 * 60_000 }, policy)).toBe('expired');
  });

  it('never lets a file go whose times are in the future', () => {
    const policy = rules({ match: '**', keep: 1, quiet: 0 });
    expect(kindOf({ ...old('a', 9 * DAY_MS), ctimeMs: NOW_MS + 1 }, policy)).toBe('future');
    expect(kindOf(old('a', -1), policy)).toBe('future');
  });

  it('keeps the newest files of each folder whatever their age', () => {
    const policy = rules({ match: '**', keepDays: 1, keepLastN: 2, quiet: 0 });
    const files = [
      ...[5, 4, 3].map((days) => old(`a/${days}`, days * DAY_MS)),
      ...[9, 8].map((days) => old(`b/${days}`, days * DAY_MS)),
    ];
    const kept: string[] = [];
    const judged = judgeFiles(files, policy, {
      ...at(),
      onKept: ({ path }, reason) => kept.push(`${path}: ${keptText(reason)}`),
    });
    expect(judged.expired.map((file) => file.path)).toEqual(['a/5']);
    expect(kept).toContain('b/9: one of the newest 2 of its folder (**)');
    expect(judged.kept.get('keep-last')?.files).toBe(4);
  });

  it('counts young files among the newest of a folder', () => {
    const policy = rules({ match: '**', keepDays: 1, keepLastN: 1, quiet: 0 });
    const judged = judgeFiles([old('a/new', 1000), old('a/old', 9 * DAY_MS)], policy, at());
    expect(judged.expired.map((file) => file.path)).toEqual(['a/old']);
  });

  it('keeps links, sockets and what nobody can name safely', () => {
    const policy = rules({ match: '**', keepDays: 1, quiet: 0 });
    expect(kindOf({ ...old('a', 9 * DAY_MS), kind: 'symlink' }, policy)).toBe('not-a-file');
    expect(kindOf({ ...old('a', 9 * DAY_MS), kind: 'other' }, policy)).toBe('not-a-file');
    expect(kindOf({ ...old('a', 9 * DAY_MS), outside: 'not-utf8' }, policy)).toBe('not-utf8');
  });

  it('keeps what is held', () => {
    const policy = rules({ match: '**', keepDays: 1, quiet: 0 });
    const judged = judgeFiles([old('a', 9 * DAY_MS)], policy, { ...at(), heldBy: () => 'case 7' });
    expect(judged.expired).toEqual([]);
    expect(judged.kept.get('held')?.files).toBe(1);
  });

  it('keeps what was written within the minimum age of the policy', () => {
    const policy = compileRetention({
      rules: [{ match: '**', keepDays: 1, quiet: 0, dateInPath: '{yyyy}-{MM}-{dd}' }],
      minimumAge: '2h',
    });
    const file = { ...old('2026-01-01', 3_600_000) };
    expect(verdictOf(file, policy)).toBe('written 1h00 ago, at least 2h00 is kept (**)');
  });
});

describe('the date in a path', () => {
  const policy = rules({
    match: '**',
    keepDays: 7,
    quiet: 0,
    dateInPath: 'date={yyyy}-{MM}-{dd}',
    timeZone: 'Asia/Seoul',
  });

  it('counts instead of the time of change, from the end of the day in the market', () => {
    const endOf12th = Date.UTC(2026, 10, 12, 15);
    expect(endOf12th + 7 * DAY_MS).toBeLessThan(NOW_MS);
    expect(kindOf(old('date=2026-11-12/a', 1000), policy)).toBe('expired');
    expect(kindOf(old('date=2026-11-13/a', 1000), policy)).toBe('young');
  });

  it('keeps a path without a date and one with a date that does not exist', () => {
    expect(kindOf(old('a', 99 * DAY_MS), policy)).toBe('no-date');
    expect(kindOf(old('date=2026-02-30/a', 99 * DAY_MS), policy)).toBe('no-date');
    expect(kindOf(old('date=2026-13-01/a', 99 * DAY_MS), policy)).toBe('no-date');
  });

  it('counts from the latest of several', () => {
    expect(kindOf(old('date=2020-01-01/date=2026-11-19/a', 99 * DAY_MS), policy)).toBe('young');
  });

  it('is not found inside a longer number', () => {
    const plain = rules({ match: '**', keepDays: 7, quiet: 0, dateInPath: '{yyyy}{MM}{dd}' });
    expect(kindOf(old('120200101.csv', 99 * DAY_MS), plain)).toBe('no-date');
    expect(kindOf(old('x_20200101.csv', 1000), plain)).toBe('expired');
  });

  it('may name a month or an hour', () => {
    const month = rules({ match: '**', keep: '1d', quiet: 0, dateInPath: '{yyyy}/{MM}' });
    expect(kindOf(old('2026/10/a', 1000), month)).toBe('expired');
    expect(kindOf(old('2026/11/a', 99 * DAY_MS), month)).toBe('young');
    const hour = rules({ match: '**', keep: '90m', quiet: 0, dateInPath: '{yyyy}-{MM}-{dd}T{HH}' });
    expect(kindOf(old('2026-11-20T09', 1000), hour)).toBe('expired');
    expect(kindOf(old('2026-11-20T10', 1000), hour)).toBe('young');
    expect(verdictOf(old('2026-11-20T12', 1000), hour)).toBe('its date has not ended (**)');
  });
});

describe('the policy by kind of record', () => {
  it('P7: reads words in whole names and tokens, never in the middle of a word or in the root', () => {
    const policy = dataRetentionPolicy();
    const aged = (path: string) => kindOf(old(path, 99 * DAY_MS), policy);
    expect(aged('raw/a.jsonl')).toBe('expired');
    expect(aged('scalp/RAW_20261101.jsonl')).toBe('expired');
    expect(aged('raw_snapshots/a.jsonl')).toBe('expired');
    expect(aged('withdrawals/a.jsonl')).toBe('unmatched');
    expect(aged('drawings.jsonl')).toBe('unmatched');
    expect(aged('raw_data/a.jsonl')).toBe('unmatched');
    expect(aged('decision/a.jsonl')).toBe('forever');
  });

  it('lets the longest win where two words stand in one path, and warns', () => {
    const judged = judgeFiles([old('pattern/raw_1', 10 * DAY_MS)], dataRetentionPolicy(), at());
    expect(judged.expired).toEqual([]);
    expect(judged.kept.get('young')?.files).toBe(1);
    expect(judged.warnings).toEqual([
      'pattern/raw_1: named by pattern and raw; kept as long as pattern says',
    ]);
  });

  it('refuses days that are not more than 0', () => {
    for (const rawSnapshotDays of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => dataRetentionPolicy({ rawSnapshotDays })).toThrow(/rawSnapshotDays: .*allowed/);
    }
    expect(() => fileRetentionPolicy({ ttlDays: 0 })).toThrow(/ttlDays: 0/);
  });
});

describe('the policy by age of files', () => {
  it('names files by globs and leaves the excluded alone', () => {
    const policy = fileRetentionPolicy({ ttlDays: 5, includeGlobs: ['**/*.log'], excludeGlobs: ['keep/**'] });
    expect(kindOf(old('a/b.log', 6 * DAY_MS), policy)).toBe('expired');
    expect(kindOf(old('.hidden/b.log', 6 * DAY_MS), policy)).toBe('expired');
    expect(kindOf(old('keep/b.log', 6 * DAY_MS), policy)).toBe('unmatched');
    expect(kindOf(old('a/b.txt', 6 * DAY_MS), policy)).toBe('unmatched');
  });

  it('names every file by default, and none with an empty list', () => {
    expect(kindOf(old('a', 8 * DAY_MS), fileRetentionPolicy())).toBe('expired');
    expect(kindOf(old('a', 8 * DAY_MS), fileRetentionPolicy({ includeGlobs: [] }))).toBe('unmatched');
  });
});

describe('rules as people write them', () => {
  it('are refused with every bad value at once', () => {
    const bad: RetentionInput = {
      rules: [
        { match: '/abs/**', keepDays: 1 },
        { match: 'a', keyword: 'b', keepDays: 1 },
        { match: 'a', keep: 'soon', quiet: 'x' },
        { match: 'b', keepDays: -1, keepLastN: 1.5 },
        { match: 'c', keep: 0 },
        { match: 'd' },
        { match: 'e', keepDays: 1, dateInPath: '{dd}-{MM}', timeZone: 'Mars/Base' },
        { keyword: 'two words', keepDays: 1 },
      ],
      tie: 'first',
    };
    const message = messageOf(() => compileRetention(bad));
    for (const part of [
      'rules[0].match',
      'rules[1].match',
      "rules[2].keep: 'soon'",
      "rules[2].quiet: 'x'",
      'rules[3].keepDays: -1',
      'rules[3].keepLastN: 1.5',
      'rules[4].keep: 0',
      "rules[5].keep: 'nothing'",
      "rules[6].timeZone: 'Mars/Base'",
      "rules[7].keyword: 'two words'",
    ]) {
      expect(message).toContain(part);
    }
  });

  it('are refused when two have one name', () => {
    const rule = { match: 'a', keepDays: 1 };
    expect(messageOf(() => compileRetention({ rules: [rule, rule] }))).toContain('each name once');
  });

  it('are known again by their digest', () => {
    const one = compileRetention({ rules: [{ match: 'a', keepDays: 1 }] });
    expect(compileRetention({ rules: [{ keepDays: 1, match: 'a' }] }).hash).toBe(one.hash);
    expect(compileRetention({ rules: [{ match: 'a', keepDays: 2 }] }).hash).not.toBe(one.hash);
  });
});

function rules(rule: RetentionInput['rules'][number]): RetentionPolicy {
  return compileRetention({ rules: [rule] });
}

function old(path: string, ageMs: number, size = 1): SeenFile {
  return { path, kind: 'file', size, mtimeMs: NOW_MS - ageMs, ctimeMs: NOW_MS - ageMs };
}

function at() {
  return { nowMs: NOW_MS, heldBy: () => undefined };
}

function kindOf(file: SeenFile, policy: RetentionPolicy): 'expired' | KeptReason['why'] {
  const verdict = judgeFile(file, policy, at());
  return verdict.kind === 'expired' ? 'expired' : verdict.reason.why;
}

function verdictOf(file: SeenFile, policy: RetentionPolicy): string {
  const verdict = judgeFile(file, policy, at());
  return verdict.kind === 'expired' ? expiredText(verdict.file) : keptText(verdict.reason);
}

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'no error';
}
