import './health-errors.ts';
import type { CommitResult } from '../../kernel/change.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import { DueHeap } from '../../run/scheduler/due-heap.ts';
import type { Availability, TimeRange } from './availability-rules.ts';
import { wantsRetry } from './check-rules.ts';
import type { CheckLook } from './check-state.ts';
import { type CheckView, checkView } from './check-view.ts';
import { type ClockReading, gapBetween, TICK_MS } from './gap-rules.ts';
import { readAvailability } from './health-accounts.ts';
import { HealthBook, type HealthEntry } from './health-book.ts';
import type { HealthChange, HealthGap } from './health-changes.ts';
import { type HealthChecksOptions, INHIBIT_WAIT_MS, STARTUP_GRACE_MS } from './health-options.ts';
import { HealthRecords } from './health-records.ts';
import { ISOLATION_CHECK, isolationCheck } from './isolation-check.ts';
import { type CheckReport, LookDesk } from './look-desk.ts';
import { closeChecks, type RegisteredCheck, requireUniqueIds } from './registered-check.ts';
import { planCompaction } from './span-compaction.ts';
import { firstDelayMs, nextDelayMs } from './splay-rules.ts';

/** Looks that only confirmed what was known are written at least this often, in ticks. */
const FLUSH_TICKS = 5;
/** The history of one check is brought within its bounds this often, in ticks. */
const COMPACT_TICKS = 10;

export type { CheckReport } from './look-desk.ts';

/**
 * Lets checks look in time and writes down what they find. One check that throws or hangs delays no other, and a
 * store that cannot be written leaves what is shown to grow stale, which is then said.
 */
export class HealthChecks {
  readonly #options: HealthChecksOptions;
  readonly #checks: ReadonlyMap<string, RegisteredCheck>;
  readonly #book: HealthBook;
  readonly #records: HealthRecords;
  readonly #desk: LookDesk;
  readonly #due = new DueHeap();
  readonly #going = new Set<Promise<void>>();
  #isEnding = false;
  #cancelTimer: (() => void) | undefined;
  #reading: ClockReading;
  #graceUntilMono = 0;
  #ticks = 0;
  #loaded: Promise<void> | undefined;
  #isStoreFailing = false;
  #lastLookMono: number | undefined;
  #lastGap: HealthGap | undefined;

