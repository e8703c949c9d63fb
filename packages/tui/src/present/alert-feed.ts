import type { AlertView } from '@qts-ops/core/client';
import {
  alertWord,
  countAlerts,
  criticalAlerts,
  LEVEL_WORDS,
  openAlerts,
  openWord,
} from '../state/alert-words.ts';
import { countChecks } from '../state/check-words.ts';
import { isFresh } from '../state/link.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { liveReading, zoneOf } from '../state/selectors.ts';
import { ALERT_TONES, type Theme } from '../theme.ts';
import { levelSpan, saidText } from './alert-row.ts';
import { type Line, plain, ruler, spread, toned } from './line.ts';
import { fitLines } from './target-pane.ts';
import { ageText, timeText } from './time-text.ts';

/** The newest open alerts under the targets: exactly `rows` lines with their heading. */
export function alertFeed(state: ScreenState, rows: number, theme: Theme): readonly Line[] {
  const { columns } = state.size;
  const heading = ruler(feedTitle(state), columns, feedHint(state));
  const alerts = openAlerts(state.world).slice(0, Math.max(0, rows - 1));
  return fitLines([heading, ...alerts.map((alert) => feedLine(alert, state, theme))], rows);
}

/** What the banner says about critical alerts that nobody has answered; absent when there is none. */
export function criticalText(state: ScreenState): string | undefined {
  const critical = criticalAlerts(state.world);
  const newest = critical[0];
  if (newest === undefined) return undefined;
  const others = critical.length === 1 ? '' : ` and ${critical.length - 1} more`;
  const since = timeText(newest.startedAtMs, state.frame.nowMs, zoneOf(state));
  const way = state.tab === 'alerts' ? 'a acknowledges' : '2 shows it';
  const what = `${newest.title}  ${saidText(newest)}`;
  if (state.size.columns < 80) return ` CRITICAL${others} ${what}`;
  if (state.size.columns < 110) return ` CRITICAL since ${since}${others} (${way}): ${what}`;
  return ` CRITICAL${others} since ${since}, nobody has taken it (${way}): ${what}`;
}

function feedTitle(state: ScreenState): string {
  const { open, byLevel } = countAlerts(state.world);
  if (state.world.engine === undefined) return 'alerts';
  if (!isFresh(state.link)) return open === 0 ? 'alerts: not known' : `alerts: ${open} were open`;
  if (open === 0) return `alerts: none open${checksText(state)}`;
  const levels = (['CRITICAL', 'ERROR', 'WARN', 'INFO'] as const)
    .filter((level) => byLevel[level] > 0)
    .map((level) => `${LEVEL_WORDS[level]} ${byLevel[level]}`);
  return `alerts: ${open} open${levels.length === 0 ? ', all answered' : `, not answered ${levels.join(' ')}`}`;
}

function feedHint(state: ScreenState): string {
  return countAlerts(state.world).open === 0 && state.world.alerts.length === 0 ? '' : '2 all';
}

function checksText(state: ScreenState): string {
  const { checks } = state.world;
  if (checks.size === 0) return '; no checks in the config';
  const { FAIL, UNKNOWN, WARN, PASS } = countChecks(checks.values(), liveReading(state));
  const bad = [
    [FAIL, 'FAIL'],
    [UNKNOWN, 'UNKNOWN'],
    [WARN, 'WARN'],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, word]) => `${word} ${count}`);
  return `; checks: ${[...bad, `PASS ${PASS}`].join(' ')}`;
}

function feedLine(alert: AlertView, state: ScreenState, theme: Theme): Line {
  const reading = liveReading(state);
  const { nowMs } = reading;
  const word = alertWord(alert, reading);
  const told = word === 'STALE' ? `${word} was ${openWord(alert)}` : word;
  const wide = state.size.columns >= 110;
  const since = wide ? `${timeText(alert.startedAtMs, nowMs, zoneOf(state)).slice(-8)} ` : '';
  const left = [
    plain('  '),
    levelSpan(alert, theme, 7),
    plain(` ${since}${ageText(alert.startedAtMs, nowMs).padStart(4)}  ${alert.title}`),
    toned('dim', `  ${saidText(alert)}`),
  ];
  const right = [
    toned('dim', `  x${alert.count}  `),
    toned(ALERT_TONES[word], alert.acknowledgedBy === undefined ? told : `acked ${alert.acknowledgedBy}`),
  ];
  const shown = spread(left, right, state.size.columns);
  return isFresh(state.link) ? shown : { ...shown, old: true };
}
