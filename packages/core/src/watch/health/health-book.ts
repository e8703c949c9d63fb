import type { CheckOutage } from '../../ports/health-check.ts';
import { firstState, judgeLook } from './check-rules.ts';
import type { CheckLook, CheckState } from './check-state.ts';
import { type CheckDependencies, readDependencies } from './dependency-rules.ts';
import type { HealthCause, HealthChange } from './health-changes.ts';
import { ISOLATION_CHECK, IsolationGuard, type IsolationPolicy } from './isolation-rules.ts';
import type { RegisteredCheck } from './registered-check.ts';
import { type Hold, holdOf, isFailing, type SignalDecision, signalOf } from './signal-rules.ts';
import { staleAfterMs, statusAt } from './staleness-rules.ts';

/** Says whether a maintenance window is open for a check. */
export type InMaintenance = (
  check: { readonly id: string; readonly target?: string; readonly labels: Readonly<Record<string, string>> },
  atMs: number,
) => boolean;

/** What the book judges by. */
export interface HealthBookOptions {
  readonly checks: readonly RegisteredCheck[];
  readonly isolation?: IsolationPolicy | undefined;
  readonly inhibitWaitMs: number;
  readonly inMaintenance: InMaintenance;
}

/** Something the book is to take in. */
export type HealthEntry =
  | { readonly kind: 'look'; readonly checkId: string; readonly look: CheckLook }
  /** What was held back may not be held back any more. */
  | { readonly kind: 'review'; readonly checkId: string; readonly nowMs: number };

/** States by the id of their check. */
export type StateLookup = Pick<ReadonlyMap<string, CheckState>, 'get'>;

/** What entries lead to: the next states, what is to be written now, and which states can be written later. */
export interface HealthDecision {
  /** States that moved. */
  readonly moved: ReadonlyMap<string, CheckState>;
  readonly changes: readonly HealthChange[];
  /** Checks whose state moved without anything worth a write of its own. */
  readonly quiet: ReadonlySet<string>;
  /** Checks whose alert is held back, and those whose no longer is. */
  readonly held: ReadonlyMap<string, boolean>;
}

/** Decides what looks mean for all checks together. It knows the states that were written and changes none itself. */
export class HealthBook {
  readonly #checks: ReadonlyMap<string, RegisteredCheck>;
  readonly #dependencies: CheckDependencies;
  readonly #guard: IsolationGuard | undefined;
  readonly #options: HealthBookOptions;

