import { findError } from '../kernel/define-errors.ts';
import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { TargetState } from '../run/targets/target.ts';
import type { ConfigWarning } from './config/ops-config.ts';
import type { OpsChange } from './ops-store.ts';

/**
 * Every "when X then Y" between chapters. In this version there is one, and it only writes a log line after the
 * commit; reactions that must happen will be further changes in the same transaction.
 */
export function alertLinesOf(changes: readonly OpsChange[]): readonly AlertLine[] {
  return changes.flatMap((change): readonly AlertLine[] => {
    if (change.kind !== 'target.update') return [];
    if (change.because === 'suspended') return [{ level: 'critical', text: suspendedText(change.state) }];
    if (change.because === 'recovered') return [{ level: 'warning', text: recoveredText(change.state) }];
    return [];
  });
}

/** One line for an alert channel. */
export interface AlertLine {
  readonly level: 'critical' | 'warning';
  readonly text: string;
}

/** A channel gets this long to send its last lines when the engine ends, ms. */
const LAST_LINES_MS = 5000;

interface AlertLinesOptions {
  readonly channel: AlertChannel;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Hands lines to a channel without ever waiting for it; a channel that fails is reported and changes nothing else. */
export class AlertLines {
  readonly #options: AlertLinesOptions;
  readonly #sending = new Set<Promise<void>>();

  constructor(options: AlertLinesOptions) {
    this.#options = options;
  }

  /** Sends the lines that committed changes stand for. */
  send(changes: readonly OpsChange[]): void {
    for (const line of alertLinesOf(changes)) this.say(line);
  }

  /** Sends one line that no commit stands for. */
  say(line: AlertLine): void {
    const sending = this.#sendLine(line).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Resolves when every line was sent, or after a few seconds: a channel that hangs cannot hold up the end. */
  async settled(): Promise<void> {
    if (this.#sending.size === 0) return;
    const sent = new AbortController();
    const waited = this.#options.clock.sleep(LAST_LINES_MS, sent.signal).catch(() => undefined);
    await Promise.race([Promise.all(this.#sending), waited]);
    sent.abort();
  }

  async #sendLine(line: AlertLine): Promise<void> {
    const { channel, logger } = this.#options;
    try {
      await (line.level === 'critical' ? channel.sendCritical(line.text) : channel.sendWarning(line.text));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      logger.error('an alert channel failed', { error: text, line: line.text });
    }
  }
}

function suspendedText(state: TargetState): string {
  const why = [state.lastErrorCode, state.lastErrorMessage].filter((part) => part !== undefined).join(' ');
  const breaker = state.breaker;
  const probe =
    breaker.kind === 'open' && breaker.probeAtMs !== undefined
      ? `next probe ${new Date(breaker.probeAtMs).toISOString()}`
      : 'an operator must reset it';
  return `target ${state.targetId} suspended after ${state.consecutiveErrors} errors in a row; last error: ${why}; ${probe}`;
}

function recoveredText(state: TargetState): string {
  return `target ${state.targetId} recovered; its runs go on`;
}

/** What the config warned of, said once at every start: data that have ended need a person now, others soon. */
export function warningLinesOf(warnings: readonly ConfigWarning[]): readonly AlertLine[] {
  return warnings.map(({ code, path, text }) => ({
    level: findError(code)?.definition.autoAlert === true ? 'critical' : 'warning',
    text: `${code} ${path}: ${text.en}`,
  }));
}
