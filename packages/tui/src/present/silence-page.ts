import { formatExactDuration, type SilenceView } from '@qts-ops/core/client';
import { generalProblem } from '../commands/act-commands.ts';
import { SILENCE_COMMANDS, silenceActProblem } from '../commands/silence-commands.ts';
import { isFresh } from '../state/link.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { zoneOf } from '../state/selectors.ts';
import { silenceWord } from '../state/silence-words.ts';
import { SILENCE_TONES } from '../theme.ts';
import { type BodyLine, LABEL_CELLS, labelled, weighted } from './body-line.ts';
import { cleanText, wrapWords } from './cells.ts';
import { type Line, line, plain, ruler, toned } from './line.ts';
import { fitLines } from './target-pane.ts';
import { timeText } from './time-text.ts';

/** The pane under the list: exactly `rows` lines with its heading. */
export function silencePane(state: ScreenState, silence: SilenceView, rows: number): readonly Line[] {
  return fitLines(silencePage(state, silence), rows);
}

/** Everything about one silence: what it fits, until when, who wanted it and why, and what it keeps quiet now. */
export function silencePage(state: ScreenState, silence: SilenceView): readonly Line[] {
  const { columns: width } = state.size;
  const { nowMs } = state.frame;
  const word = silenceWord(silence, nowMs);
  const lines = [
    ruler('silence', width, silence.id.slice(-8)),
    line(toned(SILENCE_TONES[word], word), plain(`  ${spanText(state, silence)}`)),
    ...labelledLines('fits', silence.matchers.join('  and  '), width),
    ...labelledLines('by', `${silence.createdBy}: "${silence.reason}"`, width),
    ...labelledLines('quiet', quietText(state), width),
    actLine(state),
  ];
  return isFresh(state.link) ? lines : lines.map((entry) => ({ ...entry, old: true }));
}

/** What ending a silence is about, and what it will do. */
export function silenceFactLines(
  state: ScreenState,
  silence: SilenceView,
  width: number,
): { readonly head: readonly BodyLine[]; readonly plan: readonly string[] } {
  const fits = wrapWords(cleanText(silence.matchers.join('  and  ')), width - LABEL_CELLS);
  const head = [
    ...fits.map((text, index) =>
      weighted(index === 0 ? 3 : 2, labelled(index === 0 ? 'silence' : '', [plain(text)])),
    ),
    weighted(2, labelled('state', [plain(spanText(state, silence))])),
    weighted(1, labelled('made by', [plain(`${silence.createdBy}: "${silence.reason}"`)])),
  ];
  return {
    head,
    plan: [
      'it ends now; alerts that it kept quiet are told from the next notice on',
      'what it was for stays on record; alerts themselves are not touched',
    ],
  };
}

function spanText(state: ScreenState, { startsAtMs, endsAtMs }: SilenceView): string {
  const { nowMs } = state.frame;
  const at = (ms: number): string => timeText(ms, nowMs, zoneOf(state));
  const from = `from ${at(startsAtMs)} until ${at(endsAtMs)}`;
  // In whole minutes, so that the line changes once a minute.
  const leftMs = Math.ceil((endsAtMs - Math.max(nowMs, startsAtMs)) / 60_000) * 60_000;
  return endsAtMs <= nowMs ? from : `${from}, ${formatExactDuration(leftMs)} left`;
}

/** How many open alerts a silence keeps quiet now; which one of several silences it is, no alert says. */
function quietText({ world }: ScreenState): string {
  const quiet = world.alerts.filter(
    ({ state, suppressedBy }) => state !== 'resolved' && suppressedBy?.startsWith('silence') === true,
  );
  if (quiet.length === 0) return 'no open alert is quiet by a silence';
  const names = quiet.map(({ dedupKey }) => dedupKey).join(', ');
  return `open alerts that silences keep quiet: ${quiet.length} (${names})`;
}

function labelledLines(label: string, text: string, width: number): readonly Line[] {
  return wrapWords(cleanText(text), width - 7).map((part, index) =>
    line(toned('dim', (index === 0 ? label : '').padEnd(7)), plain(part)),
  );
}

function actLine(state: ScreenState): Line {
  const general = generalProblem(state);
  if (general !== undefined) return line(toned('dim', 'acts   '), toned('warn', `none: ${general}`));
  const [key = ''] = SILENCE_COMMANDS.flatMap(({ keys }) => keys);
  const problem = silenceActProblem(state);
  return problem === undefined
    ? line(toned('dim', 'acts   '), toned('key', key), plain(' end it now'))
    : line(toned('dim', `acts   (${key} end it: ${problem})`));
}