  /** @throws INP-0903 for dependencies that are unknown or circular. */
  constructor(options: HealthBookOptions) {
    this.#options = options;
    this.#checks = new Map(options.checks.map((check) => [check.id, check]));
    this.#dependencies = readDependencies(
      options.checks.map(({ id, policy }) => ({ id, dependsOn: policy.dependsOn })),
    );
    this.#guard = options.isolation === undefined ? undefined : new IsolationGuard(options.isolation);
  }

  get isolated(): boolean {
    return this.#guard?.isolated ?? false;
  }

  /** The last outage of our own connection; absent before the first. */
  get outage(): CheckOutage | undefined {
    return this.#guard?.outage;
  }

  /** What follows when reference checks have not looked for too long; see `IsolationGuard.forgetOld`. */
  forgetOldReferences(nowMs: number): readonly HealthEntry[] {
    const guard = this.#guard;
    const staleOf = (id: string) => {
      const policy = this.#checks.get(id)?.policy;
      return policy === undefined ? 0 : staleAfterMs(policy);
    };
    if (guard?.forgetOld(nowMs, staleOf) !== true) return [];
    return [{ kind: 'look', checkId: ISOLATION_CHECK, look: guard.look(nowMs) }];
  }

  /** Checks that are to look at once when this one begins to fail: what it depends on, and the references. */
  asked(check: RegisteredCheck): readonly string[] {
    const needsNetwork = check.network || check.hearsNetwork?.() === true;
    const references = needsNetwork ? (this.#options.isolation?.references ?? []) : [];
    return [...this.#dependencies.ancestorsOf(check.id), ...references].filter((id) => id !== check.id);
  }

  /** What holds back the alert about a check now. */
  holdOf(check: RegisteredCheck, states: StateLookup, now: BookNow): Hold | undefined {
    const state = states.get(check.id);
    if (state === undefined) return undefined;
    const ancestors = this.#dependencies.ancestorsOf(check.id);
    return holdOf(state, {
      critical: check.policy.critical,
      inGrace: now.inGrace,
      isolated: check.id !== ISOLATION_CHECK && this.#isIsolated(check, state),
      ancestors: ancestors.flatMap((id) => states.get(id) ?? []),
      waits: this.asked(check).length > 0,
      inhibitWaitMs: this.#options.inhibitWaitMs,
      nowMs: now.nowMs,
    });
  }

  /** What entries lead to, in their order, on top of `states`. */
  decide(entries: readonly HealthEntry[], states: StateLookup, inGrace: boolean): HealthDecision {
    const draft = new Draft(states);
    const queue = [...entries];
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
      const check = this.#checks.get(entry.checkId);
      if (check === undefined) continue;
      if (entry.kind === 'look')
        queue.unshift(...this.#takeLook(draft, check, { look: entry.look, inGrace }));
      else this.#takeReview(draft, check, { ...entry, inGrace });
    }
    return draft;
  }

  #takeLook(
    draft: Draft,
    check: RegisteredCheck,
    { look: found, inGrace }: { readonly look: CheckLook; readonly inGrace: boolean },
  ): readonly HealthEntry[] {
    const { id, policy } = check;
    this.#guard?.note(id, found);
    const look = this.#masked(check, found);
    const before = draft.states.get(id) ?? firstState(id, policy, look.atMs);
    const maintenance = this.#options.inMaintenance(
      { id, ...targetOf(check), labels: policy.labels },
      look.atMs,
    );
    const { state, because, spans, transition } = judgeLook(before, look, { policy, maintenance });
    const decided = this.#signal(draft, check, { state, because, now: { nowMs: look.atMs, inGrace } });
    const quiet =
      because === 'seen' && spans.length === 1 && decided.signal === undefined && before.revision > 0;
    if (quiet) draft.keepQuiet(state, decided.held);
    else {
      draft.write(before, decided, { state, because, atMs: look.atMs });
      for (const span of spans) draft.changes.push({ kind: 'health.span', span });
      if (transition !== undefined) draft.changes.push({ kind: 'health.transition', transition });
    }
    return [...this.#isolationLook(id, look.atMs), ...this.#released(before, state, look.atMs)];
  }

  /** What a look says while we are cut off; silence that came with it is no news of its own. */
  #masked(check: RegisteredCheck, found: CheckLook): CheckLook {
    if (check.network) return this.#guard?.masked(found) ?? found;
    const { outage } = this;
    if (outage === undefined || found.status !== 'unknown' || check.hearsNetwork?.() !== true) return found;
    const { fromMs, toMs = Number.POSITIVE_INFINITY } = outage;
    return found.atMs >= fromMs && begunMs(found) <= toMs ? { ...found, isolated: true } : found;
  }

  #isIsolated(check: RegisteredCheck, { last }: CheckState): boolean {
    if (last?.isolated === true) return true;
    if (check.network || !this.isolated) return this.isolated;
    // It began to look before we knew, so its next look will judge anew.
    const isOld = last !== undefined && begunMs(last) <= (this.outage?.fromMs ?? 0);
    return isOld && check.hearsNetwork?.() === true;
  }

  #takeReview(
    draft: Draft,
    check: RegisteredCheck,
    entry: Exclude<HealthEntry, { kind: 'look' }> & { readonly inGrace: boolean },
  ): void {
    const before = draft.states.get(check.id);
    if (before === undefined) return;
    const { nowMs, inGrace } = entry;
    // What nobody has looked at for long says nothing; its next look will.
    if (statusAt(before, nowMs).why === 'stale') return;
    const decided = this.#signal(draft, check, {
      state: before,
      because: 'released',
      now: { nowMs, inGrace },
    });
    if (decided.signal === undefined) draft.held.set(check.id, decided.held);
    else draft.write(before, decided, { state: before, because: 'released', atMs: nowMs });
  }

  #signal(
    draft: Draft,
    check: RegisteredCheck,
    {
      state,
      because,
      now,
    }: { readonly state: CheckState; readonly because: HealthCause; readonly now: BookNow },
  ): SignalDecision {
    const states = { get: (id: string) => (id === check.id ? state : draft.states.get(id)) };
    const hold = this.holdOf(check, states, now);
    return signalOf(check, state, { because, hold, nowMs: now.nowMs });
  }

  /** After a reference check has looked, the isolation check knows more. */
  #isolationLook(checkId: string, atMs: number): readonly HealthEntry[] {
    if (this.#guard === undefined || !this.#guard.isReference(checkId)) return [];
    return [{ kind: 'look', checkId: ISOLATION_CHECK, look: this.#guard.look(atMs) }];
  }

  /** When a check no longer fails, those that depend on it may speak. */
  #released(before: CheckState, after: CheckState, nowMs: number): readonly HealthEntry[] {
    if (!isFailing(before) || isFailing(after)) return [];
    return this.#dependencies
      .descendantsOf(after.checkId)
      .map((checkId) => ({ kind: 'review', checkId, nowMs }));
  }
}

/** The instant of a decision, and whether the start is still so recent that nothing but critical checks may speak. */
export interface BookNow {
  readonly nowMs: number;
  readonly inGrace: boolean;
}

/** Where a decision is put together. */
class Draft implements HealthDecision {
  readonly moved = new Map<string, CheckState>();
  readonly states: StateLookup;
  readonly changes: HealthChange[] = [];
  readonly quiet = new Set<string>();
  readonly held = new Map<string, boolean>();

  constructor(below: StateLookup) {
    this.states = { get: (id) => this.moved.get(id) ?? below.get(id) };
  }

  keepQuiet(state: CheckState, held: boolean): void {
    this.moved.set(state.checkId, state);
    this.quiet.add(state.checkId);
    this.held.set(state.checkId, held);
  }

  write(
    before: CheckState,
    { raised, signal, held }: SignalDecision,
    what: { readonly state: CheckState; readonly because: HealthCause; readonly atMs: number },
  ): void {
    const { raised: _, ...rest } = what.state;
    // The row is made first; what it says comes as an update, so that one kind of change carries every signal.
    const expectRevision = Math.max(1, before.revision);
    const revision = expectRevision + 1;
    const state: CheckState = { ...rest, ...(raised === undefined ? {} : { raised }), revision };
    if (before.revision === 0) {
      this.changes.push({ kind: 'health.insert', state: { ...before, revision: expectRevision } });
    }
    this.moved.set(state.checkId, state);
    this.quiet.delete(state.checkId);
    this.held.set(state.checkId, held);
    const { because, atMs } = what;
    const told = signal === undefined ? {} : { signal };
    this.changes.push({ kind: 'health.update', expectRevision, state, because, atMs, ...told });
  }
}

function begunMs({ atMs, durationMs }: CheckLook): number {
  return atMs - durationMs;
}

function targetOf({ policy }: RegisteredCheck): { readonly target?: string } {
  return policy.target === undefined ? {} : { target: policy.target };
}
