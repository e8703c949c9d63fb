import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { HealthSignal } from '../watch/health/health-changes.ts';

/** A channel gets this long for one line, ms. */
const SEND_WITHIN_MS = 15_000;

/** What lines are sent with. */
export interface MonitorAlertsParts {
  readonly channels: readonly AlertChannel[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Says what checks signal on every channel; one that throws or hangs keeps no other from being tried. */
export class MonitorAlerts {
  readonly #parts: MonitorAlertsParts;

  constructor(parts: MonitorAlertsParts) {
    this.#parts = parts;
  }

  /** Sends the line of a signal: an alert that is raised, one that goes on, or its end. */
  async say(signal: HealthSignal, note = ''): Promise<void> {
    const { action, checkId, message, level } = signal;
    if (action === 'resolve')
      return this.#sendAll('sendWarning', `[${checkId}] recovered: ${message}${note}`);
    const verb = level === 'CRITICAL' || level === 'ERROR' ? 'sendCritical' : 'sendWarning';
    return this.#sendAll(verb, `[${checkId}] ${message}${note}`);
  }

  async #sendAll(verb: keyof AlertChannel, text: string): Promise<void> {
    for (const channel of this.#parts.channels) await this.#send(channel, verb, text);
  }

  async #send(channel: AlertChannel, verb: keyof AlertChannel, text: string): Promise<void> {
    const { clock, logger } = this.#parts;
    const sent = new AbortController();
    const late = clock.sleep(SEND_WITHIN_MS, sent.signal).then(
      () => Promise.reject(new Error(`not sent within ${SEND_WITHIN_MS} ms`)),
      () => undefined,
    );
    try {
      await Promise.race([callVerb(channel, verb, text), late]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error('an alert channel failed; the next one is tried', { alert: text, error: reason });
    } finally {
      sent.abort();
    }
  }
}

/** A verb that throws at once and one that rejects later fail alike. */
async function callVerb(channel: AlertChannel, verb: keyof AlertChannel, text: string): Promise<void> {
  await channel[verb](text);
}
