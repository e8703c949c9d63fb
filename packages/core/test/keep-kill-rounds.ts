import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SeededRandom } from '../sim/seeded-random.ts';
import { nodeKeepFiles } from '../src/adapters/files-node/keep-files.ts';
import { readCatalogue } from '../src/keep/backup/backup-catalogue.ts';
import { STAGING_FOLDER } from '../src/keep/restore/target-note.ts';
import { type KilledWork, performKilled } from './keep-kill-work.ts';
import { digestOf, diskFolder, readBackups, restorableContents } from './keep-reader.ts';

/** What a sequence of kills showed. */
export interface KeepKillReport {
  readonly findings: readonly string[];
  /** Processes that were really killed, by kind of work; others were done before their point came. */
  readonly killed: Readonly<Record<KilledWork['kind'], number>>;
  /** Source files the killed and the following runs deleted. */
  readonly deleted: number;
}

const OLD_FILES = 6;
const DAY_S = 86_400;
/** Most work is done within so many calls of the files port. */
const CALLS_MAX = 150;
/** Most restores have the thread write so few times. */
const THREAD_CALLS_MAX = 40;
/** So many of the restores have a thread, and so many of the kills among them come from there. */
const THREAD_SHARE = 0.6;
/** One kill in so many comes from outside at any time, the others right before a call. */
const FROM_OUTSIDE = 4;

