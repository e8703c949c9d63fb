import { appendFileSync, existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deskIso } from './desk/desk-time.ts';

/** One answer of the broker as it came. */
export interface RawAnswer {
  readonly atMs: number;
  readonly latencyMs: number;
  readonly reconnects: number;
}

const DAY_MS = 86_400_000;
/** A desk that begins finds answers of so many days that ended a month ago, so that something is old enough to go. */
const EARLIER_DAYS = 12;
const EARLIER_AGE_DAYS = 30;
const EARLIER_ROWS = 200;

/** Keeps an answer in `raw/`, in the file of its ten minutes. The first one also brings those of earlier days. */
export function keepAnswer(dataDir: string, answer: RawAnswer): void {
  seedEarlierAnswers(dataDir, answer.atMs);
  const tenMinutes = deskIso(answer.atMs).slice(0, 15).replaceAll(/[-:]/g, '');
  appendFileSync(join(dataDir, 'raw', `${tenMinutes}0.jsonl`), lineOf(answer));
}

/** Writes answers of earlier days into a data folder that has none yet, as old as they say. */
export function seedEarlierAnswers(dataDir: string, nowMs: number): void {
  const folder = join(dataDir, 'raw');
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true });
  for (let day = 0; day < EARLIER_DAYS; day++) {
    const fromMs = nowMs - (EARLIER_AGE_DAYS + day) * DAY_MS;
    const rows = Array.from({ length: EARLIER_ROWS }, (_, row) => ({
      atMs: fromMs + row * 3_000,
      latencyMs: 1 + ((day * 7 + row * 3) % 11),
      reconnects: 0,
    }));
    const file = join(folder, `${deskIso(fromMs).slice(0, 10).replaceAll('-', '')}.jsonl`);
    writeFileSync(file, rows.map(lineOf).join(''));
    const writtenAt = (fromMs + EARLIER_ROWS * 3_000) / 1_000;
    utimesSync(file, writtenAt, writtenAt);
  }
}

function lineOf({ atMs, latencyMs, reconnects }: RawAnswer): string {
  return `${JSON.stringify({ at: deskIso(atMs), latencyMs, reconnects })}\n`;
}
