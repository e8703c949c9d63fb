import { formatDuration, type TargetDetail, type TargetView, targetWord } from '@qts-ops/core/client';
import { generalProblem, pauseAct, TARGET_COMMANDS } from '../commands/act-commands.ts';
import type { CommandContext } from '../commands/command.ts';
import { isFresh } from '../state/link.ts';
import type { ScreenState, SubjectData } from '../state/screen-state.ts';
import { executionsOf, liveReading, zoneOf } from '../state/selectors.ts';
import { shownWord } from '../state/target-words.ts';
import { type Theme, WORD_TONES } from '../theme.ts';
import { wrapWords } from './cells.ts';
import { executionColumns, executionHeading, executionRow } from './execution-row.ts';
import { type Line, line, plain, ruler, type Span, toned, wrapLine } from './line.ts';
import { errorText, nextStartMs, targetMessage } from './target-message.ts';
import { timeText } from './time-text.ts';

/** What the panes about one target are made from. */
export interface PaneContext {
  readonly state: ScreenState;
  readonly target: TargetView;
  readonly theme: Theme;
}

/** The pane under the list: exactly `rows` lines with its heading. */
export function targetPane(context: PaneContext, rows: number): readonly Line[] {
  const { state, target } = context;
  const { columns } = state.size;
  const title = target.title === undefined ? target.id : `${target.id} · ${target.title}`;
  const heading = ruler(title, columns, `revision ${target.revision}`);
  const body =
    rows <= 4
      ? [stateLine(context), troubleLine(context), actsLine(context)]
      : [
          stateLine(context),
          troubleLine(context),
          dayLine(context),
          nextLine(context),
          setupLine(context),
          actsLine(context),
        ];
  return fitLines([heading, ...body], rows).map((entry) => aged(entry, state));
}

/** Newest executions of the selected target, with their heading. */
export function runsPane({ state, target }: PaneContext, rows: number): readonly Line[] {
  const { columns: width } = state.size;
  const executions = executionsOf(state, target.id).slice(0, Math.max(0, rows - 2));
  const columns = executionColumns(width, executions, false);
  const old = !isFresh(state.link);
  const context = { columns, nowMs: state.frame.nowMs, zone: zoneOf(state), old };
  const lines = executions.map((execution) => executionRow(execution, false, context));
  const none = lines.length === 0 ? [line(plain('  no execution yet'))] : [];
  return fitLines(
    [ruler('newest executions', width, 'e all  l log'), executionHeading(columns), ...none, ...lines],
    rows,
  );
}

/** Newest acts of all operators, with their heading. */
export function actsPane(state: ScreenState, rows: number): readonly Line[] {
  const zone = zoneOf(state);
  const { nowMs } = state.frame;
  const lines = state.world.acts.slice(0, Math.max(0, rows - 1)).map((act) => {
    const outcome = act.outcome === 'OK' ? [] : [toned('fail', ` ${act.outcome}`)];
    return line(
      toned('dim', `  ${timeText(act.atMs, nowMs, zone)}  `),
      plain(`${act.operatorId} ${act.auditType.toLowerCase().replaceAll('_', ' ')} ${act.targetId}`),
      ...outcome,
      toned('dim', `  "${act.reason}"  audit ${act.seq}`),
    );
  });
  const none =
    lines.length === 0 && state.world.engine !== undefined ? [line(toned('dim', '  none on record'))] : [];
  return fitLines([ruler('last acts of operators', state.size.columns), ...none, ...lines], rows);
}

