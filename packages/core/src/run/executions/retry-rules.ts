import { categoryOf, findError } from '../../kernel/define-errors.ts';
import { spreadFraction } from '../../kernel/ids.ts';
import type { JsonObject, JsonValue } from '../../kernel/json.ts';
import type { TargetDefinition } from '../targets/target.ts';
import type { WaitingRun } from './dispatch-rules.ts';
import type { Execution } from './execution.ts';
import { createExecution, slotExecutionId } from './execution-rules.ts';
import type { ExecutionChange } from './execution-store.ts';

/** No run is so old that the clock was set back more often since its slot. */
const ERAS_SEARCHED_MAX = 100;

/** Another attempt at a slot: the row to write and when it may start. */
export interface Retry {
  readonly run: WaitingRun;
  readonly changes: readonly ExecutionChange[];
}

/**
 * The next attempt at the slot of a failed run (rule S9), or absent: no attempts are left, its category is not one
 * that the target retries, the error says that trying again cannot help, or a service asks to be left alone for longer
 * than maxBackoffMs. Attempt n+1 starts after what the service asks for and a part of
 * min(backoffMs · factor^(n−1), maxBackoffMs) that its id decides (full jitter).
 */
export function retryOf(
  failed: Execution,
  definition: TargetDefinition,
  at: { readonly nowMs: number; readonly clockEra: number },
): Retry | undefined {
  if (failed.status !== 'FAILED' || failed.runType !== 'AUTO' || failed.scheduledAtMs === undefined)
    return undefined;
  const { retry } = definition.policies;
  const how = retryClassOf(failed.errorCode ?? '');
  const mayRetry = how === 'backoff' || how === 'immediate';
  if (!mayRetry || failed.attempt >= retry.maxAttempts || !isRetried(failed, definition)) return undefined;
  const attempt = failed.attempt + 1;
  const slotMs = failed.scheduledAtMs;
  const id = slotExecutionId({
    targetId: definition.id,
    slotMs,
    clockEra: eraOf(failed, at.clockEra),
    attempt,
    replayGeneration: 0,
  });
  const askedMs = askedWaitMs(failed);
  if (askedMs > retry.maxBackoffMs) return undefined;
  const ceilingMs = Math.min(retry.backoffMs * retry.factor ** (failed.attempt - 1), retry.maxBackoffMs);
  const waitMs = askedMs + (how === 'immediate' ? 0 : Math.round(ceilingMs * spreadFraction(id)));
  const created = createExecution(
    {
      id,
      jobId: definition.id,
      runType: 'AUTO',
      atMs: at.nowMs,
      scheduledAtMs: slotMs,
      parent: failed,
      attempt,
    },
    'scheduler',
  );
  const run = { execution: created.execution, definition, notBeforeMs: at.nowMs + waitMs };
  return { run, changes: created.changes };
}

/**
 * The clock era in which the slot of an execution was decided. The clock may have been set back since: an attempt with
 * the newer era would take the id that belongs to the same slot when it comes again.
 */
function eraOf(
  { id, jobId: targetId, scheduledAtMs: slotMs = 0, attempt }: Execution,
  newest: number,
): number {
  const oldest = Math.max(0, newest - ERAS_SEARCHED_MAX);
  for (let clockEra = newest; clockEra >= oldest; clockEra--) {
    if (slotExecutionId({ targetId, slotMs, clockEra, attempt, replayGeneration: 0 }) === id) return clockEra;
  }
  return newest;
}

/** How long a service asked to be left alone (`Retry-After`); 0 when it did not. */
function askedWaitMs({ errorDetail }: Execution): number {
  const data = isJsonObject(errorDetail) ? errorDetail['data'] : undefined;
  const askedMs = isJsonObject(data) ? data['retryAfterMs'] : undefined;
  return typeof askedMs === 'number' && Number.isFinite(askedMs) ? Math.max(0, askedMs) : 0;
}

function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRetried(failed: Execution, definition: TargetDefinition): boolean {
  return definition.policies.retry.categories.includes(categoryOf(failed.errorCode ?? ''));
}

function retryClassOf(code: string) {
  return findError(code)?.definition.retry ?? 'backoff';
}
