import { type ErrorCode, findError } from '../../kernel/define-errors.ts';
import { type JsonValue, toJsonValue } from '../../kernel/json.ts';
import { isOpsException } from '../../kernel/ops-exception.ts';
import type { WorkOutcome } from '../../ports/work-runner.ts';

/** Why a run failed. */
export interface ExecutionFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail?: JsonValue;
  readonly outcomeKnown?: boolean;
}

/** Whether the way a piece of work ended is a failure, and which; absent means success. */
export function judgeOutcome(
  outcome: WorkOutcome,
  failWhen: (value: unknown) => boolean,
): ExecutionFailure | undefined {
  switch (outcome.kind) {
    case 'returned':
      return returnedFailure(outcome.value, failWhen);
    case 'threw':
      return thrownFailure(outcome.error);
    case 'exited':
      if (outcome.success) return undefined;
      return { code: 'BAT-0306', message: `exit code ${outcome.exitCode}`, detail: outcome.detail };
    case 'signalled':
      return { code: 'BAT-0307', message: `ended by ${outcome.signal}`, detail: outcome.detail };
    case 'not-started':
      return { code: outcome.code, message: outcome.message, detail: outcome.detail };
    default:
      return outcome satisfies never;
  }
}

function returnedFailure(
  value: unknown,
  failWhen: (value: unknown) => boolean,
): ExecutionFailure | undefined {
  try {
    if (!failWhen(value)) return undefined;
  } catch (error) {
    return { code: 'BAT-0305', message: `failWhen threw: ${messageOf(error)}`, detail: toJsonValue(value) };
  }
  return { code: 'BAT-0305', message: `returned ${describeValue(value)}`, detail: toJsonValue(value) };
}

function thrownFailure(error: unknown): ExecutionFailure {
  const detail = toJsonValue(error instanceof Error ? { name: error.name, ...own(error) } : error);
  if (isOpsException(error) && findError(error.code) !== undefined) {
    return { code: error.code, message: error.message, detail: { name: error.name, data: error.data } };
  }
  return { code: 'BAT-0304', message: messageOf(error), detail };
}

function own(error: Error): Record<string, unknown> {
  return 'code' in error ? { code: error.code } : {};
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  return typeof error === 'string' ? error : describeValue(error);
}

function describeValue(value: unknown): string {
  return JSON.stringify(toJsonValue(value, 2)).slice(0, 200);
}
