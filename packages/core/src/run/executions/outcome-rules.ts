import { type ErrorCode, findError } from '../../kernel/define-errors.ts';
import { type JsonValue, toJsonValue } from '../../kernel/json.ts';
import { isOpsException } from '../../kernel/ops-exception.ts';
import type { WorkOutcome } from '../../ports/work-runner.ts';

/** So many causes of an error are kept. */
const CAUSES_MAX = 4;

/** Why a run failed. */
export interface ExecutionFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail?: JsonValue;
  readonly outcomeKnown?: boolean;
}

/** How a target's outcomes are read. */
export interface OutcomeReading {
  /** True for a returned value that means failure. */
  readonly failWhen: (value: unknown) => boolean;
  /** Takes the secrets out of a text; applied to everything a failure keeps, before anything is cut. */
  readonly clean: (text: string) => string;
}

/**
 * Whether the way a piece of work ended is a failure, and which; absent means success.
 * Whatever the work returned or threw, this answers: a target cannot make its own end unreadable.
 */
export function judgeOutcome(outcome: WorkOutcome, reading: OutcomeReading): ExecutionFailure | undefined {
  try {
    return judge(outcome, reading);
  } catch {
    return { code: 'BAT-0304', message: 'the target threw something that cannot be read' };
  }
}

function judge(outcome: WorkOutcome, reading: OutcomeReading): ExecutionFailure | undefined {
  const { clean } = reading;
  switch (outcome.kind) {
    case 'returned':
      return returnedFailure(outcome.value, reading);
    case 'threw':
      return thrownFailure(outcome.error, clean);
    case 'exited': {
      if (outcome.success) return undefined;
      const message = `exit code ${outcome.exitCode}`;
      return { code: 'BAT-0306', message, detail: toJsonValue(outcome.detail, 6, clean) };
    }
    case 'signalled': {
      const message = `ended by ${outcome.signal}`;
      return { code: 'BAT-0307', message, detail: toJsonValue(outcome.detail, 6, clean) };
    }
    case 'not-started': {
      const { code, message, detail } = outcome;
      return { code, message: clean(message), detail: toJsonValue(detail, 6, clean) };
    }
    default:
      return outcome satisfies never;
  }
}

function returnedFailure(value: unknown, reading: OutcomeReading): ExecutionFailure | undefined {
  const { failWhen, clean } = reading;
  let why = 'returned';
  try {
    if (!failWhen(value)) return undefined;
    why = `returned ${describeValue(value, clean)}`;
  } catch (error) {
    why = `failWhen threw: ${messageOf(error, clean)}`;
  }
  return { code: 'BAT-0305', message: why, detail: toJsonValue(value, 6, clean) };
}

function thrownFailure(error: unknown, clean: OutcomeReading['clean']): ExecutionFailure {
  const message = messageOf(error, clean);
  const declared = declaredCode(error);
  const detail = toJsonValue(factsOf(error, declared !== undefined), 6, clean);
  return { code: declared ?? 'BAT-0304', message, detail };
}

/** The code of one of our own exceptions; absent for every other error, also for one that pretends. */
function declaredCode(error: unknown): ErrorCode | undefined {
  try {
    return isOpsException(error) ? findError(String(error.code))?.code : undefined;
  } catch {
    return undefined;
  }
}

/** What is kept of a thrown value: name, code or declared data, and its causes; never a stack, which names paths. */
function factsOf(error: unknown, declared: boolean): unknown {
  if (!(error instanceof Error)) return error;
  const wanted = declared ? ['name', 'data'] : ['name', 'code'];
  const facts = Object.fromEntries(wanted.map((key) => [key, readMember(error, key)]));
  const causes = causesOf(error);
  return causes.length === 0 ? facts : { ...facts, causes };
}

/** Many errors say what happened only in their cause: `fetch failed` has one that names the refused connection. */
function causesOf(error: Error): readonly unknown[] {
  const causes: unknown[] = [];
  let cause = readMember(error, 'cause');
  while (cause !== undefined && causes.length < CAUSES_MAX) {
    if (!(cause instanceof Error)) return [...causes, cause];
    const [name, code, message] = [
      readMember(cause, 'name'),
      readMember(cause, 'code'),
      readMember(cause, 'message'),
    ];
    causes.push({ name, code, message });
    cause = readMember(cause, 'cause');
  }
  return causes;
}

function readMember(error: object, key: string): unknown {
  try {
    return Reflect.get(error, key);
  } catch {
    return '[unreadable]';
  }
}

function messageOf(error: unknown, clean: OutcomeReading['clean']): string {
  if (typeof error === 'string') return clean(error);
  if (!(error instanceof Error)) return describeValue(error, clean);
  const message = readMember(error, 'message');
  if (typeof message === 'string' && message !== '') return clean(message);
  const name = readMember(error, 'name');
  return typeof name === 'string' ? clean(name) : 'Error';
}

function describeValue(value: unknown, clean: OutcomeReading['clean']): string {
  return JSON.stringify(toJsonValue(value, 2, clean)).slice(0, 200);
}
