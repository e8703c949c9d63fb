import type { AlertDetail, AlertView, DeliveryView } from '@qts-ops/core/client';
import { generalProblem } from '../commands/act-commands.ts';
import { ALERT_COMMANDS } from '../commands/alert-commands.ts';
import type { CommandContext } from '../commands/command.ts';
import { alertWord, openWord } from '../state/alert-words.ts';
import { isFresh } from '../state/link.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { liveReading, zoneOf } from '../state/selectors.ts';
import { ALERT_TONES, type Theme } from '../theme.ts';
import { levelSpan } from './alert-row.ts';
import { cleanText, wrapWords } from './cells.ts';
import { deliverySpans, outcomeOf, outcomeSpan } from './delivery-text.ts';
import { type Line, line, plain, ruler, type Span, toned } from './line.ts';
import { fitLines } from './target-pane.ts';
import { ageText, timeText } from './time-text.ts';

/** What the lines about one alert are made from. */
export interface AlertContext {
  readonly state: ScreenState;
  readonly alert: AlertView;
  readonly theme: Theme;
}

/** The pane under the list: exactly `rows` lines with its heading; what is short of room is on the page. */
export function alertPane(context: AlertContext, rows: number): readonly Line[] {
  const { columns } = context.state.size;
  const always = [headingLine(context), stateLine(context), takenLine(context), noticesLine(context)];
  const acts = actsLine(context);
  const room = Math.max(1, rows - always.length - acts.length);
  const words = [...messageLines(context), ...remedyLines(context)].slice(0, room);
  const rest = [ruler('notices', columns), ...deliveryLines(context)];
  return fitLines([...always, ...words, ...acts, ...rest], rows).map((entry) => aged(entry, context.state));
}

/** Everything about one alert as a page to scroll through. */
export function alertPage(context: AlertContext): readonly Line[] {
  const { state } = context;
  const { columns: width } = state.size;
  const problem = state.asked.problems.alerts;
  return [
    headingLine(context),
    stateLine(context),
    takenLine(context),
    ...quietLine(context),
    ...actsLine(context),
    ...(problem === undefined ? [] : [line(toned('warn', `notices could not be read: ${problem}`))]),
    ruler('what happened', width),
    ...messageLines(context),
    ...remedyLines(context),
    ruler('notices', width),
    ...deliveryLines(context),
    ruler('labels', width),
    ...labelLines(context),
  ].map((entry) => aged(entry, state));
}

function headingLine({ state, alert }: AlertContext): Line {
  return ruler(alert.title, state.size.columns, `seen ${alert.count} x`);
}

function stateLine({ state, alert, theme }: AlertContext): Line {
  const reading = liveReading(state);
  const word = alertWord(alert, reading);
  const zone = zoneOf(state);
  const at = (ms: number): string => timeText(ms, reading.nowMs, zone);
  const { startedAtMs, lastSeenAtMs, resolvedAtMs, event } = alert;
  const age = `${ageText(startedAtMs, reading.nowMs)} ago`;
  const ended = resolvedAtMs === undefined || event ? '' : `, over at ${at(resolvedAtMs)}`;
  const seen = alert.count > 1 ? `, last seen ${at(lastSeenAtMs)}` : '';
  const before = word === 'STALE' ? ` (was ${openWord(alert)})` : '';
  return line(
    levelSpan(alert, theme, 7),
    plain('  '),
    toned(ALERT_TONES[word], `${word}${before}`),
    plain(`  ${event ? 'at' : 'since'} ${at(startedAtMs)} (${age})${seen}${ended}`),
    toned('dim', `  ${alert.alertType}  ${alert.dedupKey}`),
  );
}

/** Who has taken it and until when, or what happens next when nobody has. */
function takenLine({ state, alert }: AlertContext): Line {
  const zone = zoneOf(state);
  const at = (ms: number): string => timeText(ms, state.frame.nowMs, zone);
  const { acknowledgedBy, acknowledgedAtMs, acknowledgedReason, acknowledgedUntilMs, escalatesAtMs } = alert;
  if (acknowledgedBy !== undefined) {
    const since = acknowledgedAtMs === undefined ? '' : ` at ${at(acknowledgedAtMs)}`;
    const until = acknowledgedUntilMs === undefined ? '' : `, until ${at(acknowledgedUntilMs)}`;
    const why = acknowledgedReason === undefined ? '' : `: "${acknowledgedReason}"`;
    return line(toned('dim', 'taken  '), plain(`by ${acknowledgedBy}${since}${until}${why}`));
  }
  if (alert.event) return line(toned('dim', 'taken  '), plain('nothing to do: it tells what happened'));
  if (alert.state === 'resolved') return line(toned('dim', 'taken  '), plain('by nobody before it ended'));
  if (alert.suppressedBy !== undefined)
    return line(toned('dim', 'quiet  '), toned('paused', `nobody is told: ${alert.suppressedBy}`));
  const next = escalatesAtMs === undefined ? '' : `; goes to the next in line at ${at(escalatesAtMs)}`;
  return line(toned('dim', 'taken  '), toned('warn', `by nobody${next}`));
}

