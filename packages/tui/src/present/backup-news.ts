import { type BackupsView, formatDuration, type ProgressView, type TargetView } from '@qts-ops/core/client';
import { type BackupSource, runningKeep, sourceWord } from '../state/backup-words.ts';
import { isFresh } from '../state/link.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { zoneOf } from '../state/selectors.ts';
import { BACKUP_TONES, type Theme } from '../theme.ts';
import { nameCells } from './alert-row.ts';
import { cleanText, fitEnd } from './cells.ts';
import { type Line, line, plain, ruler, type Span, toned } from './line.ts';
import { progressText } from './progress-text.ts';
import { countText, sizeText } from './size-text.ts';
import { fitLines } from './target-pane.ts';
import { ageText, timeText } from './time-text.ts';

const BAR_MOST = 30;

/** What stands over the list of backups: what runs, each source with the age of its last verified backup, notes. */
export function backupNews(state: ScreenState, rows: number, theme: Theme): readonly Line[] {
  if (rows <= 0) return [];
  const view = state.asked.backups;
  const running = runningKeep(state.world.targets.values());
  const told = [
    ...running.map((target) => progressLine(state, target, theme)),
    ...(view === undefined ? [] : sourceLines(state, view, theme)),
    ...(view === undefined ? [] : noteLines(state, view)),
  ];
  // Where there is one row only, it is the gravest thing: what runs, then what is overdue.
  const lines = rows === 1 ? told : [headingLine(state), ...told];
  const shown = fitLines(lines.length === 0 ? [headingLine(state)] : lines, rows);
  return isFresh(state.link) ? shown : shown.map((entry) => ({ ...entry, old: true }));
}

/** `[#####.....]  41 %  1.2 GB of 3.1 GB  120 MB/s  until 14:07:10`, as far as it is known. */
export function progressBar(progress: ProgressView, theme: Theme, cells: number): string {
  const { done, total } = progress;
  if (total === undefined || total <= 0) return '';
  const share = Math.min(1, done / total);
  const filled = Math.floor(share * cells);
  const [full, empty] = theme.signs.bar;
  return `[${full.repeat(filled)}${empty.repeat(cells - filled)}] ${Math.floor(share * 100)} %`;
}

function headingLine(state: ScreenState): Line {
  const { backups: view, problems } = state.asked;
  const { columns: width } = state.size;
  if (problems.backups !== undefined) return ruler(`backups could not be read: ${problems.backups}`, width);
  if (view === undefined) return ruler('sources: not read yet', width);
  if (!view.configured) return ruler('no backup in the config of the engine', width);
  const limit = view.maxAgeMs === undefined ? 'no age limit' : `at most ${ageText(0, view.maxAgeMs)} old`;
  const asOf =
    view.atMs === undefined ? 'no run yet' : `as of ${timeText(view.atMs, state.frame.nowMs, zoneOf(state))}`;
  return ruler(`sources: a verified backup of each, ${limit}`, width, asOf);
}

function progressLine(state: ScreenState, { id, running }: TargetView, theme: Theme): Line {
  const progress = running?.progress;
  const { columns } = state.size;
  const name = columns < 60 ? '' : `${id} `;
  if (progress === undefined || (progress.total === undefined && progress.done === 0)) {
    const since =
      running === undefined
        ? ''
        : ` since ${timeText(running.startedAtMs, state.frame.nowMs, zoneOf(state))}`;
    return line(toned('run', `@ RUN  `), plain(`${id}${since}`));
  }
  const bar = progressBar(progress, theme, Math.min(BAR_MOST, Math.floor(columns / 4)));
  const spans = [
    toned('run', '@ RUN  '),
    plain(`${name}${bar === '' ? '' : `${bar}  `}`),
    plain(doneText(progress)),
  ];
  const message = progress.message === undefined ? '' : `  ${progress.message}`;
  return line(...spans, plain(paceText(progress, state)), toned('dim', message));
}

function doneText(progress: ProgressView): string {
  const { done, total, unit } = progress;
  if (unit !== 'B') return progressText(progress);
  return total === undefined ? sizeText(done) : `${sizeText(done)} of ${sizeText(total)}`;
}

function paceText({ ratePerSecond, etaMs, unit }: ProgressView, state: ScreenState): string {
  const rate =
    ratePerSecond === undefined
      ? ''
      : unit === 'B'
        ? sizeText(ratePerSecond)
        : countText(Math.floor(ratePerSecond));
  const pace = rate === '' ? '' : `  ${rate}/s`;
  return etaMs === undefined ? pace : `${pace}  until ${timeText(etaMs, state.frame.nowMs, zoneOf(state))}`;
}

function sourceLines(state: ScreenState, view: BackupsView, theme: Theme): readonly Line[] {
  const { nowMs } = state.frame;
  const cells = nameCells(
    view.sources.map(({ id }) => id),
    20,
  );
  const rank = (source: BackupSource): number =>
    ['NONE', 'OVERDUE', 'OK'].indexOf(sourceWord(source, view.maxAgeMs, nowMs));
  return view.sources
    .toSorted((a, b) => rank(a) - rank(b))
    .map((source) => {
      const word = sourceWord(source, view.maxAgeMs, nowMs);
      const verified =
        source.verifiedAtMs === undefined
          ? 'no verified backup'
          : `verified ${ageText(source.verifiedAtMs, nowMs)} ago, ${timeText(source.verifiedAtMs, nowMs, zoneOf(state))}`;
      return line(
        toned(BACKUP_TONES[word], fitEnd(`${theme.signs.sources[word]} ${word}`, 10)),
        plain(`${fitEnd(cleanText(source.id), cells)}  ${verified}`),
        ...drillSpans(state, view, source),
        toned('dim', `  ${source.path}`),
      );
    });
}

/** The newest drill of a source: what has been brought back once can be brought back again. */
function drillSpans(state: ScreenState, { drills }: BackupsView, { id }: BackupSource): readonly Span[] {
  const drill = drills.find(({ source }) => source === id);
  if (drill === undefined) return [toned('dim', '  never drilled')];
  const age = `${ageText(drill.atMs, state.frame.nowMs)} ago`;
  if (drill.outcome === 'passed')
    return [plain(`  drill ${age}: back in ${formatDuration(drill.recoveryMs)}`)];
  return [
    toned('fail', `  drill FAILED ${age}`),
    plain(drill.problem === undefined ? '' : ` ${drill.problem}`),
  ];
}

function noteLines({ size }: ScreenState, { notes }: BackupsView): readonly Line[] {
  return notes.map(({ source, code, message, standing }) =>
    line(
      toned('warn', fitEnd(standing ? '! always' : '! note', 10)),
      plain(size.columns < 80 ? message : `${source}: ${message}`),
      toned('dim', `  ${code}`),
    ),
  );
}
