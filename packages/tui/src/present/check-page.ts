import { formatExactDuration, type HealthCheckView, noDataOf } from '@qts-ops/core/client';
import { checkWord, isStale } from '../state/check-words.ts';
import { isFresh } from '../state/link.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { liveReading, zoneOf } from '../state/selectors.ts';
import { CHECK_TONES } from '../theme.ts';
import { cleanText, wrapWords } from './cells.ts';
import { valueText } from './check-row.ts';
import { type Line, line, plain, ruler, toned } from './line.ts';
import { fitLines } from './target-pane.ts';
import { ageText, timeText } from './time-text.ts';

const HELD_TEXTS: Readonly<Record<string, string>> = {
  grace: 'the engine has just started',
  isolated: 'our own connection is down, so what is behind it cannot be judged',
  parent: 'a check it depends on explains it',
  waits: 'a bad look must repeat before somebody is told',
};

/** The pane under the list: exactly `rows` lines with its heading. */
export function checkPane(state: ScreenState, check: HealthCheckView, rows: number): readonly Line[] {
  return fitLines(checkPage(state, check), rows);
}

/** Everything about one check. */
export function checkPage(state: ScreenState, check: HealthCheckView): readonly Line[] {
  const { columns: width } = state.size;
  const problem = state.asked.problems.health;
  const lines = [
    ruler(check.id, width, check.critical ? 'critical' : 'not critical'),
    stateLine(state, check),
    ...noDataLines(state, check),
    ...saidLines(state, check),
    ...alertLines(check),
    dayLine(state, check),
    setupLine(check),
    ...(problem === undefined
      ? []
      : [line(toned('warn', `the account of the day could not be read: ${problem}`))]),
  ];
  return isFresh(state.link) ? lines : lines.map((entry) => ({ ...entry, old: true }));
}

function stateLine(state: ScreenState, check: HealthCheckView): Line {
  const reading = liveReading(state);
  const { nowMs } = reading;
  const zone = zoneOf(state);
  const word = checkWord(check, reading);
  const at = (ms: number): string => timeText(ms, nowMs, zone);
  const since =
    check.sinceMs === undefined || word !== check.status.toUpperCase() ? '' : ` since ${at(check.sinceMs)}`;
  const looked = check.lookedAtMs === undefined ? 'never looked' : `looked ${at(check.lookedAtMs)}`;
  const took = check.durationMs === undefined ? '' : ` in ${Math.round(check.durationMs)} ms`;
  const before =
    word === 'UNKNOWN' && check.status !== 'unknown' ? ` (was ${check.status.toUpperCase()})` : '';
  return line(
    toned(CHECK_TONES[word], `${word}${before}`),
    plain(`${since}, ${looked}${took}, value ${valueText(check)}`),
  );
}

function noDataLines(state: ScreenState, check: HealthCheckView): readonly Line[] {
  const { nowMs } = state.frame;
  const lost = noDataOf(check, nowMs);
  if (lost?.sinceMs === undefined) return [];
  const at = timeText(lost.sinceMs, nowMs, zoneOf(state));
  const age = ageText(lost.sinceMs, nowMs);
  return [
    line(
      toned(
        'warn',
        lost.isLost ? `no data for ${age}, last at ${at}` : `no data yet, for ${age} since ${at}`,
      ),
    ),
  ];
}

function saidLines(state: ScreenState, check: HealthCheckView): readonly Line[] {
  const stale = isStale(check, state.frame.nowMs) ? 'The last look is too old to count.' : undefined;
  const texts = [stale, check.message, check.why === check.message ? undefined : check.why];
  const said = texts.filter((text) => text !== undefined && text !== '').join(' ');
  if (said === '') return [line(toned('dim', 'it said nothing'))];
  return wrapWords(cleanText(said), state.size.columns).map((text) => line(plain(text)));
}

function alertLines(check: HealthCheckView): readonly Line[] {
  const held = check.held === undefined ? undefined : (HELD_TEXTS[check.held] ?? check.held);
  if (held !== undefined) return [line(toned('dim', 'alert  '), toned('warn', `held back: ${held}`))];
  if (check.alertLevel === undefined) return [line(toned('dim', 'alert  none open'))];
  return [line(toned('dim', 'alert  '), toned('fail', `${check.alertLevel} open`), plain('; 2 shows it'))];
}

/** Share of the last day by status. */
function dayLine(state: ScreenState, check: HealthCheckView): Line {
  const day = check.day ?? state.asked.health?.checks.find(({ id }) => id === check.id)?.day;
  if (day === undefined) return line(toned('dim', '24 h   not read yet'));
  const parts = (['pass', 'warn', 'fail', 'unknown'] as const)
    .filter((status) => day[status] !== undefined)
    .map((status) => `${status} ${Math.floor((day[status] ?? 0) * 100) / 100} %`);
  return line(toned('dim', '24 h   '), plain(parts.length === 0 ? 'nothing on record' : parts.join(', ')));
}

function setupLine(check: HealthCheckView): Line {
  const depends = check.dependsOn.length === 0 ? '' : `; depends on ${check.dependsOn.join(', ')}`;
  return line(toned('dim', `setup  ${check.kind}, every ${formatExactDuration(check.intervalMs)}${depends}`));
}
