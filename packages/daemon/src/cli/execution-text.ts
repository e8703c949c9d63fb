import { type ExecutionDetail, formatDuration, formatInstant } from '@qts-ops/core/client';
import { plainLine } from './text-table.ts';
import { statusOf } from './view-rows.ts';

/** Everything known about one execution, as lines; times in the engine's zone. */
export function executionText(detail: ExecutionDetail, timeZone: string): string {
  const time = (atMs: number | undefined) => (atMs === undefined ? undefined : formatInstant(atMs, timeZone));
  const lines = fieldLines([
    ['execution', detail.id],
    ['target', detail.jobId],
    ['status', `${statusOf(detail)}${detail.outcomeKnown ? '' : ' (outcome unknown)'}`],
    ['type', `${detail.runType}${detail.late ? ', late' : ''}`],
    ['slot', time(detail.scheduledAtMs)],
    ['created', time(detail.createdAtMs)],
    ['started', time(detail.startedAtMs)],
    ['ended', time(detail.endedAtMs)],
    ['took', tookOf(detail)],
    ['operator', detail.operatorId],
    ['note', detail.operatorNote],
    ['stopped', detail.stopReason],
    ['parent', detail.parentExecutionId],
    ['params', detail.params === undefined ? undefined : JSON.stringify(detail.params)],
    [
      'error',
      detail.errorCode === undefined ? undefined : `${detail.errorCode} ${detail.errorMessage ?? ''}`,
    ],
    ['detail', detail.errorDetail === undefined ? undefined : JSON.stringify(detail.errorDetail)],
    ...(detail.remedy ?? []).map((step) => ['remedy', step] as const),
    ['output', `${detail.outputBytes} bytes${detail.outputTruncated ? ', shortened' : ''}`],
  ]);
  const steps = detail.transitions.map(
    ({ from, to, atMs, by }) => `  ${time(atMs)}  ${from ?? ''} -> ${to}  by ${plainLine(by)}`,
  );
  const log = detail.log.map(
    ({ level, code, message, atMs }) => `  ${time(atMs)}  ${level} ${code ?? ''} ${plainLine(message)}`,
  );
  return [...lines, 'steps:', ...steps, ...(log.length === 0 ? [] : ['log:', ...log]), ''].join('\n');
}

function fieldLines(fields: ReadonlyArray<readonly [string, string | undefined]>): string[] {
  const given = fields.filter((field) => field[1] !== undefined);
  return given.map(([name, value]) => `${name.padEnd(10)}${plainLine(value ?? '')}`);
}

function tookOf({ startedAtMs, endedAtMs }: ExecutionDetail): string | undefined {
  if (startedAtMs === undefined || endedAtMs === undefined) return undefined;
  return formatDuration(Math.max(0, endedAtMs - startedAtMs));
}