  /** @throws INP-0903, INP-0904 for checks that do not fit together. */
  constructor(options: HealthChecksOptions) {
    const { clock, logger, store, isolation } = options;
    const checks =
      isolation === undefined
        ? options.checks
        : [...options.checks, isolationCheck(isolation, options.checks)];
    requireUniqueIds(checks);
    this.#options = options;
    this.#checks = new Map(checks.map((check) => [check.id, check]));
    this.#book = new HealthBook({
      checks,
      isolation,
      inhibitWaitMs: options.inhibitWaitMs ?? INHIBIT_WAIT_MS,
      inMaintenance: options.inMaintenance ?? (() => false),
    });
    this.#records = new HealthRecords({
      book: this.#book,
      checkIds: [...this.#checks.keys()],
      keepsOthers: options.keepsOthers ?? false,
      store,
      commit: (changes) => this.#commit(changes),
      now: () => this.#now(),
    });
    this.#desk = new LookDesk({
      clock,
      logger,
      clean: options.clean ?? ((text) => text),
      stateOf: (id) => this.#records.states.get(id),
      lastGap: () => this.#lastGap,
      outage: () => this.#book.outage,
      record: (checkId, look) => this.#take({ kind: 'look', checkId, look }),
      onFound: (check, look, previous) => this.#found(check, look, previous),
      onDone: (check, report) => this.#done(check, report),
    });
    this.#reading = this.#read();
  }

  /** True while our own connection is down, as the reference checks have it. */
  get isolated(): boolean {
    return this.#book.isolated;
  }

  /** Monotonic time at which a look last ended, ms; absent before the first. For who watches that checks go on. */
  get lastLookMono(): number | undefined {
    return this.#lastLookMono;
  }

  /** Reads what is on record. Called by `start` and `runNow`, once. */
  load(): Promise<void> {
    this.#loaded ??= this.#records.load().catch((error: unknown) => {
      this.#loaded = undefined;
      throw error;
    });
    return this.#loaded;
  }

  /** Begins to look: every check soon, spread by its id, and then at its interval. */
  async start(): Promise<void> {
    await this.load();
    const { clock, startupGraceMs = STARTUP_GRACE_MS } = this.#options;
    this.#graceUntilMono = clock.mono() + startupGraceMs;
    this.#reading = this.#read();
    for (const { id, policy } of this.#scheduled()) {
      this.#due.set(id, clock.mono() + firstDelayMs(id, policy.intervalMs));
    }
    this.#sleep();
  }

  /** Ends: looks under way are cancelled and not recorded, everything known is written, checks let go. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    this.#cancelTimer?.();
    await this.#desk.end();
    await Promise.all(this.#going);
    await this.#records.flush().catch((error: unknown) => this.#storeFailed(error));
    const { clock, logger } = this.#options;
    await closeChecks([...this.#checks.values()], { clock, logger });
  }

  /**
   * Looks now, all checks or the named ones, and resolves when everything found is on record; in the order asked for.
   * @throws INP-0904 for a name that is no check, and what the store throws.
   */
  async runNow(ids?: readonly string[]): Promise<readonly CheckReport[]> {
    await this.load();
    const checks = ids === undefined ? this.#scheduled() : ids.map((id) => this.#require(id));
    const reports = await this.#desk.askFor(checks);
    await this.#records.flush();
    for (const { failure } of reports) if (failure !== undefined) throw failure.error;
    return reports;
  }

  /** All checks as they are now, in the order of the config. */
  list(): readonly CheckView[] {
    return [...this.#checks.values()].map((check) => this.#view(check));
  }

  /** One check as it is now. @throws INP-0904 for a name that is no check. */
  view(id: string): CheckView {
    return this.#view(this.#require(id));
  }

  /** Accounts of a check over a range, weighted by time. */
  async availability(id: string, range: TimeRange): Promise<Availability> {
    const { store, clock } = this.#options;
    return readAvailability(store, { id, range, state: this.#records.states.get(id), nowMs: clock.now() });
  }

  #scheduled(): readonly RegisteredCheck[] {
    return [...this.#checks.values()].filter(({ id }) => id !== ISOLATION_CHECK);
  }

  #require(id: string): RegisteredCheck {
    const check = this.#checks.get(id);
    if (check !== undefined && id !== ISOLATION_CHECK) return check;
    const known = this.#scheduled().map((one) => one.id);
    throw opsException('INP-0904', `check ${id}: there is none; allowed: ${known.slice(0, 20).join(', ')}`);
  }

  #view(check: RegisteredCheck): CheckView {
    const held = this.#records.held.has(check.id)
      ? this.#book.holdOf(check, this.#records.states, this.#now())
      : undefined;
    const setAside = this.#desk.isSetAside(check.kind);
    return checkView(check, this.#records.states.get(check.id), {
      nowMs: this.#options.clock.now(),
      held,
      setAside,
    });
  }

  #now(): { readonly nowMs: number; readonly inGrace: boolean } {
    const { clock } = this.#options;
    return { nowMs: clock.now(), inGrace: clock.mono() < this.#graceUntilMono };
  }

  #read(): ClockReading {
    const { clock } = this.#options;
    return { wallMs: clock.now(), monoMs: clock.mono() };
  }

  #sleep(): void {
    if (this.#isEnding) return;
    const { clock } = this.#options;
    const untilDueMs = (this.#due.nextDueMs ?? Number.POSITIVE_INFINITY) - clock.mono();
    this.#cancelTimer = clock.setTimer(() => this.#tick(), Math.max(0, Math.min(TICK_MS, untilDueMs)));
  }

  #tick(): void {
    const { clock } = this.#options;
    const before = this.#reading;
    const reading = this.#read();
    const gap = gapBetween(before, reading);
    // A tick may come early for a look that is due; what goes on once a tick waits for a whole one.
    if (gap !== undefined || reading.monoMs - before.monoMs >= TICK_MS) {
      this.#reading = reading;
      this.#ticks += 1;
      if (gap !== undefined) this.#keep(this.#takeGap(gap));
      this.#reviewHeld();
      if (this.#ticks % FLUSH_TICKS === 0) this.#keep(this.#records.flush());
      if (this.#ticks % COMPACT_TICKS === 0) this.#keep(this.#compactNext());
    }
    this.#desk.ask(this.#due.takeDue(clock.mono()).flatMap((id) => this.#checks.get(id) ?? []));
    this.#sleep();
  }

  async #takeGap(gap: HealthGap): Promise<void> {
    const { clock, logger, startupGraceMs = STARTUP_GRACE_MS } = this.#options;
    this.#lastGap = gap;
    logger.info('the engine could not look for a while', { ...gap });
    // After time was lost, the world needs a moment as after a start.
    if (gap.reason !== 'clock-set') this.#graceUntilMono = clock.mono() + startupGraceMs;
    await this.#records.rearm(gap, clock.now());
  }

  /** Takes an entry in. Whether we are cut off is told even when nothing can be written. */
  #take(entry: HealthEntry): Promise<void> {
    const tell = () => this.#options.onIsolation?.(this.#book.isolated);
    return this.#records.take(entry).finally(tell);
  }

  #reviewHeld(): void {
    const now = this.#now();
    for (const entry of this.#book.forgetOldReferences(now.nowMs)) this.#keep(this.#take(entry));
    for (const checkId of this.#records.held) {
      const check = this.#checks.get(checkId);
      if (check === undefined || this.#book.holdOf(check, this.#records.states, now) !== undefined) continue;
      this.#keep(this.#records.take({ kind: 'review', checkId, nowMs: now.nowMs }));
    }
  }

  async #compactNext(): Promise<void> {
    const { store, clock } = this.#options;
    const ids = [...this.#checks.keys()];
    const id = ids[(this.#ticks / COMPACT_TICKS) % Math.max(1, ids.length)];
    const change = id === undefined ? undefined : await planCompaction(id, store, clock.now());
    if (change !== undefined) await this.#commit([change]);
  }

  #found(check: RegisteredCheck, look: CheckLook, previous: CheckLook | undefined): void {
    this.#lastLookMono = this.#options.clock.mono();
    // What a check depends on looks at once, so that the cause is known before its consequences are told.
    if (look.status === 'pass' || previous?.status === look.status) return;
    this.#desk.ask(this.#book.asked(check).flatMap((id) => this.#checks.get(id) ?? []));
  }

  #done(check: RegisteredCheck, { failure }: CheckReport): void {
    if (failure !== undefined) this.#storeFailed(failure.error);
    if (this.#cancelTimer !== undefined) this.#schedule(check);
  }

  #schedule({ id, policy }: RegisteredCheck): void {
    const { clock, randomness } = this.#options;
    const state = this.#records.states.get(id);
    const [high = 0, low = 0] = randomness.bytes(2);
    const regularMs = nextDelayMs(policy.intervalMs, (high * 256 + low) / 65_536);
    const delayMs = state !== undefined && wantsRetry(state) ? policy.retryIntervalMs : regularMs;
    this.#due.set(id, clock.mono() + delayMs);
    // The new look may be due before the timer that was set.
    this.#cancelTimer?.();
    this.#sleep();
  }

  /** Follows work nobody waits for; what it fails with is reported. */
  #keep(work: Promise<void>): void {
    const kept: Promise<void> = work
      .catch((error: unknown) => this.#storeFailed(error))
      .finally(() => this.#going.delete(kept));
    this.#going.add(kept);
  }

  async #commit(changes: readonly HealthChange[]): Promise<CommitResult> {
    const result = await this.#options.commit(changes);
    this.#isStoreFailing = false;
    return result;
  }

  #storeFailed(error: unknown): void {
    if (this.#isStoreFailing) return;
    this.#isStoreFailing = true;
    const text = error instanceof Error ? error.message : String(error);
    this.#options.logger.error('what checks found could not be written', { error: text });
  }
}