/** Everything about one target as a page to scroll through. */
export function targetPage(context: PaneContext): readonly Line[] {
  const { state, target } = context;
  const { columns: width } = state.size;
  const zone = zoneOf(state);
  const { nowMs } = state.frame;
  const detail = detailOf(state, target.id);
  const executions = executionsOf(state, target.id).slice(0, 50);
  const columns = executionColumns(width, executions, false);
  const rowContext = { columns, nowMs, zone, old: !isFresh(state.link) };
  const skips = detail?.skips ?? [];
  const problem = state.subject?.targetId === target.id ? state.subject.problem : undefined;
  return [
    ruler(
      target.title === undefined ? target.id : `${target.id} · ${target.title}`,
      width,
      `revision ${target.revision}`,
    ),
    ...[
      stateLine(context),
      ...troubleLines(context),
      dayLine(context),
      nextLine(context),
      setupLine(context),
      actsLine(context),
    ]
      .flatMap((entry) => wrapLine(entry, width, 6))
      .map((entry) => aged(entry, state)),
    ...(problem === undefined ? [] : [line(toned('warn', `details could not be read: ${problem}`))]),
    ruler('skipped slots', width),
    ...(skips.length === 0
      ? [line(toned('dim', detail === undefined ? '  not read yet' : '  none on record'))]
      : []),
    ...skips.flatMap((skip) => [
      line(
        plain(`  ${timeText(skip.fromMs, nowMs, zone)} .. ${timeText(skip.toMs, nowMs, zone)}  `),
        toned('warn', skip.reason),
        plain(`  ${skip.count}${skip.capped ? ' or more' : ''}`),
      ),
      ...wrapWords(skip.reasonText, width - 4).map((part) => line(toned('dim', `    ${part}`))),
    ]),
    ruler('newest executions', width, 'e all  l log'),
    executionHeading(columns),
    ...executions.map((execution) => executionRow(execution, false, rowContext)),
  ];
}

/** The lines, cut or filled with empty ones to exactly so many. */
export function fitLines(lines: readonly Line[], rows: number): readonly Line[] {
  const shown = lines.slice(0, Math.max(0, rows));
  return [...shown, ...Array.from({ length: Math.max(0, rows - shown.length) }, () => line())];
}

function aged(entry: Line, state: ScreenState): Line {
  return isFresh(state.link) ? entry : { ...entry, old: true };
}

function detailOf(state: ScreenState, targetId: string): TargetDetail | undefined {
  const subject: SubjectData | undefined = state.subject;
  return subject?.targetId === targetId ? subject.detail : undefined;
}

/** State in a sentence: since when, and what happens next. */
function stateLine({ state, target }: PaneContext): Line {
  const reading = liveReading(state);
  const word = shownWord(target, reading);
  const zone = zoneOf(state);
  const at = (ms: number): string => timeText(ms, reading.nowMs, zone);
  const { breaker, pause, running } = target;
  const spans: Span[] = [toned(WORD_TONES[word], word), plain('  ')];
  if (!isFresh(state.link)) spans.push(plain(`was ${targetWord(target, state.world.asOfMs)}: `));
  if (pause !== undefined)
    spans.push(plain(`paused ${at(pause.atMs)} by ${pause.operatorId}: ${pause.reason}`));
  else if (breaker.kind === 'open') {
    const probe =
      breaker.probeAtMs === undefined
        ? 'stays so until errors are cleared (c)'
        : `next probe ${at(breaker.probeAtMs)}`;
    spans.push(plain(`suspended ${at(breaker.sinceMs)} after ${target.consecutiveErrors} errors; ${probe}`));
  } else if (breaker.kind === 'half-open') spans.push(plain('suspended; a probe is running'));
  else if (running !== undefined) spans.push(plain(runningText(target, at)));
  else if (word === 'STALE' && isFresh(state.link))
    spans.push(plain(targetMessage(target, word, { nowMs: reading.nowMs, zone })));
  else spans.push(plain(endedText(target, at)));
  return { spans };
}

function runningText(target: TargetView, at: (ms: number) => string): string {
  const { running } = target;
  if (running === undefined) return '';
  const by = running.operatorId === undefined ? '' : ` by ${running.operatorId}`;
  const eta = running.progress?.etaMs;
  const end = eta === undefined ? '' : `, expected to end ${at(eta)}`;
  return `${running.stopping ? 'stopping, ' : ''}${running.runType} run${by} since ${at(running.startedAtMs)}${end}`;
}

function endedText(target: TargetView, at: (ms: number) => string): string {
  if (target.lastEndedAtMs === undefined || target.lastStatus === undefined) return 'has not run yet';
  const took = target.lastDurationMs === undefined ? '' : ` in ${formatDuration(target.lastDurationMs)}`;
  const success =
    target.lastStatus === 'SUCCESS' || target.lastSuccessAtMs === undefined
      ? ''
      : `; last success ${at(target.lastSuccessAtMs)}`;
  return `last run ${target.lastStatus} ${at(target.lastEndedAtMs)}${took}${success}`;
}

