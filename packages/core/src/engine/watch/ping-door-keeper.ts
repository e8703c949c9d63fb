import { createHash } from 'node:crypto';
import { isOpsException } from '../../kernel/ops-exception.ts';
import type { PluginContext } from '../../ports/alert-channel.ts';
import type { CheckFinding } from '../../ports/health-check.ts';
import type { Logger } from '../../ports/logger.ts';
import type { DoorSign, OpenPingDoor, PingDoor } from '../../ports/ping-door.ts';
import { PING_BODY_MAX_BYTES } from '../../watch/health/ping-rules.ts';
import type { PingDoorConfig } from '../config/watch-config.ts';
import type { PingBook } from './ping-book.ts';

/** What a secret in an address may be: nothing in it needs another spelling there, and nobody guesses it. */
const SECRET = /^[A-Za-z0-9._~-]{16,128}$/;

interface PingDoorKeeperOptions {
  readonly config: PingDoorConfig;
  readonly open: OpenPingDoor;
  readonly pings: Pick<PingBook, 'take'>;
  readonly logger: Logger;
  readonly context: PluginContext;
}

/**
 * Keeps the door for pings of other hosts open. An address that cannot be had, or a secret that cannot be read, keeps
 * no engine from its work: the check that asks this keeper fails, tries again and says when it is mended.
 */
export class PingDoorKeeper {
  readonly #options: PingDoorKeeperOptions;
  readonly #ends = new AbortController();
  #opening: Promise<void> | undefined;
  #door: PingDoor | undefined;
  #keys: ReadonlyMap<string, string> = new Map();
  #problems: readonly string[] = [];

  constructor(options: PingDoorKeeperOptions) {
    this.#options = options;
  }

  /** Port of the open door; undefined while it is closed. */
  get port(): number | undefined {
    return this.#door?.isOpen() === true ? this.#door.port : undefined;
  }

  /** Opens the door where it is closed and reads the secrets anew. Never rejects; `look` says how it went. */
  async open(): Promise<void> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  /** What the check of the door finds. */
  async look(): Promise<CheckFinding> {
    await this.open();
    const { host } = this.#options.config;
    const where = `pings of other hosts, ${host} port ${this.port ?? this.#options.config.port}`;
    if (this.#problems.length === 0) {
      return {
        status: 'pass',
        message: `${where}: taken for ${this.#keys.size} keys`,
        value: this.#keys.size,
      };
    }
    const status = this.port === undefined ? 'fail' : 'warn';
    const [first = '', ...more] = this.#problems;
    const rest = more.length === 0 ? '' : `; and ${more.length} more`;
    return {
      status,
      message: `${where}: ${first}${rest}`,
      value: this.#keys.size,
      details: [...this.#problems],
    };
  }

  /** Closes the door for good. */
  async close(): Promise<void> {
    this.#ends.abort(new Error('the engine ends'));
    await this.#opening;
    await this.#door?.close();
  }

  async #open(): Promise<void> {
    const { config, open } = this.#options;
    const problems: string[] = [];
    this.#keys = this.#readKeys(problems);
    if (this.port === undefined && !this.#ends.signal.aborted) {
      await this.#door?.close();
      this.#door = undefined;
      try {
        this.#door = await open({
          host: config.host,
          port: config.port,
          bodyMaxBytes: PING_BODY_MAX_BYTES,
          keyOf: (secret) => this.#keys.get(digestOf(secret)),
          take: (key, sign) => this.#take(key, sign),
        });
      } catch (error) {
        problems.unshift(`cannot be opened: ${reasonOf(error)}`);
      }
    }
    this.#problems = problems;
  }

  /** Keys by the digest of their secret: how long a comparison takes tells nothing about a secret. */
  #readKeys(problems: string[]): ReadonlyMap<string, string> {
    const { config, context } = this.#options;
    const keys = new Map<string, string>();
    for (const [key, place] of Object.entries(config.keys)) {
      try {
        const secret = context.secret(place).reveal();
        const digest = digestOf(secret);
        const other = keys.get(digest);
        if (!SECRET.test(secret)) {
          problems.push(`secret of ${key}: allowed are 16 to 128 letters, digits, '.', '_', '~' and '-'`);
        } else if (other !== undefined) {
          problems.push(`secret of ${key}: ${other} has the same one`);
        } else keys.set(digest, key);
      } catch (error) {
        problems.push(`secret of ${key}: ${reasonOf(error)}`);
      }
    }
    return keys;
  }

  async #take(key: string, sign: DoorSign): Promise<void> {
    try {
      await this.#options.pings.take(key, sign, 'network');
    } catch (error) {
      // The key is the check's own name for the work, not what stands in the address.
      this.#options.logger.warn('a ping could not be taken', { key, error: reasonOf(error) });
      throw error;
    }
  }
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}

function reasonOf(error: unknown): string {
  if (isOpsException(error)) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'another program uses the port (EADDRINUSE)';
  if (code === 'EACCES') return 'this account may not use the port (EACCES)';
  if (code === 'EADDRNOTAVAIL') return 'this host does not have the address (EADDRNOTAVAIL)';
  return error instanceof Error ? error.message : String(error);
}
