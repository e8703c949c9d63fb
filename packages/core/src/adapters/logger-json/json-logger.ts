import type { JsonObject } from '../../kernel/json.ts';
import { redact, redactObject, type Secret } from '../../kernel/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

interface JsonLoggerOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Receives one line with its end of line. */
  readonly write: (line: string) => void;
  readonly secrets: readonly Secret[];
  /** Lines below it are left out. Default `info`. */
  readonly level?: 'debug' | 'info' | 'warn' | 'error';
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** One JSON object a line: `time`, `level`, `message` and the fields; secrets are redacted. */
export function jsonLogger(options: JsonLoggerOptions): Logger {
  const least = LEVELS.indexOf(options.level ?? 'info');
  const line =
    (level: (typeof LEVELS)[number]) =>
    (message: string, fields: JsonObject = {}) => {
      if (LEVELS.indexOf(level) < least) return;
      const time = new Date(options.clock.now()).toISOString();
      const { secrets } = options;
      const entry = { time, level, message: redact(message, secrets), ...redactObject(fields, secrets) };
      options.write(`${JSON.stringify(entry)}\n`);
    };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

/** Writes nothing; for programs that embed the engine without wanting its log. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
