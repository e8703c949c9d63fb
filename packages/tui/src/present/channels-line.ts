import type { ChannelView } from '@qts-ops/core/client';
import { isFresh } from '../state/link.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { zoneOf } from '../state/selectors.ts';
import { activeSilences } from '../state/silence-words.ts';
import type { Tone } from '../theme.ts';
import { type Line, line, plain, ruler, type Span, toned } from './line.ts';
import { fitLines } from './target-pane.ts';
import { timeText } from './time-text.ts';

const TONES: Readonly<Record<ChannelView['state'], Tone>> = { ok: 'ok', failing: 'fail', paused: 'paused' };
const RANK: Readonly<Record<ChannelView['state'], number>> = { failing: 0, paused: 1, ok: 2 };

/** How the channels are doing and what is silenced. Exactly `rows` lines, with a heading where there is room. */
export function channelLines(state: ScreenState, rows: number): readonly Line[] {
  if (rows <= 0) return [];
  const silences = silenceLines(state);
  const heading = rows > 1 + silences.length;
  const lines = heading
    ? [ruler('who is told', state.size.columns), channelLine(state), ...silences]
    : [channelLine(state), ...silences];
  const shown = fitLines(lines, rows);
  return isFresh(state.link) ? shown : shown.map((entry) => ({ ...entry, old: true }));
}

function silenceLines(state: ScreenState): readonly Line[] {
  const { nowMs } = state.frame;
  const silences = activeSilences(state.asked.silences, nowMs);
  if (silences.length === 0) return [];
  const texts = silences.map(({ matchers, endsAtMs, createdBy, reason }) => {
    const until = timeText(endsAtMs, nowMs, zoneOf(state));
    return `${matchers.join(' ')} until ${until} by ${createdBy}: "${reason}"`;
  });
  return [
    line(
      toned('paused', `SILENCED ${silences.length}  `),
      toned('key', '6'),
      plain(` shows: ${texts.join('   ')}`),
    ),
  ];
}

function channelLine(state: ScreenState): Line {
  const { channels, problems } = state.asked;
  const head = toned('dim', 'channels  ');
  if (problems.channels !== undefined)
    return line(head, toned('warn', `could not be read: ${problems.channels}`));
  if (channels === undefined) return line(head, toned('dim', 'not read yet'));
  if (channels.length === 0) return line(head, toned('fail', 'none: nobody is told of any alert'));
  const sorted = channels.toSorted((a, b) => RANK[a.state] - RANK[b.state] || (a.id < b.id ? -1 : 1));
  return line(head, ...sorted.flatMap((channel) => channelSpans(channel, state)));
}

function channelSpans(channel: ChannelView, state: ScreenState): readonly Span[] {
  const { id, pending, problem, pausedUntilMs } = channel;
  const waits = pending === 0 ? '' : `, ${pending} waiting`;
  const until =
    channel.state !== 'paused' || pausedUntilMs === undefined
      ? ''
      : ` until ${timeText(pausedUntilMs, state.frame.nowMs, zoneOf(state))}`;
  const why = channel.state === 'ok' || problem === undefined ? '' : ` (${problem})`;
  return [
    plain(`${id} `),
    toned(TONES[channel.state], `${channel.state === 'failing' ? 'FAILING' : channel.state}${until}`),
    plain(`${waits}${why}   `),
  ];
}