function quietLine({ alert }: AlertContext): readonly Line[] {
  if (alert.suppressedBy === undefined || alert.acknowledgedBy === undefined) return [];
  return [line(toned('dim', 'quiet  '), toned('paused', `nobody is told: ${alert.suppressedBy}`))];
}

function noticesLine(context: AlertContext): Line {
  return line(toned('dim', 'told   '), ...deliverySpans(detailOf(context), context.theme));
}

function messageLines(context: AlertContext): readonly Line[] {
  const { state, alert } = context;
  const detail = detailOf(context);
  const code =
    alert.errorCode === undefined || alert.message.includes(alert.errorCode) ? '' : `${alert.errorCode} `;
  const texts = [`${code}${alert.message}`, detail?.userMessage].filter(
    (text) => text !== undefined && text !== '',
  );
  return texts
    .flatMap((text) => wrapWords(cleanText(text ?? ''), state.size.columns - 2))
    .map((text) => line(plain(`  ${text}`)));
}

function remedyLines(context: AlertContext): readonly Line[] {
  const remedy = detailOf(context)?.remedy ?? [];
  return remedy.flatMap((text) =>
    wrapWords(cleanText(text), context.state.size.columns - 7).map((part, index) =>
      line(toned('key', index === 0 ? '  do   ' : '       '), plain(part)),
    ),
  );
}

function deliveryLines(context: AlertContext): readonly Line[] {
  const detail = detailOf(context);
  if (detail === undefined) return [line(toned('dim', '  not read yet'))];
  if (detail.deliveries.length === 0) return [line(toned('warn', '  nobody was told'))];
  return detail.deliveries
    .toSorted((a, b) => b.createdAtMs - a.createdAtMs)
    .flatMap((delivery) => deliveryLine(delivery, context));
}

function deliveryLine(delivery: DeliveryView, { state, theme }: AlertContext): readonly Line[] {
  const zone = zoneOf(state);
  const { nowMs } = state.frame;
  const outcome = outcomeOf(delivery);
  const sign =
    delivery.status === 'superseded' ? toned('dim', 'told with another') : outcomeSpan(outcome, theme);
  const times = delivery.attempts === 1 ? '1 attempt' : `${delivery.attempts} attempts`;
  const sent = delivery.sentAtMs === undefined ? '' : ` at ${timeText(delivery.sentAtMs, nowMs, zone)}`;
  const next =
    outcome === 'waiting' && delivery.nextAttemptAtMs !== undefined
      ? `, tried again ${timeText(delivery.nextAttemptAtMs, nowMs, zone)}`
      : '';
  const made = timeText(delivery.createdAtMs, nowMs, zone);
  const head = line(
    toned('dim', `  ${made}  `),
    plain(`${delivery.channelId}  ${delivery.reason}  `),
    sign,
    plain(sent),
    toned('dim', `  ${times}${next}`),
  );
  if (delivery.problem === undefined) return [head];
  const problem = wrapWords(cleanText(delivery.problem), state.size.columns - 4);
  return [head, ...problem.map((text) => line(toned(outcome === 'sent' ? 'dim' : 'warn', `    ${text}`)))];
}

function labelLines({ alert, state }: AlertContext): readonly Line[] {
  const own = { id: alert.id, key: alert.dedupKey, type: alert.alertType };
  const run = alert.executionId === undefined ? {} : { execution: `${alert.executionId}  (l shows its log)` };
  const pairs = Object.entries({ ...own, ...run, ...alert.labels });
  return pairs.flatMap(([name, value]) =>
    wrapWords(cleanText(value), Math.max(10, state.size.columns - 16)).map((text, index) =>
      line(toned('dim', `  ${(index === 0 ? name : '').padEnd(13).slice(0, 13)} `), plain(text)),
    ),
  );
}

/** What can be done now, and why the rest cannot. */
function actsLine({ state }: AlertContext): readonly Line[] {
  const context: CommandContext = { state, page: { length: 0, height: 0 } };
  const general = generalProblem(state);
  if (general !== undefined) return [line(toned('dim', 'acts   '), toned('warn', `none: ${general}`))];
  const spans: Span[] = [toned('dim', 'acts   ')];
  for (const command of ALERT_COMMANDS) {
    const [key = ''] = command.keys;
    const text = command.hint?.text ?? command.title;
    const reason = command.disabledReason?.(context);
    if (reason === undefined) spans.push(toned('key', key), plain(` ${text}   `));
    else spans.push(toned('dim', `(${key} ${text}: ${reason})   `));
  }
  return [{ spans }];
}

function detailOf({ state, alert }: AlertContext): AlertDetail | undefined {
  return state.asked.alerts.get(alert.id);
}

function aged(entry: Line, state: ScreenState): Line {
  return isFresh(state.link) ? entry : { ...entry, old: true };
}
