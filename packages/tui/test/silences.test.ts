import { describe, expect, it } from 'vitest';
import { headerLine, tabsLine } from '../src/present/header.ts';
import type { Line } from '../src/present/line.ts';
import { silencePage } from '../src/present/silence-page.ts';
import { silenceListLines } from '../src/present/watch-lists.ts';
import { currentSilence } from '../src/state/lists.ts';
import { layoutOf } from '../src/state/selectors.ts';
import { RecordedEngine } from './recorded-client.ts';
import { RecordedScreen } from './recorded-screen.ts';
import { alertView, NOW_MS, SILENCES } from './recorded-watch.ts';

const [ACTIVE, COMING, ENDED] = SILENCES.map(({ id }) => id);
const MINUTE_MS = 60_000;

async function openSilences(options: Parameters<typeof RecordedScreen.open>[0] = {}) {
  const engine = options.engine ?? new RecordedEngine();
  engine.silences = SILENCES;
  const screen = await RecordedScreen.open({ ...options, engine });
  screen.press('6');
  await screen.settle();
  return screen;
}

function textOf({ spans }: Line): string {
  return spans.map(({ text }) => text).join('');
}

function rows(screen: RecordedScreen): readonly string[] {
  return silenceListLines(screen.state, layoutOf(screen.state)).map(({ line }) => textOf(line).trimEnd());
}

describe('the list of silences', () => {
  it('shows what holds, what is to come and what ended within a day, and nothing older', async () => {
    await using screen = await openSilences();
    expect(screen.state.silences.ids).toEqual([ACTIVE, COMING, ENDED]);
    expect(
      rows(screen)
        .slice(1, 4)
        .map((row) => row.slice(2, 9).trim()),
    ).toEqual(['ACTIVE', 'COMING', 'ENDED']);
  });

  it('is known on every screen: how many hold stands beside its name', async () => {
    await using screen = await openSilences();
    screen.press('1');
    expect(textOf(tabsLine(screen.state))).toContain('6 Silences 1');
    await screen.advance(500);
    screen.engine.tick(20 * MINUTE_MS);
    screen.engine.beat();
    await screen.advance(20 * MINUTE_MS);
    expect(textOf(tabsLine(screen.state))).not.toContain('6 Silences 1');
    expect(textOf(headerLine(screen.state))).toContain('LIVE');
  });

  it('ends a row by the clock alone, in the moment it is over', async () => {
    await using screen = await openSilences();
    screen.press('1', '6');
    for (let minute = 0; minute < 20; minute++) {
      screen.engine.tick(MINUTE_MS);
      screen.clock.advance(MINUTE_MS);
      screen.engine.beat();
      await screen.settle();
    }
    expect(rows(screen)[1]).toContain('COMING');
    expect(screen.state.silences.ids).toEqual([COMING, ACTIVE, ENDED]);
    expect(screen.state.silences.place.selectedId).toBe(ACTIVE);
  });

  it('is read again when an operator elsewhere silences something, on every screen', async () => {
    await using screen = await RecordedScreen.open();
    expect(screen.state.asked.silences).toEqual([]);
    screen.engine.silences = SILENCES;
    await screen.perform('p');
    await screen.advance(1_000);
    expect(screen.state.asked.silences).toBe(SILENCES);
  });

  it('is read again after the connection was lost, for nobody told what was silenced meanwhile', async () => {
    await using screen = await RecordedScreen.open();
    screen.engine.lose();
    await screen.settle();
    screen.engine.silences = SILENCES;
    screen.engine.down = false;
    await screen.advance(10_000);
    expect(screen.state.link.kind).toBe('live');
    expect(screen.state.asked.silences).toBe(SILENCES);
  });

  it('says that what it shows is old while there is no connection', async () => {
    await using screen = await openSilences();
    screen.engine.lose();
    await screen.settle();
    expect(rows(screen)[1]).toContain('was: dedupKey=check:disk-data');
    expect(textOf(tabsLine(screen.state))).toContain('6 Silences ?');
    screen.press('x');
    expect(screen.state.dialog).toBeUndefined();
    expect(screen.state.flash?.text).toContain('connection lost');
  });

  it('says on its page who wanted it and why, until when, and which alerts are quiet', async () => {
    await using screen = await openSilences();
    screen.press('enter');
    const silence = currentSilence(screen.state);
    if (silence === undefined) throw new Error('no silence is open');
    const page = silencePage(screen.state, silence).map(textOf).join('\n');
    expect(page).toContain('from 13:25:21 until 14:25:21, 20 m left');
    expect(page).toContain('bob: "the old files go this weekend, 티켓 8812"');
    expect(page).toContain('no open alert is quiet by a silence');
    screen.engine.putAlert(alertView('quiet', { suppressedBy: 'silence bob' }));
    await screen.advance(1_000);
    expect(silencePage(screen.state, silence).map(textOf).join('\n')).toContain('quiet: 1 (check:quiet)');
  });

  it('is filtered by state and operator', async () => {
    await using screen = await openSilences();
    screen.type('/by:alice\r');
    expect(screen.state.silences.ids).toEqual([COMING]);
    screen.press('esc', '!');
    expect(screen.state.silences.ids).toEqual([ACTIVE]);
  });
});

