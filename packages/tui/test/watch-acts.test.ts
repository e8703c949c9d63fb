import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { channelLines } from '../src/present/channels-line.ts';
import { paintScreen } from '../src/present/painted-screen.ts';
import { layoutOf } from '../src/state/selectors.ts';
import { MONO, RecordedScreen } from './recorded-screen.ts';
import { ALERTS, alertView, BACKUPS, checkView, NOW_MS } from './recorded-watch.ts';

const REASON = 'looking at the venue now';
const CRITICAL = '01900000-0000-7000-8000-00000000a001';
const HOUR_MS = 3_600_000;

async function openAlerts(options: Parameters<typeof RecordedScreen.open>[0] = {}): Promise<RecordedScreen> {
  const screen = await RecordedScreen.open(options);
  screen.press('2');
  await screen.settle();
  return screen;
}

function critical() {
  const found = ALERTS.find(({ id }) => id === CRITICAL);
  if (found === undefined) throw new Error('no critical alert is recorded');
  return found;
}

describe('an act on an alert', () => {
  it('acknowledges the alert that was selected, with the reason and the usual time', async () => {
    await using screen = await openAlerts();
    await screen.perform('a', `  ${REASON}  `);
    expect(screen.engine.requests).toMatchObject([
      { act: 'acknowledge', subject: CRITICAL, reason: REASON, requestId: 'request-1', forMs: 4 * HOUR_MS },
    ]);
    await screen.advance(1_000);
    expect(screen.state.flash?.text).toBe(
      'accepted, audit 55214: acknowledge check:broker_heartbeat · effect seen',
    );
    expect(screen.state.world.alerts.find(({ id }) => id === CRITICAL)?.acknowledgedBy).toBe('alice');
  });

  it('holds for the time that Tab chose', async () => {
    await using screen = await openAlerts();
    screen.open('a');
    screen.type(REASON);
    screen.press('tab', 'tab', 'shift-tab', 'enter');
    await screen.advance(400);
    screen.press('y');
    await screen.settle();
    expect(screen.engine.requests).toMatchObject([{ act: 'acknowledge', forMs: 24 * HOUR_MS }]);
  });

  it('silences exactly the key of the alert', async () => {
    await using screen = await openAlerts();
    await screen.perform('s');
    expect(screen.engine.requests).toMatchObject([
      { act: 'silence', subject: 'dedupKey=check:broker_heartbeat', forMs: HOUR_MS },
    ]);
    expect(screen.state.flash?.text).toBe('accepted, audit 55214: silence check:broker_heartbeat');
  });

  it('gives an acknowledged alert back', async () => {
    await using screen = await openAlerts();
    screen.type('jj');
    await screen.perform('u');
    expect(screen.engine.requests).toMatchObject([{ act: 'unacknowledge', subject: ALERTS[2]?.id }]);
  });

  it.each([
    [0, 'u', 'nobody has acknowledged it'],
    [2, 'a', 'already acknowledged by bob'],
    [3, 's', 'already quiet: maintenance weekend-move'],
    [4, 'a', 'it only told what happened'],
    [5, 'a', 'this alert is over'],
  ])('says on row %i why %s does nothing', async (row, key, reason) => {
    await using screen = await openAlerts();
    screen.type('j'.repeat(row));
    screen.press(key);
    expect(screen.state.dialog).toBeUndefined();
    expect(screen.state.flash?.text).toContain(reason);
  });

  it('sends nothing without a reason of ten letters', async () => {
    await using screen = await openAlerts();
    await screen.perform('a', 'too short');
    expect(screen.state.dialog?.step.kind).toBe('reason');
    expect(screen.engine.requests).toEqual([]);
  });

  it('keeps its alert when a graver one arrives above it', async () => {
    await using screen = await openAlerts();
    screen.type('j');
    screen.open('a');
    screen.engine.putAlert(alertView('newer', { level: 'CRITICAL' }));
    await screen.advance(1_000);
    screen.type(REASON);
    screen.press('enter');
    await screen.advance(400);
    screen.press('y');
    await screen.settle();
    expect(screen.engine.effects).toMatchObject([{ act: 'acknowledge', subject: ALERTS[1]?.id }]);
  });

  it('goes on when the alert is only seen again', async () => {
    await using screen = await openAlerts();
    screen.open('a');
    screen.engine.putAlert({ ...critical(), count: 15, lastSeenAtMs: NOW_MS });
    await screen.advance(1_000);
    expect(screen.state.dialog?.moved).toBeUndefined();
  });

  it('asks again when the level has risen while the dialog was open', async () => {
    await using screen = await openAlerts();
    screen.type('j');
    screen.open('a');
    const known = ALERTS[1];
    if (known !== undefined) screen.engine.putAlert({ ...known, level: 'CRITICAL' });
    await screen.advance(1_000);
    expect(screen.state.dialog?.moved).toEqual({ was: 'ERROR', now: 'CRITICAL' });
  });

  it('can only be left when the alert has ended meanwhile', async () => {
    await using screen = await openAlerts();
    screen.open('a');
    screen.type(REASON);
    screen.engine.putAlert({ ...critical(), state: 'resolved', resolvedAtMs: NOW_MS });
    await screen.advance(1_000);
    expect(screen.state.dialog?.step).toEqual({ kind: 'obsolete', problem: 'this alert is over' });
    screen.press('y', 'enter');
    expect(screen.engine.requests).toEqual([]);
    expect(screen.state.dialog).toBeUndefined();
  });

  it('shows that somebody else was faster', async () => {
    await using screen = await openAlerts();
    screen.engine.hold = true;
    screen.open('a');
    screen.type(REASON);
    screen.press('enter');
    await screen.advance(400);
    screen.press('y');
    screen.engine.putAlert({ ...critical(), state: 'acknowledged', acknowledgedBy: 'bob' });
    screen.engine.release();
    await screen.settle();
    expect(screen.state.dialog?.step).toMatchObject({ kind: 'refused', code: 'BAT-0601' });
  });

  it('is not done twice when the answer was lost', async () => {
    await using screen = await openAlerts();
    screen.engine.loseNextAct = 'after';
    await screen.perform('a');
    expect(screen.state.dialog?.step.kind).toBe('unknown');
    await screen.advance(400);
    screen.press('y');
    await screen.settle();
    expect(screen.engine.effects).toHaveLength(1);
    expect(screen.engine.requests.map(({ requestId }) => requestId)).toEqual(['request-1', 'request-1']);
  });

  it('does not exist on other screens and on one that is read-only', async () => {
    await using screen = await RecordedScreen.open();
    for (const place of ['1', '3', '4', '5']) screen.press(place, 'a', 'u');
    expect(screen.state.dialog).toBeUndefined();
    await using viewer = await openAlerts({ readOnly: true });
    viewer.press('a');
    expect(viewer.state.dialog).toBeUndefined();
    expect(viewer.state.flash?.text).toContain('read-only');
  });

  it('is disabled with the reason while there is no connection', async () => {
    await using screen = await openAlerts();
    screen.engine.lose();
    await screen.settle();
    screen.press('a');
    expect(screen.state.dialog).toBeUndefined();
    expect(screen.state.flash?.text).toContain('connection lost');
  });
});

