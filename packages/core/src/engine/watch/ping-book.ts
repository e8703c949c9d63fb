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
import { pingKeysOf } from '../../watch/health/registered-check.ts';
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
  /** Keys whose last ping came from this machine, since the engine began. */
  readonly #local = new Set<string>();
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

  /**
   * Writes down one sign; signs that come at once are taken one after another. `from` is the way it came: by the socket
   * of the engine, or by the door for other hosts. @throws INP-0941, INP-0942.
   */
  async take(key: string, sign: PingSign, from: 'local' | 'network' = 'local'): Promise<void> {
    requirePing(key, sign);
    requireAwaited(key, this.#awaited);
    if (from === 'local') this.#local.add(key);
    else this.#local.delete(key);
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

  /** True for a key of the door for other hosts, unless its last ping came from this machine. */
  isOverNetwork(key: string): boolean {
    const keys = this.#options.config.watch.pings?.keys ?? {};
    return Object.hasOwn(keys, key) && !this.#local.has(key);
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
  return [...watch.checks.flatMap(pingKeysOf), ...Object.keys(watch.pings?.keys ?? {})];
}
