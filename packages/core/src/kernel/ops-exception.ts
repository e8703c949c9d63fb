import { categoryOf, type ErrorCategory, type ErrorCode, findError } from './define-errors.ts';
import type { JsonObject } from './json.ts';

const BRAND = Symbol.for('qts-ops/exception');

/** What an exception carries besides its code and operator message. */
export interface OpsExceptionOptions {
  /** For machines: flat JSON, never a secret. Values named `{like}` this in the user text are filled from here. */
  readonly data?: JsonObject | undefined;
  readonly cause?: unknown;
}

/**
 * The base of every declared failure. `message` speaks to operators, `userMessage` to people, `data` to machines.
 * Recognise it with `isOpsException`, never with `instanceof`: two copies of the package may be loaded.
 */
export class OpsException extends Error {
  override readonly name: string = 'OpsException';
  readonly code: ErrorCode;
  readonly category: ErrorCategory;
  readonly userMessage: string;
  readonly data: JsonObject;
  readonly [BRAND] = true;

  constructor(code: ErrorCode, message: string, options: OpsExceptionOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const found = findError(code);
    this.code = found?.code ?? code;
    this.category = categoryOf(code);
    this.data = options.data ?? {};
    this.userMessage = found?.definition.user.en ?? 'Something went wrong; an operator has been informed.';
  }
}

/** Input data is missing, malformed or out of range (INP). */
export class InputDataException extends OpsException {
  override readonly name = 'InputDataException';
}
/** A system we depend on failed or did not answer (EXT). */
export class ExternalApiException extends OpsException {
  override readonly name = 'ExternalApiException';
}
/** An execution could not start, go on or end as asked (BAT). */
export class BatchExecutionException extends OpsException {
  override readonly name = 'BatchExecutionException';
}
/** Data broke a validation rule (DQ). */
export class DataQualityException extends OpsException {
  override readonly name = 'DataQualityException';
}
/** An invariant of our own code does not hold (LOG). */
export class LogicException extends OpsException {
  override readonly name = 'LogicException';
}
/** The machine or the store failed (SYS). */
export class SystemException extends OpsException {
  override readonly name = 'SystemException';
}

const CLASSES = {
  INP: InputDataException,
  EXT: ExternalApiException,
  BAT: BatchExecutionException,
  DQ: DataQualityException,
  LOG: LogicException,
  SYS: SystemException,
} as const;

/** Makes the exception of the class that belongs to the code's category. */
export function opsException(
  code: ErrorCode,
  message: string,
  options: OpsExceptionOptions = {},
): OpsException {
  return new CLASSES[categoryOf(code)](code, message, options);
}

/** True for an exception of any loaded copy of this package. */
export function isOpsException(value: unknown): value is OpsException {
  return typeof value === 'object' && value !== null && BRAND in value;
}
