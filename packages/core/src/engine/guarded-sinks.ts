import { redact, redactObject, type Secret } from '../kernel/secret.ts';
import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Logger } from '../ports/logger.ts';

/*
 * What the engine writes to the outside passes here: whichever logger or channel a program brings, no secret reaches
 * it, and one that fails changes nothing in the engine.
 */

/** A logger that is given no secret and whose failures go nowhere: there is no place left to report them. */
export function guardLogger(logger: Logger, secrets: readonly Secret[]): Logger {
  const line =
    (level: 'debug' | 'info' | 'warn' | 'error'): Logger['info'] =>
    (message, fields = {}) => {
      try {
        logger[level](redact(message, secrets), redactObject(fields, secrets));
      } catch {
        // The engine goes on without its log rather than not at all.
      }
    };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

/** A channel that is given no secret; its failures reach the caller, who reports them. */
export function guardChannel(channel: AlertChannel, secrets: readonly Secret[]): AlertChannel {
  return {
    sendCritical: (message) => channel.sendCritical(redact(message, secrets)),
    sendWarning: (message) => channel.sendWarning(redact(message, secrets)),
  };
}
