import {
  type CheckStatus,
  formatDuration,
  type HealthCheckView,
  type HealthView,
  noDataOf,
} from '@qts-ops/core/client';
import { type CellStyle, type Column, plainLine } from '../text-table.ts';
import { type RowContext, timeText } from '../view-rows.ts';

const styles: Readonly<Record<CheckStatus, CellStyle>> = {
  pass: 'green',
  warn: 'yellow',
  fail: 'red',
  unknown: 'gray',
};

/** Columns of `health list`. */
export function healthColumns(context: RowContext): ReadonlyArray<Column<HealthCheckView>> {
  const time = timeText(context);
  return [
    { title: 'STATE', cell: ({ status }) => status, style: ({ status }) => styles[status] },
    { title: 'CHECK', cell: ({ id }) => id },
    { title: 'KIND', cell: ({ kind }) => kind },
    { title: 'CRIT', cell: ({ critical }) => (critical ? 'yes' : '') },
    { title: 'LOOKED', cell: ({ lookedAtMs }) => time(lookedAtMs) },
    { title: 'DAY', align: 'right', cell: dayText },
    { title: 'MESSAGE', cell: (check) => `${noDataText(check, context.nowMs)}${messageOf(check)}` },
  ];
}

/** One line about all checks. */
export function healthLine({ status, isolated, checks }: HealthView): string {
  const cut = isolated ? ', our own connection is down' : '';
  return `${status.toUpperCase()}  ${checks.length} checks${cut}\n`;
}

/** Everything about one check, for a person: what it says, why, and what follows from it. */
export function explainText(check: HealthCheckView, context: RowContext): string {
  const time = timeText(context);
  const measured = check.value === undefined ? '' : `, measured ${check.value} ${check.unit ?? ''}`.trimEnd();
  const took = check.durationMs === undefined ? '' : `, took ${Math.round(check.durationMs)} ms`;
  const shares = Object.entries(check.day ?? {}).map(([status, percent]) => `${status} ${percent} %`);
  const lines = [
    `${check.status.toUpperCase()}  ${check.id}  (${check.kind}${check.critical ? ', critical' : ''})`,
    `  ${messageOf(check)}`,
    ...(check.why === undefined ? [] : [`  why: ${whyText(check)}`]),
    check.lookedAtMs === undefined
      ? '  nobody has looked yet'
      : `  looked at ${time(check.lookedAtMs)}${took}${measured}`,
    ...noDataLines(check, context),
    ...(check.sinceMs === undefined ? [] : [`  confirmed since ${time(check.sinceMs)}`]),
    `  looks every ${formatDuration(check.intervalMs)}; unknown from ${time(check.staleAtMs)} on when nobody looks again`,
    ...(check.flapping ? ['  flapping: no alert is opened or ended until it has settled'] : []),
    ...(check.dependsOn.length === 0 ? [] : [`  cannot be well without ${check.dependsOn.join(', ')}`]),
    ...(check.held === undefined ? [] : [`  its alert is held back: ${heldText(check.held)}`]),
    check.alertLevel === undefined
      ? '  no alert is open about it'
      : `  alert ${check.alertLevel} is open: qts-ops alerts show check:${check.id}`,
    ...(shares.length === 0 ? [] : [`  last day: ${shares.join(', ')}`]),
  ];
  return `${lines.map((line) => plainLine(line)).join('\n')}\n`;
}

function noDataLines(check: HealthCheckView, context: RowContext): readonly string[] {
  const lost = noDataOf(check, context.nowMs);
  if (lost?.sinceMs === undefined) return [];
  const duration = formatDuration(Math.max(0, context.nowMs - lost.sinceMs));
  const at = timeText(context)(lost.sinceMs);
  return [
    lost.isLost ? `  no data for ${duration}, last at ${at}` : `  no data yet, for ${duration} since ${at}`,
  ];
}

/** In front of the message of an unknown check: for how long it has had no data. */
function noDataText(check: HealthCheckView, nowMs: number): string {
  const sinceMs = noDataOf(check, nowMs)?.sinceMs;
  return sinceMs === undefined ? '' : `no data for ${formatDuration(Math.max(0, nowMs - sinceMs))} `;
}

function whyText({ why, intervalMs }: HealthCheckView): string {
  if (why === 'stale') return `the last look is too old for looks every ${formatDuration(intervalMs)}`;
  if (why === 'never-looked') return 'nobody has looked yet';
  return why === 'unconfirmed' ? 'too few looks agree so far' : (why ?? '');
}

function heldText(held: string): string {
  if (held === 'grace') return 'the engine has just started';
  if (held === 'isolated') return 'our own connection is down';
  if (held === 'parent') return 'a check it depends on fails';
  return held === 'waits' ? 'a check it depends on may fail as well' : held;
}

function messageOf({ message, status, why }: HealthCheckView): string {
  const because = status === 'unknown' && why !== undefined ? `(${why}) ` : '';
  return `${because}${message ?? ''}`.trim();
}

function dayText({ day }: HealthCheckView): string {
  if (day?.pass === undefined) return '-';
  return `${Math.round((day.pass + (day.warn ?? 0)) * 10) / 10} %`;
}
