import { redact, type Secret } from '../kernel/secret.ts';
import type { RunOrigin } from '../ports/processes.ts';
import type { Runs } from '../run/executions/runs.ts';
import type { RaiseSignal } from '../watch/alerts/alert.ts';

/** A promise that was rejected and that nobody waits for. */
export interface StrayRejection {
  readonly error: unknown;
  /** Whose function left it behind; absent when it was none. */
  readonly origin: RunOrigin | undefined;
  readonly atMs: number;
  readonly secrets: readonly Secret[];
}

/**
 * What becomes of a rejected promise that nobody waits for: the run that left it fails when it ends. Where that run has
 * ended already, or there is none, an alert is returned. It stays open until an operator closes it, and counts what follows:
 * nothing that the engine sees says that such an error is over.
 */
export function judgeStray(
  runs: Pick<Runs, 'find'>,
  { error, origin, atMs, secrets }: StrayRejection,
): RaiseSignal | undefined {
  const run = origin === undefined ? undefined : runs.find(origin.executionId);
  if (run?.noteStray(error) === true) return undefined;
  const whose = origin === undefined ? 'no run' : `a run of ${origin.targetId} that has ended`;
  const whoseKo = origin === undefined ? '실행 없음' : `이미 종료된 ${origin.targetId} 실행`;
  const said = redact(error instanceof Error ? error.message : String(error), secrets).slice(0, 500);
  return {
    kind: 'raise',
    dedupKey: `stray:${origin?.targetId ?? 'engine'}`,
    alertType: 'SYSTEM_ERROR',
    level: 'WARN',
    title: `[SYSTEM_ERROR] ${origin?.targetId ?? 'engine'}`,
    message: `a promise was rejected and nobody waited for it (${whose}): ${said}`,
    messageKo: `처리되지 않은 Promise 거부 (${whoseKo}): ${said}`,
    ...(origin === undefined
      ? {}
      : { labels: { job: origin.targetId, target: origin.targetId }, executionId: origin.executionId }),
    atMs,
  };
}
