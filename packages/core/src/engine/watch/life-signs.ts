import type { PluginContext } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { DeadManConfig } from '../config/watch-config.ts';
import { type Progress, standstillsOf } from './progress-rules.ts';

/** How the outside is reached. */
export interface LifeSignPorts {
  /**
   * Asks an address, with a text where there is one; resolves when it answered well.
   * @throws when it did not, without the address in the message.
   */
  readonly call: (url: string, signal: AbortSignal, text?: string) => Promise<void>;
  /** Tells the service manager; absent where none listens. */
  readonly manager?: {
    readonly tell: (state: 'READY=1' | 'WATCHDOG=1' | 'STOPPING=1') => Promise<void>;
    /** From one sign to the next, ms; absent: it does not wait for any. */
    readonly everyMs?: number;
  };
}

interface LifeSignsOptions extends LifeSignPorts {
  readonly deadMan?: DeadManConfig | undefined;
  /** Name of the engine, for the service outside. */
  readonly instance: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly contextOf: (owner: string) => PluginContext;
  readonly progress: () => Omit<Progress, 'mono' | 'isStoreWritable'>;
  /** Rejects when the store cannot be written. */
  readonly writeCanary: () => Promise<unknown>;
}

/** Tries of one sign, and the pauses between them, ms. */
const PAUSES_MS = [1000, 2000, 4000, 8000] as const;
/** So often is a service outside asked at most, within a minute: more is refused by some, and then all of it. */
const CALLS_A_MINUTE = 5;
const MINUTE_MS = 60_000;
/** The store may take this long to write a line, ms. */
const CANARY_WITHIN_MS = 10_000;

/** What a service is told by the end of its address. */
type Sign = '' | '/start' | '/fail';

interface Beat {
  readonly name: string;
  readonly everyMs: number;
  readonly tell: () => Promise<void>;
  /** Called instead while the engine stands still. */
  readonly stands?: ((reasons: readonly string[]) => Promise<void>) | undefined;
}

/**
 * Tells the outside that this engine works: a service that raises an alarm when it hears nothing, and the service
 * manager that restarts what stands still. Nothing is told while the engine lives without getting on.
 */
export class LifeSigns {
  readonly #options: LifeSignsOptions;
  readonly #ends = new AbortController();
  readonly #loops: Array<Promise<void>> = [];
  readonly #troubles = new Map<string, string>();
  /** When the service outside was asked, in the last minute; monotonic, ms. */
  #callsMono: readonly number[] = [];

  constructor(options: LifeSignsOptions) {
    this.#options = options;
  }

  start(): void {
    const { deadMan, manager } = this.#options;
    if (deadMan !== undefined) {
      const { everyMs, hasPaths } = deadMan;
      const say = (sign: Sign, text: string) => this.#callOutside(deadMan, sign, text);
      if (hasPaths) this.#loops.push(this.#try('dead-man', () => say('/start', 'started')));
      const stands = hasPaths ? (reasons: readonly string[]) => say('/fail', reasons.join(', ')) : undefined;
      this.#beat({ name: 'dead-man', everyMs, tell: () => say('', 'gets on'), stands });
    }
    if (manager === undefined) return;
    this.#loops.push(this.#try('systemd', () => manager.tell('READY=1')));
    const { everyMs } = manager;
    if (everyMs !== undefined)
      this.#beat({ name: 'systemd', everyMs, tell: () => manager.tell('WATCHDOG=1') });
  }

  /** Ends; the manager is told that this is meant. */
  async close(): Promise<void> {
    this.#ends.abort(new Error('the engine ends'));
    await Promise.all(this.#loops);
    const { manager } = this.#options;
    if (manager !== undefined) await this.#try('systemd', () => manager.tell('STOPPING=1'));
  }

  #beat(beat: Beat): void {
    this.#loops.push(this.#loop(beat).catch(() => undefined));
  }

  async #loop({ name, everyMs, tell, stands }: Beat): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#ends;
    let before = this.#progress(true);
    for (;;) {
      await clock.sleep(everyMs, signal);
      const now = this.#progress(await this.#isStoreWritable());
      const reasons = standstillsOf(now, before);
      before = now;
      if (reasons.length === 0) await this.#try(name, tell);
      else {
        this.#trouble(name, `is told nothing: ${reasons.join(', ')}`);
        // One that hears of failures need not wait for the silence to be long enough.
        await stands?.(reasons).catch(() => undefined);
      }
    }
  }

  async #callOutside({ url, hasPaths }: DeadManConfig, sign: Sign, text: string): Promise<void> {
    const { contextOf, call, clock, instance } = this.#options;
    const address = withPath(contextOf('dead-man').secret(url).reveal(), sign);
    const said = hasPaths ? `${instance}: ${text}` : undefined;
    for (const pauseMs of [...PAUSES_MS, undefined]) {
      await this.#waitForTurn();
      try {
        return await call(address, this.#ends.signal, said);
      } catch (error) {
        if (pauseMs === undefined) throw error;
        await clock.sleep(pauseMs, this.#ends.signal);
      }
    }
  }

  async #waitForTurn(): Promise<void> {
    const { clock } = this.#options;
    const recent = () => this.#callsMono.filter((atMono) => clock.mono() - atMono < MINUTE_MS);
    for (let calls = recent(); calls.length >= CALLS_A_MINUTE; calls = recent()) {
      await clock.sleep(Math.max(1, MINUTE_MS - (clock.mono() - (calls[0] ?? 0))), this.#ends.signal);
    }
    this.#callsMono = [...recent(), clock.mono()];
  }

  async #try(name: string, tell: () => Promise<void>): Promise<void> {
    try {
      await tell();
      if (this.#troubles.delete(name)) this.#options.logger.info('a life sign is heard again', { to: name });
    } catch (error) {
      if (!this.#ends.signal.aborted)
        this.#trouble(name, error instanceof Error ? error.message : String(error));
    }
  }

  /** Said once for each reason, so that a long trouble does not fill the log. */
  #trouble(name: string, text: string): void {
    if (this.#troubles.get(name) === text) return;
    this.#troubles.set(name, text);
    this.#options.logger.warn('a life sign is not heard', { to: name, why: text });
  }

  #progress(isStoreWritable: boolean): Progress {
    const { progress, clock } = this.#options;
    return { ...progress(), isStoreWritable, mono: clock.mono() };
  }

  async #isStoreWritable(): Promise<boolean> {
    const { writeCanary, clock } = this.#options;
    const done = new AbortController();
    const late = clock.sleep(CANARY_WITHIN_MS, done.signal).then(
      () => false,
      () => false,
    );
    const written = writeCanary().then(
      () => true,
      () => false,
    );
    const isWritable = await Promise.race([written, late]);
    done.abort();
    return isWritable;
  }
}

function withPath(address: string, sign: Sign): string {
  if (sign === '') return address;
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/$/, '')}${sign}`;
  return url.href;
}
