import { countAlerts, LEVEL_WORDS } from '../state/alert-words.ts';
import { backupsTrouble } from '../state/backup-words.ts';
import { healthWord } from '../state/check-words.ts';
import { isFresh } from '../state/link.ts';
import { type ScreenState, TABS, type Tab } from '../state/screen-state.ts';
import { liveReading, openPage } from '../state/selectors.ts';
import { activeSilences } from '../state/silence-words.ts';
import { CHECK_TONES, LEVEL_TONES, type Tone } from '../theme.ts';
import { plain, type Span, toned } from './line.ts';

const TITLES: Readonly<Record<Tab, readonly [wide: string, narrow: string]>> = {
  targets: ['1 Targets', '1 Tgt'],
  alerts: ['2 Alerts', '2 Alr'],
  executions: ['3 Executions', '3 Exe'],
  backups: ['4 Backups', '4 Bak'],
  health: ['5 Health', '5 Hlt'],
  silences: ['6 Silences', '6 Sil'],
};

/** The screens there are, each with the worst thing on it; where there is little room only the open one in full. */
export function tabSpans(state: ScreenState): readonly Span[] {
  const wide = state.size.columns >= 110;
  const page = openPage(state);
  return [
    ...TABS.flatMap((tab, index) => {
      const open = tab === state.tab && page === undefined;
      const [full, short] = TITLES[tab];
      const title = wide || open ? full : short;
      // A page needs the room for its name; the gravest thing stays.
      const badge = page === undefined || tab === 'alerts' ? badgeOf(state, tab) : undefined;
      const gap = index === 0 || !wide || page !== undefined ? '' : ' ';
      const mark: readonly Span[] = badge === undefined ? [] : [plain(' '), badge];
      return open
        ? [plain(gap), toned('strong', `[${title}`), ...mark, toned('strong', ']')]
        : [plain(`${gap} ${title}`), ...mark, plain(page === undefined ? ' ' : '')];
    }),
    plain(wide ? '  ' : ' '),
  ];
}

/** Where there is no line for the screens: the worst of alerts and checks in one word; absent when all is well. */
export function worstSpan(state: ScreenState): Span | undefined {
  if (!isFresh(state.link)) return undefined;
  const { worst, byLevel } = countAlerts(state.world);
  if (worst !== undefined) {
    const word = worst === 'ERROR' ? 'ERR' : LEVEL_WORDS[worst];
    return toned(LEVEL_TONES[worst], `${word} ${byLevel[worst]}`);
  }
  const health = healthWord(state.world.checks, liveReading(state));
  if (health === undefined || health === 'PASS') return undefined;
  return toned(CHECK_TONES[health], `HLT ${health === 'UNKNOWN' ? '?' : health}`);
}

function badgeOf(state: ScreenState, tab: Tab): Span | undefined {
  switch (tab) {
    case 'alerts':
      return alertsBadge(state);
    case 'health':
      return healthBadge(state);
    case 'backups':
      return backupsBadge(state);
    case 'silences':
      return silencesBadge(state);
    case 'targets':
    case 'executions':
      return undefined;
    default:
      return tab satisfies never;
  }
}

function alertsBadge({ world, link }: ScreenState): Span | undefined {
  const { open, worst, byLevel } = countAlerts(world);
  if (world.engine === undefined || open === 0) return undefined;
  if (!isFresh(link)) return toned('stale', '?');
  if (worst === undefined) return toned('plain', `${open}`);
  return toned(LEVEL_TONES[worst], `${LEVEL_WORDS[worst]} ${byLevel[worst]}`);
}

function healthBadge(state: ScreenState): Span | undefined {
  const word = healthWord(state.world.checks, liveReading(state));
  if (word === undefined) return undefined;
  return isFresh(state.link) ? toned(CHECK_TONES[word], word) : toned('stale', '?');
}

function backupsBadge({ asked, frame, link }: ScreenState): Span | undefined {
  const trouble = asked.backups === undefined ? undefined : backupsTrouble(asked.backups, frame.nowMs);
  if (trouble === undefined) return undefined;
  const tone: Tone = trouble === 'OVERDUE' ? 'warn' : 'fail';
  return isFresh(link) ? toned(tone, trouble === 'NONE' ? 'NONE' : trouble) : toned('stale', '?');
}

/** How many silences hold: what nobody is told of must be known on every screen. */
function silencesBadge({ asked, frame, link }: ScreenState): Span | undefined {
  const { length } = activeSilences(asked.silences, frame.nowMs);
  if (length === 0) return undefined;
  return isFresh(link) ? toned('paused', `${length}`) : toned('stale', '?');
}
