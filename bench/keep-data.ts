import { randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '../packages/core/sim/seeded-random.ts';
import type { Effort } from './bench-row.ts';

/** Folders with the data of all measurements of backups, made by seed. */
export interface KeepData {
  readonly folder: string;
  /** Files of order book snapshots: 1,000 of about 268 kB. */
  readonly snapshots: string;
  /** 100,000 files of about 1 KiB. */
  readonly small: string;
  /** One file of 268 MB that does not shrink. */
  readonly dense: string;
  /** A million empty files. */
  readonly many: string;
  readonly counts: KeepCounts;
}

/** How much there is of each. */
export interface KeepCounts {
  readonly snapshots: number;
  readonly small: number;
  readonly denseBytes: number;
  readonly many: number;
}

const FULL: KeepCounts = { snapshots: 1000, small: 100_000, denseBytes: 268_435_456, many: 1_000_000 };
const SHORT: KeepCounts = { snapshots: 40, small: 2000, denseBytes: 8_388_608, many: 10_000 };
const SNAPSHOT_BYTES = 268_000;
const FILES_A_FOLDER = 1000;
const DAY_S = 86_400;

let made: KeepData | undefined;

/** The data, made once in a process and removed when it ends. */
export function keepData(effort: Effort): KeepData {
  made ??= makeData(effort === 'full' ? FULL : SHORT);
  return made;
}

function makeData(counts: KeepCounts): KeepData {
  const folder = mkdtempSync(join(tmpdir(), 'qts-bench-keep-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const data = {
    ...{ folder, counts, snapshots: join(folder, 'a'), small: join(folder, 'b') },
    ...{ dense: join(folder, 'c'), many: join(folder, 'm') },
  };
  makeSnapshots(data);
  makeSmall(data.small, counts.small);
  makeDense(data);
  makeEmpty(data.many, counts.many);
  return data;
}

/**
 * A random walk of prices with ten levels on both sides and amounts of eight digits, one line a snapshot: gzip makes
 * it about 3.8 times smaller, as it does with recorded market data.
 */
function makeSnapshots({ snapshots, counts }: KeepData): void {
  const random = new SeededRandom(1);
  for (let file = 0; file < counts.snapshots; file += 1) {
    const folder = join(snapshots, `day-${Math.floor(file / 100)}`, 'raw');
    if (file % 100 === 0) mkdirSync(folder, { recursive: true });
    const lines: string[] = [];
    let [price, length, atMs] = [50_000 + random.whole(0, 10_000), 0, 1_760_000_000_000 + file * 1_000_000];
    while (length < SNAPSHOT_BYTES) {
      price += random.whole(-3, 3);
      atMs += random.whole(90, 110);
      const levels = (side: 1 | -1) =>
        Array.from({ length: 10 }, (_, level) => [
          ((price - side * (level + 1)) / 100).toFixed(2),
          (random.next() * 10 ** (random.whole(0, 2) - 1)).toFixed(8),
        ]);
      const line = JSON.stringify({ symbol: 'BTC-KRW', at: atMs, bids: levels(1), asks: levels(-1) });
      lines.push(line);
      length += line.length + 1;
    }
    writeFileSync(join(folder, `snapshot-${file}.jsonl`), `${lines.join('\n')}\n`);
  }
}

/** Small records, last written forty days ago. */
export function makeSmall(root: string, count: number): void {
  const random = new SeededRandom(2);
  const atS = Date.now() / 1000 - 40 * DAY_S;
  for (let file = 0; file < count; file += 1) {
    const folder = join(root, 'raw', String(Math.floor(file / FILES_A_FOLDER)));
    if (file % FILES_A_FOLDER === 0) mkdirSync(folder, { recursive: true });
    const record = JSON.stringify({ id: file, score: random.next(), pattern: random.whole(0, 99) });
    const path = join(folder, `record-${file}.json`);
    writeFileSync(path, `${record}\n`.repeat(Math.ceil(1000 / record.length)));
    utimesSync(path, atS, atS);
  }
}

function makeDense({ dense, counts }: KeepData): void {
  mkdirSync(dense);
  const file = openSync(join(dense, 'dense.bin'), 'w');
  const piece = 4_194_304;
  for (let done = 0; done < counts.denseBytes; done += piece) writeSync(file, randomBytes(piece));
  closeSync(file);
}

function makeEmpty(root: string, count: number): void {
  for (let file = 0; file < count; file += 1) {
    const folder = join(root, String(Math.floor(file / FILES_A_FOLDER)));
    if (file % FILES_A_FOLDER === 0) mkdirSync(folder, { recursive: true });
    closeSync(openSync(join(folder, `file-${file}`), 'w'));
  }
}
