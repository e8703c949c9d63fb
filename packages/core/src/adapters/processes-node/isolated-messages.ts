import { type JsonObject, type JsonValue, toJsonValue } from '../../kernel/json.ts';
import { parseObject } from './progress-lines.ts';

/** Descriptor over which the engine and an isolated child speak: one JSON object a line. */
export const CONTROL_FD = 4;
/** Longest line either side reads. */
export const CONTROL_LINE_MAX_BYTES = 4 * 1024 * 1024;
/** A returned value larger than this is sent with less depth. */
const VALUE_MAX_CHARACTERS = 1024 * 1024;
const STACK_MAX_CHARACTERS = 8000;

/** What an isolated child is told first. */
export interface IsolatedStart {
  readonly kind: 'start';
  /** File URL of the module. */
  readonly module: string;
  readonly export: string;
  readonly executionId: string;
  readonly targetId: string;
  readonly fence: number;
  readonly slotMs?: number;
  readonly params: JsonObject;
}

/** Why the signal of an isolated function aborts. */
export interface IsolatedStop {
  readonly kind: 'stop';
  readonly reason: string;
}

/** A thrown value as it crosses between processes. */
export interface ThrownError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/** The one line with which an isolated child ends. */
export type IsolatedEnd =
  | { readonly kind: 'returned'; readonly value?: JsonValue }
  | { readonly kind: 'threw'; readonly error: ThrownError }
  | { readonly kind: 'missing'; readonly message: string };

/** A message as it is written. */
export function controlLine(message: IsolatedStart | IsolatedStop | IsolatedEnd): string {
  return `${JSON.stringify(message)}\n`;
}

/** The end a line says; absent when it is something else. Both ends are of one version, so the kind decides. */
export function parseIsolatedEnd(line: string): IsolatedEnd | undefined {
  const message = parseObject(line);
  const known = ['returned', 'threw', 'missing'].includes(String(message?.['kind']));
  return known ? (message as unknown as IsolatedEnd) : undefined;
}

/** What an engine says to its child; absent when it is something else. */
export function parseIsolatedOrder(line: string): IsolatedStart | IsolatedStop | undefined {
  const message = parseObject(line);
  const known = ['start', 'stop'].includes(String(message?.['kind']));
  return known ? (message as unknown as IsolatedStart | IsolatedStop) : undefined;
}

/** A returned value that may cross: JSON of at most 1 MiB, with less depth when it would be larger. */
export function returnedEnd(value: unknown): IsolatedEnd {
  if (value === undefined) return { kind: 'returned' };
  for (let depth = 6; depth >= 0; depth -= 1) {
    const json = toJsonValue(value, depth);
    if (JSON.stringify(json).length <= VALUE_MAX_CHARACTERS) return { kind: 'returned', value: json };
  }
  return { kind: 'returned', value: '[too large]' };
}

/** A thrown value that may cross: name, message, code and where it was thrown. */
export function threwEnd(thrown: unknown): IsolatedEnd {
  if (!(thrown instanceof Error)) {
    const text = typeof thrown === 'string' ? thrown : JSON.stringify(toJsonValue(thrown, 3));
    return { kind: 'threw', error: { name: 'Error', message: text.slice(0, STACK_MAX_CHARACTERS) } };
  }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? { code: thrown.code } : {};
  const stack = thrown.stack === undefined ? {} : { stack: thrown.stack.slice(0, STACK_MAX_CHARACTERS) };
  const message = thrown.message.slice(0, STACK_MAX_CHARACTERS);
  return { kind: 'threw', error: { name: thrown.name, message, ...code, ...stack } };
}

/** The error on this side: same name, message, code and stack. */
export function errorFrom(thrown: ThrownError): Error {
  const error = new Error(thrown.message);
  error.name = thrown.name;
  if (thrown.stack !== undefined) error.stack = thrown.stack;
  return thrown.code === undefined ? error : Object.assign(error, { code: thrown.code });
}