describe('what is asked besides the feed', () => {
  it('reads the notices of every alert on the screen, and again while one is waiting', async () => {
    await using screen = await openAlerts();
    await screen.settle();
    expect([...screen.state.asked.alerts.keys()].sort()).toEqual(ALERTS.map(({ id }) => id));
    const before = screen.state.asked.alerts.get(CRITICAL);
    const calm = screen.state.asked.alerts.get(ALERTS[1]?.id ?? '');
    await screen.advance(3_000);
    expect(screen.state.asked.alerts.get(CRITICAL)).not.toBe(before);
    expect(screen.state.asked.alerts.get(ALERTS[1]?.id ?? '')).toBe(calm);
  });

  it('shows what is silenced as long as it is', async () => {
    await using screen = await openAlerts();
    const height = layoutOf(screen.state).news;
    screen.engine.silences = [
      {
        id: 'silence-1',
        matchers: ['job=prices'],
        createdBy: 'bob',
        reason: 'the venue moves its servers',
        startsAtMs: NOW_MS - 1,
        endsAtMs: NOW_MS + 60_000,
        active: true,
      },
    ];
    await screen.advance(3_000);
    screen.engine.beat();
    await screen.settle();
    await screen.advance(2_000);
    expect(layoutOf(screen.state).news).toBe(height + 1);
    const shown = channelLines(screen.state, height + 1).map(({ spans }) =>
      spans.map(({ text }) => text).join(''),
    );
    expect(shown.at(-1)).toBe(
      'SILENCED 1  6 shows: job=prices until 14:06:21 by bob: "the venue moves its servers"',
    );
    await screen.advance(60_000);
    expect(layoutOf(screen.state).news).toBe(height);
  });

  it('shows ended alerts of the history, and none as open that the engine no longer counts', async () => {
    await using screen = await openAlerts();
    const states = screen.state.alerts.ids.map(
      (id) => screen.state.world.alerts.find((alert) => alert.id === id)?.state,
    );
    expect(states).toEqual(['firing', 'firing', 'acknowledged', 'firing', 'resolved', 'resolved']);
  });

  it('reads the backups again when a keep target has ended', async () => {
    await using screen = await RecordedScreen.open();
    expect(screen.state.asked.backups).toBe(BACKUPS);
    screen.engine.backups = { ...BACKUPS, atMs: NOW_MS };
    screen.engine.change('month-close', { kind: 'keep', lastEndedAtMs: NOW_MS });
    await screen.settle();
    await screen.advance(1_000);
    expect(screen.state.asked.backups?.atMs).toBe(NOW_MS);
  });

  it('asks for the account of the day only on the Health screen', async () => {
    await using screen = await RecordedScreen.open();
    expect(screen.state.asked.health).toBeUndefined();
    screen.press('5');
    await screen.settle();
    expect(screen.state.asked.health?.checks[0]?.day?.pass).toBe(97.5);
  });
});