/** Kills real processes on a real disk and looks at what each has left, then lets the same work end in peace. */
export async function keepKillRounds(points: number, seed: number): Promise<KeepKillReport> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'qts-keep-kill-')));
  const rounds = new KeepKillRounds(folder, new SeededRandom(seed));
  try {
    for (let point = 1; point <= points; point += 1) await rounds.point(point);
    return rounds.report();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class KeepKillRounds {
  readonly #folder: string;
  readonly #random: SeededRandom;
  readonly #findings: string[] = [];
  readonly #killed = { backup: 0, verify: 0, cleanup: 0, restore: 0 };
  /** Digest of every file that was ever written, by path. */
  readonly #written = new Map<string, string>();

  constructor(folder: string, random: SeededRandom) {
    this.#folder = folder;
    this.#random = random;
    mkdirSync(join(folder, 'data'));
    mkdirSync(join(folder, 'state'));
    this.#write('other/stays.txt', { ageDays: 0, text: 'stays' });
  }

  async point(number: number): Promise<void> {
    this.#writeData(number);
    const work = await this.#chooseWork(number);
    const where = `point ${number}, ${work.kind}`;
    await this.#kill(work);
    this.#check(where);
    try {
      await performKilled(work);
    } catch (error) {
      this.#findings.push(`${where}: the next run failed: ${String(error)}`);
    }
    this.#check(`${where}, next run`);
    this.#checkEnd(work, where);
  }

  report(): KeepKillReport {
    const deleted = [...this.#written.keys()].filter((path) => !existsSync(join(this.#folder, 'data', path)));
    return { findings: this.#findings, killed: this.#killed, deleted: deleted.length };
  }

  #writeData(number: number): void {
    for (let file = 0; file < OLD_FILES; file += 1) {
      const text = `point ${number} file ${file}\n`.repeat(this.#random.whole(0, 4000));
      this.#write(`raw/${number}/${file}.jsonl`, { ageDays: 8 + file, text });
    }
  }

  #write(path: string, { ageDays, text }: { readonly ageDays: number; readonly text: string }): void {
    const full = join(this.#folder, 'data', path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    const atS = Date.now() / 1000 - ageDays * DAY_S;
    utimesSync(full, atS, atS);
    this.#written.set(path, digestOf(text));
  }

  async #chooseWork(number: number): Promise<KilledWork> {
    const kind = this.#random.pick(['backup', 'verify', 'cleanup', 'cleanup', 'restore'] as const);
    const work = { kind, folder: this.#folder, strategy: this.#random.whole(0, 3) };
    if (kind === 'backup' || kind === 'cleanup') return work;
    if (this.#ids().length === 0) await performKilled({ ...work, kind: 'backup' });
    const [first = '', ...others] = this.#ids();
    const asked = { ...work, id: this.#random.pick([first, ...others]), into: `restored-${number}` };
    return kind === 'restore' && this.#random.chance(THREAD_SHARE) ? { ...asked, threadAt: 0 } : asked;
  }

  #ids(): readonly string[] {
    const backups = join(this.#folder, 'backups');
    return existsSync(backups) ? readCatalogue(nodeKeepFiles(), backups).backups.map(({ id }) => id) : [];
  }

  async #kill(work: KilledWork): Promise<void> {
    const outside = this.#random.whole(1, FROM_OUTSIDE) === 1;
    const inThread = !outside && work.threadAt !== undefined && this.#random.chance(THREAD_SHARE);
    const at = outside || inThread ? 0 : this.#random.whole(1, CALLS_MAX);
    const threadAt = inThread ? this.#random.whole(1, THREAD_CALLS_MAX) : work.threadAt;
    const child = spawn(
      process.execPath,
      [
        '--conditions=@qts-ops/source',
        join(import.meta.dirname, 'keep-kill-child.ts'),
        JSON.stringify({ ...work, at, threadAt }),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let errors = '';
    child.stderr.on('data', (bytes: Buffer) => {
      errors += bytes.toString();
    });
    const ended = once(child, 'exit');
    if (outside) {
      await Promise.race([once(child.stdout, 'data'), ended]);
      await delay(this.#random.whole(0, 60));
      child.kill('SIGKILL');
    }
    await ended;
    if (child.signalCode === 'SIGKILL') this.#killed[work.kind] += 1;
    else if (child.exitCode !== 0)
      this.#findings.push(`${work.kind} ended by itself: ${errors.slice(-2000)}`);
  }

  /** What must hold at any moment, looked at with a reader of its own. */
  #check(where: string): void {
    const root = join(this.#folder, 'backups');
    const backups = existsSync(root) ? readBackups(diskFolder(root)) : [];
    for (const { id, problems } of backups) {
      if (problems.length > 0)
        this.#findings.push(`${where}: ${id} has its name and is broken: ${problems[0]}`);
    }
    const restorable = restorableContents(backups, join(this.#folder, 'data'), true);
    for (const [path, sha256] of this.#written) {
      if (existsSync(join(this.#folder, 'data', path)) || restorable.has(`${path}\0${sha256}`)) continue;
      this.#findings.push(`${where}: ${path} is gone and no verified backup holds it`);
    }
    for (const name of readdirSync(this.#folder).filter((one) => one.startsWith('restored'))) {
      this.#checkRestored(join(this.#folder, name), where);
    }
  }

  #checkRestored(folder: string, where: string): void {
    const disk = diskFolder(folder);
    for (const path of disk.paths().filter((one) => !one.startsWith(STAGING_FOLDER))) {
      if (digestOf(disk.bytes(path)) !== this.#written.get(path))
        this.#findings.push(`${where}: ${path} was restored wrong`);
    }
  }

  #checkEnd({ kind, into, id }: KilledWork, where: string): void {
    const root = join(this.#folder, 'backups');
    const { leftovers } = readCatalogue(nodeKeepFiles(), root);
    const makes = kind === 'backup' || kind === 'cleanup';
    if (makes && kind === 'backup' && leftovers.length > 0)
      this.#findings.push(`${where}: left over: ${leftovers[0]?.name}`);
    if (kind === 'cleanup') {
      const journal = readdirSync(join(this.#folder, 'state', 'maintenance')).find(
        (name) => name.startsWith('deletions-') && name.endsWith('.jsonl'),
      );
      const text =
        journal === undefined ? '' : readFileSync(join(this.#folder, 'state', 'maintenance', journal));
      if (text.length > 0) this.#findings.push(`${where}: the journal was not closed`);
      const raw = [...this.#written.keys()].filter((path) => path.startsWith('raw/'));
      const left = raw.filter((path) => existsSync(join(this.#folder, 'data', path)));
      if (left.length > 0) this.#findings.push(`${where}: expired and still there: ${left.length}`);
    }
    if (kind !== 'restore' || into === undefined) return;
    const backup = readBackups(diskFolder(root)).find((one) => one.id === id);
    const restored = diskFolder(join(this.#folder, into)).paths();
    if (restored.length !== backup?.contents.size)
      this.#findings.push(`${where}: restored ${restored.length} of ${backup?.contents.size}`);
    rmSync(join(this.#folder, into), { recursive: true });
  }
}
