import type { CommitResult } from '../../kernel/change.ts';
import type { LastPing } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PingChange, PingState, PingStore } from '../../watch/health/ping.ts';
import {
  afterPing,
  type PingSign,
  requireAwaited,
  requirePing,
  requireRoom,
} from '../../watch/health/ping-rules.ts';
import type { OpsConfig } from '../config/ops-config.ts';

interface PingBookOptions {
  readonly store: PingStore;
  readonly commit: (changes: readonly PingChange[]) => Promise<CommitResult>;
  readonly clock: Clock;
  readonly redact: (text: string) => string;
  readonly config: Pick<OpsConfig, 'watch'>;
}

/** Signs of life of work elsewhere: written down, then known to checks. */
export class PingBook {
  readonly #options: PingBookOptions;
  readonly #pings: Map<string, PingState>;
  /** Keys that somebody waits for: a check of another kind shows by asking for one. */
  readonly #awaited: Set<string>;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: PingBookOptions, stored: readonly PingState[]) {
    this.#options = options;
    this.#pings = new Map(stored.map((ping) => [ping.key, ping]));
    this.#awaited = new Set([...pingKeys(options.config), ...this.#pings.keys()]);
  }

  /** Takes over what is stored. */
  static async open(options: PingBookOptions): Promise<PingBook> {
    return new PingBook(options, await options.store.readPings());
  }

  /** Writes down one sign; signs that come at once are taken one after another. @throws INP-0941, INP-0942. */
  async take(key: string, sign: PingSign): Promise<void> {
    requirePing(key, sign);
    requireAwaited(key, this.#awaited);
    const taken = this.#last.then(() => this.#write(key, sign));
    this.#last = taken.catch(() => undefined);
    await taken;
  }

  /** What checks are told about a key; undefined when it never gave a sign of a run. */
  lastPing(key: string): LastPing | undefined {
    this.#awaited.add(key);
    const ping = this.#pings.get(key);
    if (ping === undefined) return undefined;
    const { endedAtMs, outcome, exitCode, startedAtMs } = ping;
    if (endedAtMs === undefined || outcome === undefined) {
      // It began and never ended: everything before its beginning is unknown and not held against it.
      return startedAtMs === undefined
        ? undefined
        : { atMs: startedAtMs - 1, outcome: 'success', startedAtMs };
    }
    return {
      atMs: endedAtMs,
      outcome,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(startedAtMs === undefined ? {} : { startedAtMs }),
    };
  }

  async #write(key: string, sign: PingSign): Promise<void> {
    const { commit, clock, redact } = this.#options;
    const before = this.#pings.get(key);
    if (before === undefined) requireRoom(this.#pings.size);
    const body = sign.body === undefined ? undefined : redact(sign.body);
    const ping = afterPing(before, { key, sign: { ...sign, body }, nowMs: clock.now() });
    await commit([{ kind: 'ping.put', ping }]);
    this.#pings.set(key, ping);
  }
}

/** Keys that the checks of a configuration say they wait for, and those of its door for other hosts. */
function pingKeys({ watch }: PingBookOptions['config']): readonly string[] {
  const ofChecks = watch.checks.flatMap(({ definition, options }) => {
    try {
      return definition.pingKeys?.(options) ?? [];
    } catch {
      // A check that cannot say so shows it at its first look, by asking.
      return [];
    }
  });
  return [...ofChecks, ...Object.keys(watch.pings?.keys ?? {})];
}
