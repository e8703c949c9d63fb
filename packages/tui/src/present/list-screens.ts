import { currentAlert, currentBackup, currentCheck, currentSilence } from '../state/lists.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { currentTarget, layoutOf } from '../state/selectors.ts';
import type { Theme } from '../theme.ts';
import { alertFeed } from './alert-feed.ts';
import { alertPane } from './alert-page.ts';
import { backupNews } from './backup-news.ts';
import { backupPane } from './backup-page.ts';
import { channelLines } from './channels-line.ts';
import { checkPane } from './check-page.ts';
import type { Line } from './line.ts';
import { executionListLines, type KeyedLine, targetListLines } from './screen-lines.ts';
import { silencePane } from './silence-page.ts';
import { actsPane, fitLines, runsPane, targetPane } from './target-pane.ts';
import { alertListLines, backupListLines, checkListLines, silenceListLines } from './watch-lists.ts';

/** The open list with its panes: exactly the rows that the layout gives them. */
export function listScreen(state: ScreenState, theme: Theme): readonly KeyedLine[] {
  switch (state.tab) {
    case 'targets':
      return targetsScreen(state, theme);
    case 'alerts':
      return alertsScreen(state, theme);
    case 'executions':
      return executionListLines(state, layoutOf(state));
    case 'backups':
      return backupsScreen(state, theme);
    case 'health':
      return healthScreen(state, theme);
    case 'silences':
      return silencesScreen(state);
    default:
      return state.tab satisfies never;
  }
}

/** Lines that are known by their place in one part of the screen. */
export function keyed(part: string, lines: readonly Line[]): readonly KeyedLine[] {
  return lines.map((line, index) => ({ key: `-${part} ${index}`, line }));
}

/** The list of targets, and where there is room the selected one, its newest executions, open alerts and the last acts. */
function targetsScreen(state: ScreenState, theme: Theme): readonly KeyedLine[] {
  const layout = layoutOf(state);
  const target = currentTarget(state);
  const context = target === undefined ? undefined : { state, target, theme };
  const detail = context === undefined ? fitLines([], layout.detail) : targetPane(context, layout.detail);
  const runs = context === undefined ? fitLines([], layout.runs) : runsPane(context, layout.runs);
  return [
    ...targetListLines(state, layout, theme),
    ...keyed('detail', detail),
    ...keyed('runs', runs),
    ...keyed('news', layout.news === 0 ? [] : alertFeed(state, layout.news, theme)),
    ...keyed('acts', layout.acts === 0 ? [] : actsPane(state, layout.acts)),
  ];
}

/** Open and lately ended alerts, the selected one, and how the channels are doing. */
function alertsScreen(state: ScreenState, theme: Theme): readonly KeyedLine[] {
  const layout = layoutOf(state);
  const alert = currentAlert(state);
  const pane = alert === undefined ? [] : alertPane({ state, alert, theme }, layout.detail);
  return [
    ...alertListLines(state, layout, theme),
    ...keyed('detail', fitLines(pane, layout.detail)),
    ...keyed('news', channelLines(state, layout.news)),
  ];
}

/** Whether every source has a young verified backup, what runs now, and all backups with the selected one. */
function backupsScreen(state: ScreenState, theme: Theme): readonly KeyedLine[] {
  const layout = layoutOf(state);
  const backup = currentBackup(state);
  const pane = backup === undefined ? [] : backupPane(state, backup, layout.detail);
  return [
    ...keyed('news', backupNews(state, layout.news, theme)),
    ...backupListLines(state, layout, theme),
    ...keyed('detail', fitLines(pane, layout.detail)),
  ];
}

/** All checks, worst first, and the selected one. */
function healthScreen(state: ScreenState, theme: Theme): readonly KeyedLine[] {
  const layout = layoutOf(state);
  const check = currentCheck(state);
  const pane = check === undefined ? [] : checkPane(state, check, layout.detail);
  return [...checkListLines(state, layout, theme), ...keyed('detail', fitLines(pane, layout.detail))];
}

/** What nobody is told of and until when, and the selected silence. */
function silencesScreen(state: ScreenState): readonly KeyedLine[] {
  const layout = layoutOf(state);
  const silence = currentSilence(state);
  const pane = silence === undefined ? [] : silencePane(state, silence, layout.detail);
  return [...silenceListLines(state, layout), ...keyed('detail', fitLines(pane, layout.detail))];
}