/** The last error, or what else is wrong, or nothing. */
function troubleText({ state, target }: PaneContext): string {
  const reading = liveReading(state);
  if (target.consecutiveErrors > 0 || target.breaker.kind !== 'closed') {
    return `error ${target.consecutiveErrors} of ${target.maxConsecutiveErrors}: ${errorText(target)}`;
  }
  const word = shownWord(target, reading);
  if (word === 'WARN' || word === 'STALE')
    return targetMessage(target, word, { nowMs: reading.nowMs, zone: zoneOf(state) });
  return '';
}

function troubleLine(context: PaneContext): Line {
  const text = troubleText(context);
  return text === '' ? line(toned('dim', 'no errors')) : line(toned('fail', text));
}

function troubleLines(context: PaneContext): readonly Line[] {
  const text = troubleText(context);
  if (text === '') return [line(toned('dim', 'no errors'))];
  return wrapWords(text, context.state.size.columns).map((part) => line(toned('fail', part)));
}

/** The last 24 hours in numbers. */
function dayLine({ state, target }: PaneContext): Line {
  const detail = detailOf(state, target.id);
  if (detail === undefined) return line(toned('dim', '24 h  not read yet'));
  const { runs, succeeded, failed, stopped, p50Ms, p95Ms } = detail.day;
  if (runs === 0) return line(plain('24 h  no run'));
  const share = `${Math.floor((succeeded / runs) * 10_000) / 100} %`;
  const spread =
    p50Ms === undefined || p95Ms === undefined
      ? ''
      : `   p50 ${formatDuration(p50Ms)}, p95 ${formatDuration(p95Ms)}`;
  return line(
    plain(`24 h  ${runs} runs, ok ${share}, `),
    toned(failed > 0 ? 'fail' : 'plain', `${failed} failed`),
    plain(`, ${stopped} stopped${spread}`),
  );
}

/** When it runs next, and the slots after that. */
function nextLine({ state, target }: PaneContext): Line {
  const zone = zoneOf(state);
  const { nowMs } = state.frame;
  const next = nextStartMs(target);
  if (target.pause !== undefined) return line(plain('next  nothing while paused'));
  if (next === undefined)
    return line(plain(`next  ${target.schedule === 'on demand' ? 'only when somebody asks' : '-'}`));
  const backing =
    target.backoffUntilMs !== undefined && next === target.backoffUntilMs ? ' (backing off)' : '';
  const later = (detailOf(state, target.id)?.nextSlotsMs ?? [])
    .filter((slot) => slot > next)
    .slice(0, 4)
    .map((slot) => timeText(slot, nowMs, zone));
  return line(
    plain(`next  ${timeText(next, nowMs, zone)}${backing}`),
    toned('dim', later.length === 0 ? '' : `   then ${later.join('  ')}`),
  );
}

/** How it is set up. */
function setupLine({ target }: PaneContext): Line {
  const zone = target.timeZone === undefined ? '' : ` ${target.timeZone}`;
  const limits = `timeout ${formatDuration(target.timeoutMs)}, stop grace ${formatDuration(target.stopGraceMs)}, slot grace ${formatDuration(target.graceMs)}`;
  return line(toned('dim', `setup ${target.kind}, ${target.schedule}${zone}; ${limits}`));
}

/** What can be done now, and why the rest cannot. */
function actsLine({ state }: PaneContext): Line {
  const context: CommandContext = { state, page: { length: 0, height: 0 } };
  const general = generalProblem(state);
  if (general !== undefined) return line(toned('dim', 'acts  '), toned('warn', `none: ${general}`));
  const spans: Span[] = [toned('dim', 'acts  ')];
  for (const command of TARGET_COMMANDS) {
    const [key = ''] = command.keys;
    const text = command.id === 'target.pause' ? pauseAct(state) : (command.hint?.text ?? command.title);
    const reason = command.disabledReason?.(context);
    if (reason === undefined) spans.push(toned('key', key), plain(` ${text}   `));
    else spans.push(toned('dim', `(${key} ${text}: ${reason})   `));
  }
  return { spans };
}