describe('the lists of alerts and checks', () => {
  it('keep the selected alert when others come and go', async () => {
    await using screen = await openAlerts();
    screen.type('jj');
    const selected = screen.state.alerts.place.selectedId;
    screen.engine.putAlert(alertView('new', { level: 'CRITICAL' }));
    screen.engine.putAlert({ ...critical(), state: 'resolved', resolvedAtMs: NOW_MS });
    await screen.settle();
    await screen.advance(1_000);
    expect(screen.state.alerts.place.selectedId).toBe(selected);
    expect(screen.state.alerts.ids[0]).toBe('new');
  });

  it('are filtered by field and by problem', async () => {
    await using screen = await openAlerts();
    screen.type('/level:crit\r');
    expect(screen.state.alerts.ids).toHaveLength(2);
    screen.press('!');
    expect(screen.state.alerts.ids).toEqual([CRITICAL]);
    screen.press('5', '/');
    screen.type('status:unknown\r');
    expect(screen.state.health.ids).toEqual(['sheets', 'tls-venue']);
  });

  it('say since when an unknown check has had no data, and of a stale one when it last had', async () => {
    await using screen = await RecordedScreen.open({ size: { columns: 120, rows: 40 } });
    const text = () => paintScreen(screen.state, MONO).rows.map((row) => stripVTControlCharacters(row.text));
    screen.press('5');
    await screen.settle();
    const row = (id: string) => text().find((line) => line.includes(`UNKNOWN ${id}`));
    expect(row('tls-venue')).toMatch(/14:05:01 {2}25m \[isolated\]/);
    expect(row('sheets')).toMatch(/13:51:21 {2}14m too old a look/);
    screen.type('j');
    expect(text()).toContainEqual(expect.stringMatching(/^no data for 14m, last at 13:51:21 /));
    screen.type('j');
    expect(text()).toContainEqual(expect.stringMatching(/^no data for 25m, last at 13:40:21 /));
  });

  it('turn a check to UNKNOWN when its last look is too old, without any message', async () => {
    await using screen = await RecordedScreen.open();
    screen.engine.putCheck(checkView('broker_heartbeat', { staleAtMs: NOW_MS + 5_000 }));
    screen.press('5');
    await screen.settle();
    await screen.advance(1_000);
    expect(screen.state.health.ids.indexOf('broker_heartbeat')).toBeGreaterThan(2);
    await screen.advance(5_000);
    expect(screen.state.health.ids.slice(0, 3)).toContain('broker_heartbeat');
  });
});
