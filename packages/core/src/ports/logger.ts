import type { JsonObject } from '../kernel/json.ts';

/** Structured log lines; an adapter decides where they go. Never pass a secret. */
export interface Logger {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}