describe('ending a silence', () => {
  it('ends the selected one with a reason, and says when the engine shows it', async () => {
    await using screen = await openSilences();
    await screen.perform('x', 'the files are gone, look again');
    expect(screen.engine.requests).toMatchObject([
      { act: 'unsilence', subject: ACTIVE, reason: 'the files are gone, look again', requestId: 'request-1' },
    ]);
    await screen.advance(1_000);
    expect(screen.state.flash?.text).toBe(
      'accepted, audit 55214: end silence dedupKey=check:disk-data · effect seen',
    );
    expect(screen.state.asked.silences?.[0]?.endsAtMs).toBe(NOW_MS);
  });

  it('ends one that has not begun yet', async () => {
    await using screen = await openSilences();
    screen.press('j');
    await screen.perform('x');
    expect(screen.engine.effects).toMatchObject([{ act: 'unsilence', subject: COMING }]);
  });

  it('does nothing for one that has ended, and says so', async () => {
    await using screen = await openSilences();
    screen.press('j', 'j', 'x');
    expect(screen.state.dialog).toBeUndefined();
    expect(screen.state.flash?.text).toBe('x end silence: this silence has ended');
  });

  it('can only be left when somebody else has ended it meanwhile', async () => {
    await using screen = await openSilences();
    screen.open('x');
    screen.engine.silences = SILENCES.map((silence) => ({ ...silence, endsAtMs: NOW_MS - 1, active: false }));
    await screen.advance(3_000);
    screen.engine.beat();
    await screen.advance(2_000);
    expect(screen.state.dialog?.step).toEqual({ kind: 'obsolete', problem: 'this silence has ended' });
    screen.press('esc');
    expect(screen.engine.requests).toEqual([]);
  });

  it('keeps its silence when another one moves above it', async () => {
    await using screen = await openSilences();
    screen.open('x');
    const [first] = SILENCES;
    if (first === undefined) throw new Error('no silence is recorded');
    screen.engine.silences = [{ ...first, id: 'sooner', endsAtMs: NOW_MS + MINUTE_MS }, ...SILENCES];
    await screen.advance(3_000);
    screen.engine.beat();
    await screen.advance(2_000);
    expect(screen.state.silences.ids[0]).toBe('sooner');
    screen.type('the files are gone, look again');
    screen.press('enter');
    await screen.advance(400);
    screen.press('y');
    await screen.settle();
    expect(screen.engine.effects).toMatchObject([{ subject: ACTIVE }]);
  });

  it('shows what the engine refuses', async () => {
    await using screen = await openSilences();
    screen.open('x');
    screen.engine.silences = [];
    screen.type('the files are gone, look again');
    screen.press('enter');
    screen.clock.advance(400);
    screen.press('y');
    await screen.settle();
    expect(screen.state.dialog?.step).toMatchObject({ kind: 'refused', code: 'INP-0923' });
  });
});
