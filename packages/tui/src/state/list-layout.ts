import type { BackupsView } from '@qts-ops/core/client';
import { runningKeep } from './backup-words.ts';
import { type Layout, layoutList, layoutPage, type PaneRows } from './layout.ts';
import type { ScreenState } from './screen-state.ts';
import { activeSilences } from './silence-words.ts';

const ALERT_PANES: Readonly<Record<'wide' | 'narrow' | 'tiny', PaneRows>> = {
  wide: { detail: 10, news: 2 },
  narrow: { detail: 6, news: 1 },
  tiny: { detail: 0, news: 0 },
};

const CHECK_PANES: Readonly<Record<'wide' | 'narrow' | 'tiny', PaneRows>> = {
  wide: { detail: 7, news: 0 },
  narrow: { detail: 5, news: 0 },
  tiny: { detail: 0, news: 0 },
};

const BACKUP_DETAIL: Readonly<Record<'wide' | 'narrow' | 'tiny', number>> = { wide: 8, narrow: 5, tiny: 0 };
const BACKUP_NEWS_MOST: Readonly<Record<'wide' | 'narrow' | 'tiny', number>> = {
  wide: 11,
  narrow: 6,
  tiny: 1,
};

/** How the rows of every list but the targets are shared out. */
export function listLayout(state: ScreenState, banner: boolean): Layout {
  switch (state.tab) {
    case 'alerts':
      return layoutList(
        state.size,
        (kind) => ({
          ...alertPanes(state, kind),
          listed: (state.frozen?.world ?? state.world).alerts.length,
        }),
        banner,
      );
    case 'health':
    case 'silences':
      return layoutList(state.size, (kind) => CHECK_PANES[kind], banner);
    case 'backups': {
      const lines = backupNewsLines(state);
      return layoutList(
        state.size,
        (kind) => ({ detail: BACKUP_DETAIL[kind], news: Math.min(lines, BACKUP_NEWS_MOST[kind]) }),
        banner,
      );
    }
    case 'executions':
    case 'targets':
      return layoutPage(state.size, banner);
    default:
      return state.tab satisfies never;
  }
}

/** Channels have a line, and silences another one while there are any. */
function alertPanes({ asked, frame }: ScreenState, kind: 'wide' | 'narrow' | 'tiny'): PaneRows {
  const panes = ALERT_PANES[kind];
  const silent = kind !== 'tiny' && activeSilences(asked.silences, frame.nowMs).length > 0;
  return silent ? { ...panes, news: panes.news + 1 } : panes;
}

/** Lines that would say everything about the sources: a heading, each of them, what runs, and the notes. */
function backupNewsLines({ asked, world }: ScreenState): number {
  const view: Pick<BackupsView, 'sources' | 'notes'> | undefined = asked.backups;
  const running = runningKeep(world.targets.values()).length;
  return 1 + (view?.sources.length ?? 0) + running + (view?.notes.length ?? 0);
}
