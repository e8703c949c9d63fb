import { type ExecutionDetail, formatDuration } from '@qts-ops/core/client';
import { isFresh } from '../state/link.ts';
import type { OutputData, ScreenState } from '../state/screen-state.ts';
import { findExecution, zoneOf } from '../state/selectors.ts';
import { shownStatus } from '../state/target-words.ts';
import { cleanText, wrapText, wrapWords } from './cells.ts';
import { isOpen, noteText, shortId } from './execution-row.ts';
import { type Line, line, plain, ruler, toned } from './line.ts';
import { progressText } from './progress-text.ts';
import { timeText } from './time-text.ts';

/** One execution as a page: what it is, its life, what the engine noted, and what it wrote. */
export function logPage(state: ScreenState, executionId: string): readonly Line[] {
  const output = state.output?.executionId === executionId ? state.output : undefined;
  return [
    ...headLines(state, executionId),
    ...lifeLines(state, output?.detail),
    ...outputLines(state, output),
  ];
}

function headLines(state: ScreenState, executionId: string): readonly Line[] {
  const { columns: width } = state.size;
  const execution = findExecution(state, executionId);
  if (execution === undefined) return [ruler(executionId, width), line(toned('dim', '  not read yet'))];
  const zone = zoneOf(state);
  const at = (ms: number): string => timeText(ms, state.frame.nowMs, zone);
  const { startedAtMs, endedAtMs } = execution;
  const took =
    startedAtMs === undefined || endedAtMs === undefined
      ? ''
      : ` in ${formatDuration(endedAtMs - startedAtMs)}`;
  const started =
    startedAtMs === undefined ? `made ${at(execution.createdAtMs)}` : `started ${at(startedAtMs)}`;
  const slot = execution.scheduledAtMs === undefined ? '' : `, slot ${at(execution.scheduledAtMs)}`;
  const ended = endedAtMs === undefined ? '' : `, ended ${at(endedAtMs)}${took}`;
  const unknown = !isFresh(state.link) && isOpen(execution);
  const status = shownStatus(execution);
  const tone = status === 'FAILED' ? 'fail' : status === 'SUCCESS' ? 'ok' : 'run';
  const note = cleanText(noteText(execution));
  const progress = progressText(execution.progress);
  const was = unknown ? `(was ${status}) ` : '';
  const life = `${was}${execution.runType} by ${execution.operatorId ?? 'scheduler'}  ${started}${slot}${ended}`;
  return [
    ruler(`${execution.jobId}  ${width < 80 ? shortId(executionId) : executionId}`, width),
    ...wrapWords(cleanText(life), width - 10).map((text, index) =>
      line(
        toned(unknown ? 'stale' : tone, (index === 0 ? (unknown ? 'STALE' : status) : '').padEnd(10)),
        plain(text),
      ),
    ),
    ...(note === ''
      ? []
      : wrapWords(note, width).map((text) => line(toned(status === 'FAILED' ? 'fail' : 'plain', text)))),
    ...(progress === '-' ? [] : [line(plain(`progress ${progress} ${execution.progress?.message ?? ''}`))]),
  ];
}

function lifeLines(state: ScreenState, detail: ExecutionDetail | undefined): readonly Line[] {
  if (detail === undefined) return [];
  const { columns: width } = state.size;
  const zone = zoneOf(state);
  const at = (ms: number): string => timeText(ms, state.frame.nowMs, zone);
  const remedy = [detail.userMessage, ...(detail.remedy ?? [])].filter((text) => text !== undefined);
  return [
    ...remedy
      .flatMap((text) => wrapWords(cleanText(text), width - 2))
      .map((text) => line(plain(`  ${text}`))),
    ruler('life', width),
    ...detail.transitions.map((step) =>
      line(
        toned('dim', `  ${at(step.atMs)}  `),
        plain(`${step.from ?? 'made'} > ${step.to}`),
        toned('dim', `  by ${step.by}`),
      ),
    ),
    ...(detail.log.length === 0 ? [] : [ruler('notes of the engine', width)]),
    ...detail.log.flatMap((entry) => {
      const tone = entry.level === 'ERROR' ? 'fail' : entry.level === 'WARN' ? 'warn' : 'plain';
      const text = `${entry.level.padEnd(5)} ${entry.code ?? ''} ${entry.message}`;
      return wrapText(cleanText(text), width - 12).map((part, index) =>
        line(
          toned('dim', index === 0 ? `  ${at(entry.atMs)}  `.slice(-12) : ' '.repeat(12)),
          toned(tone, part),
        ),
      );
    }),
  ];
}

function outputLines(state: ScreenState, output: OutputData | undefined): readonly Line[] {
  const { columns: width } = state.size;
  if (output === undefined) return [ruler('output', width), line(toned('dim', '  not read yet'))];
  const cuts =
    output.missedBytes > 0
      ? [line(toned('warn', `  ${output.missedBytes} bytes were not kept: the capture is bounded`))]
      : [];
  const dropped =
    output.droppedLines > 0
      ? [line(toned('dim', `  ${output.droppedLines} earlier lines are no longer held by this screen`))]
      : [];
  const problem =
    output.problem === undefined ? [] : [line(toned('warn', `could not be read: ${output.problem}`))];
  const lines = output.rest === '' ? output.lines : [...output.lines, output.rest];
  const none =
    lines.length === 0
      ? [line(toned('dim', output.ended ? '  it wrote nothing' : '  nothing written yet'))]
      : [];
  return [
    ruler('output', width, output.ended ? 'ended' : isFresh(state.link) ? 'following' : 'connection lost'),
    ...cuts,
    ...dropped,
    ...none,
    ...lines.flatMap((text) => wrapText(text, width).map((part) => line(plain(part)))),
    ...problem,
  ];
}
