import { ListRows, Rows } from '../components/rows.tsx';
import { backupNews } from '../present/backup-news.ts';
import { backupPane } from '../present/backup-page.ts';
import { fitLines } from '../present/target-pane.ts';
import { backupListLines } from '../present/watch-lists.ts';
import { currentBackup } from '../state/lists.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { layoutOf } from '../state/selectors.ts';
import type { Theme } from '../theme.ts';

/** Whether every source has a young verified backup, what runs now, and all backups with the selected one. */
export function BackupsScreen({ state, theme }: { readonly state: ScreenState; readonly theme: Theme }) {
  const layout = layoutOf(state);
  const backup = currentBackup(state);
  const shared = { width: layout.columns, theme };
  const pane = backup === undefined ? [] : backupPane(state, backup, layout.detail);
  return (
    <>
      <Rows lines={backupNews(state, layout.news, theme)} {...shared} />
      <ListRows lines={backupListLines(state, layout, theme)} {...shared} />
      <Rows lines={fitLines(pane, layout.detail)} {...shared} />
    </>
  );
}
