import {
  type AlertDetail,
  type AlertView,
  type ChannelView,
  type DeliveryView,
  formatDuration,
  type SilenceView,
} from '@qts-ops/core/client';
import { type CellStyle, type Column, plainLine } from '../text-table.ts';
import { type RowContext, timeText } from '../view-rows.ts';

/** Columns of `alerts list`. */
export function alertColumns(context: RowContext): ReadonlyArray<Column<AlertView>> {
  const time = timeText(context);
  return [
    { title: 'LEVEL', cell: ({ level }) => level, style: levelStyle },
    { title: 'STATE', cell: stateOf },
    { title: 'SINCE', cell: ({ startedAtMs }) => time(startedAtMs) },
    { title: 'SEEN', align: 'right', cell: ({ count }) => String(count) },
    { title: 'KEY', cell: ({ dedupKey }) => dedupKey },
    { title: 'ALERT', cell: ({ id }) => id },
    { title: 'MESSAGE', cell: ({ message }) => message },
  ];
}

/** Columns of `alerts silences`. */
export function silenceColumns(context: RowContext): ReadonlyArray<Column<SilenceView>> {
  const time = timeText(context);
  return [
    { title: 'STATE', cell: (silence) => silenceState(silence, context.nowMs) },
    { title: 'SILENCE', cell: ({ id }) => id },
    { title: 'FOR', cell: ({ matchers }) => matchers.join(' ') },
    { title: 'UNTIL', cell: ({ endsAtMs }) => time(endsAtMs) },
    { title: 'BY', cell: ({ createdBy }) => createdBy },
    { title: 'REASON', cell: ({ reason }) => reason },
  ];
}

/** Columns of `alerts channels`. */
export function channelColumns(context: RowContext): ReadonlyArray<Column<ChannelView>> {
  const time = timeText(context);
  return [
    {
      title: 'STATE',
      cell: ({ state }) => state,
      style: ({ state }) => (state === 'ok' ? 'green' : 'yellow'),
    },
    { title: 'CHANNEL', cell: ({ id }) => id },
    { title: 'KIND', cell: ({ kind }) => kind },
    { title: 'WAITING', align: 'right', cell: ({ pending }) => String(pending) },
    { title: 'LAST SENT', cell: ({ lastSentAtMs }) => time(lastSentAtMs) },
    { title: 'PROBLEM', cell: ({ problem }) => problem ?? '' },
  ];
}

/** Everything about one alert, for a person. */
export function alertText(alert: AlertDetail, context: RowContext): string {
  const time = timeText(context);
  const lastedMs = (alert.resolvedAtMs ?? context.nowMs) - alert.startedAtMs;
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`);
  const taken =
    alert.acknowledgedBy === undefined
      ? []
      : [
          `  taken by ${alert.acknowledgedBy} at ${time(alert.acknowledgedAtMs)} until ${time(alert.acknowledgedUntilMs)}: ${alert.acknowledgedReason ?? ''}`,
        ];
  const lines = [
    `${alert.level} ${stateOf(alert)}  ${alert.title}`,
    `  ${alert.message}`,
    `  alert ${alert.id}, key ${alert.dedupKey}`,
    `  since ${time(alert.startedAtMs)} (${formatDuration(Math.max(0, lastedMs))}), seen ${alert.count} times, last ${time(alert.lastSeenAtMs)}`,
    ...(alert.resolvedAtMs === undefined ? [] : [`  over since ${time(alert.resolvedAtMs)}`]),
    ...taken,
    ...(alert.suppressedBy === undefined ? [] : [`  told to nobody: ${alert.suppressedBy}`]),
    ...(alert.flapping ? ['  flapping: nothing is told until it has settled'] : []),
    ...(alert.escalatesAtMs === undefined ? [] : [`  escalates at ${time(alert.escalatesAtMs)}`]),
    ...(labels.length === 0 ? [] : [`  labels ${labels.join(' ')}`]),
    ...(alert.executionId === undefined ? [] : [`  execution ${alert.executionId}`]),
    ...(alert.errorCode === undefined ? [] : [`  code ${alert.errorCode} ${alert.userMessage ?? ''}`]),
    ...(alert.remedy ?? []).map((step) => `  remedy: ${step}`),
    ...(alert.deliveries.length === 0 ? ['  no notice was made'] : ['  notices:']),
    ...alert.deliveries.flatMap((row) => [noticeLine(row, time), ...attemptLines(row, time)]),
  ];
  return `${lines.map((line) => plainLine(line)).join('\n')}\n`;
}

type TimeText = ReturnType<typeof timeText>;

function noticeLine(row: DeliveryView, time: TimeText): string {
  const at = row.sentAtMs ?? row.nextAttemptAtMs;
  const when = at === undefined ? '' : ` ${row.sentAtMs === undefined ? 'next at' : 'at'} ${time(at)}`;
  const why = row.problem === undefined ? '' : `: ${row.problem}`;
  return `    ${row.channelId}  ${row.reason}  ${row.status}${when}, ${row.attempts} attempts${why}`;
}

/** One that arrived at once, for everybody, has nothing more to say. */
function attemptLines({ history = [] }: DeliveryView, time: TimeText): readonly string[] {
  const plain = history.every(({ result, rejectedRecipients }) => result === 'sent' && !rejectedRecipients);
  if (plain && history.length < 2) return [];
  return history.map(({ number, atMs, result = 'under way', durationMs, text, rejectedRecipients }) => {
    const lasted = durationMs === undefined ? '' : `, ${durationMs} ms`;
    const refused = rejectedRecipients === undefined ? '' : `; refused for ${rejectedRecipients.join(', ')}`;
    return `      ${number}. ${time(atMs)} ${result}${lasted}${text === undefined ? '' : `: ${text}`}${refused}`;
  });
}

function stateOf({ state, suppressedBy, acknowledgedBy }: AlertView): string {
  const shown = state === 'acknowledged' ? `taken by ${acknowledgedBy ?? '?'}` : state;
  return suppressedBy !== undefined && state !== 'resolved' ? `${shown} (untold)` : shown;
}

function silenceState({ active, endedBy, startsAtMs, endsAtMs }: SilenceView, nowMs: number): string {
  if (active) return 'active';
  if (endedBy !== undefined) return `ended by ${endedBy}`;
  return startsAtMs > nowMs && startsAtMs < endsAtMs ? 'to come' : 'over';
}

function levelStyle({ level, state }: AlertView): CellStyle | undefined {
  if (state === 'resolved') return 'gray';
  if (level === 'CRITICAL' || level === 'ERROR') return 'red';
  return level === 'WARN' ? 'yellow' : undefined;
}
