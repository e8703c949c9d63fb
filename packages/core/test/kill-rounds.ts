import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { SeededRandom } from '../sim/seeded-random.ts';
import { openSqliteStore } from '../src/adapters/store-sql/sqlite-store.ts';
import { STORE_FILE } from '../src/engine/create-ops.ts';
import type { OpsStore } from '../src/engine/ops-store.ts';
import { countSlots } from '../src/run/scheduler/next-slot.ts';

/** Slots of the engine's targets, as `killed-engine.ts` configures them. */
const EVERY_MS = { quick: 100, slow: 1000, tree: 1000, isolated: 1000 } as const;
/** An engine is killed at the latest after so many lines. */
const LINES_MAX = 60;

/** What a sequence of kills showed. */
export interface KillReport {
  /** Rules that did not hold, in words; empty when all did. */
  readonly findings: readonly string[];
  readonly executions: number;
  readonly interrupted: number;
}

/** Starts, kills and restarts a real engine on one state folder, then lets it end in peace and looks at its record. */
export async function killRounds(rounds: number, seed: number): Promise<KillReport> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'qts-ops-kill-')));
  const sequence = new KillSequence(folder, new SeededRandom(seed));
  try {
    for (let round = 1; round <= rounds; round++) await sequence.killOnce(round);
    await sequence.endInPeace();
    return await sequence.report();
  } finally {
    sequence.endAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

class KillSequence {
  readonly #folder: string;
  readonly #stateFolder: string;
  readonly #random: SeededRandom;
  readonly #findings: string[] = [];
  readonly #interrupted = new Set<string>();
  #child: ChildProcess | undefined;
  /** What the engine wrote to standard error last. */
  #errors = '';

  constructor(folder: string, random: SeededRandom) {
    this.#folder = folder;
    this.#stateFolder = join(folder, 'state');
    this.#random = random;
    mkdirSync(this.#stateFolder);
  }

  async killOnce(round: number): Promise<void> {
    const lines = this.#random.whole(1, LINES_MAX);
    let seen = 0;
    await this.#start(round, () => {
      seen += 1;
      return seen >= lines;
    });
    this.#child?.kill('SIGKILL');
    if (this.#child?.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    for (const id of this.#activeRows()) this.#interrupted.add(id);
  }

  async endInPeace(): Promise<void> {
    let seen = 0;
    await this.#start(0, () => {
      seen += 1;
      return seen >= 10;
    });
    const child = this.#child;
    child?.kill('SIGTERM');
    if (child !== undefined && child.exitCode === null) await once(child, 'exit');
    if (child?.exitCode !== 0)
      this.#findings.push(
        `the last engine ended with ${child?.exitCode ?? child?.signalCode}: ${this.#errors}`,
      );
  }

  async report(): Promise<KillReport> {
    const store = await openSqliteStore({ path: join(this.#stateFolder, STORE_FILE), now: () => 0 });
    try {
      const executions = await this.#checkRows(store);
      for (const [id, everyMs] of Object.entries(EVERY_MS)) await this.#checkSlots(store, id, everyMs);
      const broken = await store.verifyAuditChain(1);
      if (broken !== undefined) this.#findings.push(`audit row ${broken.seq}: ${broken.problem}`);
      this.#checkEffects();
      const left = ownProcesses(this.#stateFolder);
      for (const { pid } of left) this.#findings.push(`process left at the end: ${describeProcess(pid)}`);
      return { findings: this.#findings, executions, interrupted: this.#interrupted.size };
    } finally {
      await store.close();
    }
  }

  /** For a sequence that was broken off. */
  endAll(): void {
    this.#child?.kill('SIGKILL');
    for (const { pid } of ownProcesses(this.#stateFolder)) process.kill(pid, 'SIGKILL');
  }

  /** Resolves when `enough` lines were seen. Lines before `ready` are those of the recovery. */
  async #start(round: number, enough: () => boolean): Promise<void> {
    const child = spawn(
      process.execPath,
      ['--conditions=@qts-ops/source', join(import.meta.dirname, 'killed-engine.ts'), this.#stateFolder],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    this.#errors = '';
    child.stderr.on('data', (bytes: Buffer) => {
      this.#errors = (this.#errors + bytes.toString()).slice(-4000);
    });
    const reached = new Promise<boolean>((resolve) => {
      const lines = createInterface({ input: child.stdout });
      lines.on('line', (line) => {
        if (line === 'ready') this.#checkRecovery(round);
        if (enough()) resolve(true);
      });
      lines.on('close', () => resolve(false));
    });
    if (await reached) return;
    this.#findings.push(`round ${round}: the engine ended by itself: ${this.#errors}`);
  }

  /** What was interrupted is closed and has no process left by the time the engine says that it is ready. */
  #checkRecovery(round: number): void {
    const stillActive = this.#activeRows().filter((id) => this.#interrupted.has(id));
    if (stillActive.length > 0) this.#findings.push(`round ${round}: left active: ${stillActive.join(', ')}`);
    const left = ownProcesses(this.#stateFolder).filter(({ executionId }) =>
      this.#interrupted.has(executionId),
    );
    for (const { pid, executionId } of left)
      this.#findings.push(`round ${round}: process ${pid} of ${executionId} left`);
  }

  /** READY and RUNNING rows, read from a copy, so that the file stays as the kill left it. */
  #activeRows(): readonly string[] {
    const copy = mkdtempSync(join(this.#folder, 'copy-'));
    for (const suffix of ['', '-wal']) {
      const from = join(this.#stateFolder, `${STORE_FILE}${suffix}`);
      if (existsSync(from)) cpSync(from, join(copy, `${STORE_FILE}${suffix}`));
    }
    if (!existsSync(join(copy, STORE_FILE))) return [];
    const database = new DatabaseSync(join(copy, STORE_FILE));
    try {
      const rows = database
        .prepare(`select execution_id from batch_execution where status in ('READY', 'RUNNING')`)
        .all();
      return rows.map((row) => String(row['execution_id']));
    } catch {
      // Killed before the tables were made.
      return [];
    } finally {
      database.close();
      rmSync(copy, { recursive: true });
    }
  }

  async #checkRows(store: OpsStore): Promise<number> {
    const active = await store.readActive();
    for (const { id, status } of active) this.#findings.push(`${id} is ${status} at the end`);
    for (const id of this.#interrupted) {
      const row = await store.findExecution(id);
      if (row?.status !== 'FAILED' || row.errorCode !== 'BAT-0301') {
        this.#findings.push(`interrupted ${id} is ${row?.status} ${row?.errorCode ?? ''}`);
      }
    }
    return (await store.queryExecutions({ limit: 1 })).total;
  }

  /** From the registration to the cursor every slot is an execution or a skip. */
  async #checkSlots(store: OpsStore, id: string, everyMs: number): Promise<void> {
    const state = (await store.readTargetStates()).find(({ targetId }) => targetId === id);
    const registeredMs = this.#registeredMs(id);
    if (state === undefined || registeredMs === undefined) {
      this.#findings.push(`${id}: not registered`);
      return;
    }
    const grid = { kind: 'interval', everyMs, mode: 'rate', phaseMs: 0, runOnStart: false } as const;
    const slots = countSlots(grid, { afterMs: registeredMs, untilMs: state.cursorMs }).count;
    const { executions, skips } = await store.countSlots(id, 0);
    if (executions + skips !== slots) {
      this.#findings.push(`${id}: ${slots} slots, ${executions} executions + ${skips} skips`);
    }
  }

  /** The instant from which the slots of a target count: its registration. */
  #registeredMs(id: string): number | undefined {
    const database = new DatabaseSync(join(this.#stateFolder, STORE_FILE));
    try {
      const createdAt = database.prepare('select created_at from batch_job where job_id = ?').get(id)?.[
        'created_at'
      ];
      return typeof createdAt === 'number' ? createdAt : undefined;
    } finally {
      database.close();
    }
  }

  /** Each execution had its effect at most once. */
  #checkEffects(): void {
    const path = join(this.#folder, 'effects');
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    const twice = lines.filter((line, index) => lines.indexOf(line) !== index);
    for (const id of new Set(twice)) this.#findings.push(`${id} had its effect twice`);
  }
}

function describeProcess(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').trim();
  } catch {
    return `${pid}, gone since`;
  }
}

interface OwnProcess {
  readonly pid: number;
  readonly executionId: string;
}

/** Living processes that carry the state folder in their environment. */
function ownProcesses(stateFolder: string): readonly OwnProcess[] {
  return readdirSync('/proc').flatMap((name): readonly OwnProcess[] => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const variables = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      if (!variables.includes(`QTS_OPS_STATE=${stateFolder}`)) return [];
      const mark = variables.find((variable) => variable.startsWith('QTS_EXECUTION_ID='));
      return mark === undefined
        ? []
        : [{ pid: Number(name), executionId: mark.slice('QTS_EXECUTION_ID='.length) }];
    } catch {
      // Gone meanwhile, or not ours to read.
      return [];
    }
  });
}
