import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepAnswer, seedEarlierAnswers } from './raw-answers.ts';

it('keeps answers by ten minutes, beside those of earlier days that are as old as they say', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'desk-raw-'));
  try {
    const atMs = Date.UTC(2026, 10, 20, 3, 17);
    keepAnswer(dataDir, { atMs, latencyMs: 2, reconnects: 0 });
    keepAnswer(dataDir, { atMs: atMs + 60_000, latencyMs: 3, reconnects: 1 });
    seedEarlierAnswers(dataDir, atMs);
    const names = readdirSync(join(dataDir, 'raw')).sort();
    expect(names).toHaveLength(13);
    expect(names.at(-1)).toBe('20261120T1210.jsonl');
    expect(readFileSync(join(dataDir, 'raw/20261120T1210.jsonl'), 'utf8')).toBe(
      '{"at":"2026-11-20T12:17:00+09:00","latencyMs":2,"reconnects":0}\n{"at":"2026-11-20T12:18:00+09:00","latencyMs":3,"reconnects":1}\n',
    );
    expect(statSync(join(dataDir, 'raw/20261021.jsonl')).mtimeMs).toBeLessThan(atMs - 29 * 86_400_000);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
