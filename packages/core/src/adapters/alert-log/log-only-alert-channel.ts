import type { AlertChannel } from '../../ports/alert-channel.ts';
import type { Logger } from '../../ports/logger.ts';

/** The floor under every alert: one log line with the prefix operators search for. */
export class LogOnlyAlertChannel implements AlertChannel {
  readonly #logger: Pick<Logger, 'error' | 'warn'>;

  constructor(logger: Pick<Logger, 'error' | 'warn'>) {
    this.#logger = logger;
  }

  sendCritical(message: string): void {
    this.#logger.error(`ALERT CRITICAL: ${message}`);
  }

  sendWarning(message: string): void {
    this.#logger.warn(`ALERT WARNING: ${message}`);
  }
}
