import { describe, expect, it } from 'vitest';
import { RecordedEngine } from './recorded-client.ts';
import { executionId, NOW_MS, snapshotOf, TARGETS, targetView } from './recorded-data.ts';
import { RecordedScreen } from './recorded-screen.ts';

const REASON = 'vendor confirmed the fix';

describe('an act from the Targets screen', () => {
  it('sends the id and revision that were pinned when the dialog opened, with the reason and a request id', async () => {
    await using screen = await RecordedScreen.open();
    screen.select('feed-heartbeat-kraken');
    await screen.perform('p', `  ${REASON}  `);
    expect(screen.engine.requests).toEqual([
      {
        act: 'pause',
        subject: 'feed-heartbeat-kraken',
        reason: REASON,
        requestId: 'request-1',
        expectedRevision: 980,
      },
    ]);
    expect(screen.state.dialog).toBeUndefined();
    expect(screen.state.flash?.text).toBe('accepted, audit 55214: pause feed-heartbeat-kraken · effect seen');
  });

  it.each([
    ['r', 'ledger-sync-kraken', 'run', 'ledger-sync-kraken'],
    ['p', 'reconcile-kraken', 'resume', 'reconcile-kraken'],
    ['c', 'ledger-sync-kraken', 'reset', 'ledger-sync-kraken'],
    ['x', 'prices-kraken-replay', 'stop', executionId(2)],
  ])('%s on %s asks the engine to %s', async (key, target, act, subject) => {
    await using screen = await RecordedScreen.open();
    screen.select(target);
    await screen.perform(key);
    expect(screen.engine.effects).toMatchObject([{ act, subject }]);
    expect(screen.state.flash?.tone).toBe('good');
  });

  it('keeps its target when the list is reordered under the open dialog', async () => {
    await using screen = await RecordedScreen.open();
    screen.select('orderbook-gemini');
    screen.open('p');
    const before = screen.state.targets.ids;
    screen.engine.change('orderbook-upbit', { consecutiveErrors: 3, lastStatus: 'FAILED' });
    screen.engine.change('orderbook-bithumb', { consecutiveErrors: 2, lastStatus: 'FAILED' });
    await screen.advance(6_000);
    expect(screen.state.targets.ids).toEqual(before);
    screen.type(REASON);
    screen.press('enter');
    await screen.advance(400);
    screen.press('y');
    await screen.settle();
    expect(screen.engine.effects).toMatchObject([{ act: 'pause', subject: 'orderbook-gemini' }]);
    await screen.advance(6_000);
    expect(screen.state.targets.ids).not.toEqual(before);
    expect(screen.state.targets.place.selectedId).toBe('orderbook-gemini');
  });

  it('keeps the selected id when the list moves before the key is pressed', async () => {
    await using screen = await RecordedScreen.open();
    screen.select('orderbook-gemini');
    screen.engine.change('orderbook-upbit', { consecutiveErrors: 3, lastStatus: 'FAILED' });
    await screen.advance(6_000);
    expect(screen.state.targets.ids[2]).not.toBe('orderbook-gemini');
    screen.press('p');
    expect(screen.state.dialog?.subjectId).toBe('orderbook-gemini');
  });
});

describe('confirming', () => {
  it('drops everything typed ahead within 400 ms of opening', async () => {
    await using screen = await RecordedScreen.open();
    screen.type('rvendor confirmed the fix\ryyy');
    expect(screen.state.dialog?.field.letters).toEqual([]);
    screen.clock.advance(399);
    screen.type('x');
    expect(screen.state.dialog?.field.letters).toEqual([]);
    screen.clock.advance(1);
    screen.type('x');
    expect(screen.state.dialog?.field.letters).toEqual(['x']);
    expect(screen.engine.requests).toEqual([]);
  });

  it('is deaf again after Enter, so that Enter and y in one breath do nothing', async () => {
    await using screen = await RecordedScreen.open();
    screen.open('r');
    screen.type(`${REASON}\ryyyy`);
    await screen.settle();
    expect(screen.state.dialog?.step.kind).toBe('review');
    expect(screen.engine.requests).toEqual([]);
  });

  it('takes only y: Enter, space, the starting key and every other letter do nothing', async () => {
    await using screen = await RecordedScreen.open();
    screen.open('r');
    screen.type(REASON);
    screen.press('enter');
    screen.clock.advance(400);
    screen.press('enter', 'enter', 'space', 'r', 'Y', 'p', 'j', 'tab', 'up', 'ctrl-d');
    await screen.settle();
    expect(screen.engine.requests).toEqual([]);
    expect(screen.state.dialog?.step.kind).toBe('review');
    screen.press('y');
    await screen.settle();
    expect(screen.engine.effects).toHaveLength(1);
  });

  it('sends one request for y pressed many times', async () => {
    await using screen = await RecordedScreen.open();
    screen.engine.hold = true;
    await screen.perform('r');
    screen.type('yyyyyy');
    await screen.settle();
    screen.engine.release();
    await screen.settle();
    expect(screen.engine.requests).toHaveLength(1);
  });

  it.each(['n', 'esc'])('%s drops the act', async (key) => {
    await using screen = await RecordedScreen.open();
    screen.open('r');
    screen.type(REASON);
    screen.press('enter');
    screen.clock.advance(400);
    screen.press(key, 'y');
    await screen.settle();
    expect(screen.engine.requests).toEqual([]);
    expect(screen.state.dialog).toBeUndefined();
  });

  it('takes Escape glued to y as Escape', async () => {
    await using screen = await RecordedScreen.open();
    screen.open('r');
    screen.type(REASON);
    screen.press('enter');
    screen.clock.advance(400);
    screen.type('\u001by');
    await screen.settle();
    expect(screen.engine.requests).toEqual([]);
  });

  it.each([
    ['', 'nothing'],
    ['fix fix', 'six characters'],
    ['a b c d e f g h i', 'nine characters and spaces'],
  ])('refuses to review the reason "%s" (%s)', async (reason) => {
    await using screen = await RecordedScreen.open();
    screen.open('r');
    screen.type(reason);
    screen.press('enter');
    expect(screen.state.dialog?.step.kind).toBe('reason');
  });

  it('counts Hangul letters of a reason as a person does', async () => {
    await using screen = await RecordedScreen.open();
    screen.open('r');
    screen.type('거래소 점검 종료 확인함');
    screen.press('enter');
    expect(screen.state.dialog?.step.kind).toBe('review');
  });

  it('does nothing in a terminal that is too small to show what is confirmed', async () => {
    await using screen = await RecordedScreen.open();
    screen.open('r');
    screen.type(REASON);
    screen.press('enter');
    screen.clock.advance(400);
    screen.feed.act({ kind: 'resize', size: { columns: 39, rows: 10 } });
    screen.press('y');
    await screen.settle();
    expect(screen.engine.requests).toEqual([]);
  });
});

describe('a target that moves on while its dialog is open', () => {
  it('takes routine revisions along, so that a target that runs every second can be steered', async () => {
    await using screen = await RecordedScreen.open();
    screen.select('orderbook-upbit');
    screen.open('p');
    screen.type(REASON);
    screen.press('enter');
    for (let run = 0; run < 5; run++) {
      screen.engine.change('orderbook-upbit', { lastEndedAtMs: NOW_MS + run * 1_000 });
      await screen.advance(1_000);
    }
    expect(screen.state.dialog?.moved).toBeUndefined();
    screen.press('y');
    await screen.settle();
    expect(screen.engine.effects).toMatchObject([{ act: 'pause', expectedRevision: 105 }]);
  });

  it('asks again when what the decision rests on has changed', async () => {
    await using screen = await RecordedScreen.open();
    screen.select('orderbook-upbit');
    screen.open('r');
    screen.type(REASON);
    screen.press('enter');
    await screen.advance(1_000);
    screen.engine.change('orderbook-upbit', {
      pause: { operatorId: 'bob', atMs: NOW_MS, reason: 'bob was faster' },
    });
    await screen.settle();
    expect(screen.state.dialog?.moved).toEqual({
      was: 'not paused',
      now: 'paused by bob',
    });
    screen.press('y');
    await screen.settle();
    expect(screen.engine.requests).toEqual([]);
    await screen.advance(400);
    screen.press('y');
    await screen.settle();
    expect(screen.engine.effects).toMatchObject([{ act: 'run', expectedRevision: 101 }]);
  });

  it('shows a refused revision and asks again under a new request id', async () => {
    await using screen = await RecordedScreen.open();
    screen.select('orderbook-upbit');
    screen.engine.hold = true;
    await screen.perform('p');
    screen.engine.change('orderbook-upbit', {});
    screen.engine.release();
    await screen.settle();
    expect(screen.engine.effects).toEqual([]);
    expect(screen.state.dialog?.step.kind).toBe('review');
    expect(screen.state.dialog?.moved?.now).toContain('revision 101');
    screen.press('y');
    await screen.settle();
    expect(screen.engine.effects).toEqual([]);
    await screen.advance(400);
    screen.press('y');
    await screen.settle();
    expect(screen.engine.effects).toMatchObject([
      { act: 'pause', expectedRevision: 101, requestId: 'request-2' },
    ]);
  });

  it('leaves nothing to confirm when the run to stop has ended', async () => {
    await using screen = await RecordedScreen.open();
    screen.select('prices-kraken-replay');
    screen.open('x');
    screen.type(REASON);
    screen.press('enter');
    await screen.advance(1_000);
    screen.engine.drop('prices-kraken-replay', 'running');
    await screen.settle();
    expect(screen.state.dialog?.step).toEqual({ kind: 'obsolete', problem: 'not running' });
    await screen.advance(400);
    screen.press('y');
    await screen.settle();
    expect(screen.engine.requests).toEqual([]);
  });

  it('never stops the next run of the same target', async () => {
    await using screen = await RecordedScreen.open();
    screen.select('prices-kraken-replay');
    screen.open('x');
    const next = {
      executionId: executionId(77),
      runType: 'AUTO' as const,
      startedAtMs: NOW_MS,
      stopping: false,
    };
    screen.engine.change('prices-kraken-replay', { running: next });
    await screen.advance(1_000);
    expect(screen.state.dialog?.step).toEqual({ kind: 'obsolete', problem: 'this run has ended' });
  });

  it('drops the dialog when another engine process answers', async () => {
    await using screen = await RecordedScreen.open();
    screen.open('r');
    screen.engine.restart('another-boot');
    await screen.settle();
    await screen.advance(12_000);
    expect(screen.state.link.kind).toBe('live');
    expect(screen.state.dialog).toBeUndefined();
    expect(screen.state.flash?.text).toContain('restarted');
  });
});

describe('a connection that is lost', () => {
  it.each(['before', 'after'] as const)(
    '%s the act was done: unknown, never sent again by itself, resolved by the same request id',
    async (when) => {
      await using screen = await RecordedScreen.open();
      screen.select('orderbook-upbit');
      screen.engine.loseNextAct = when;
      await screen.perform('p');
      expect(screen.state.dialog?.step.kind).toBe('unknown');
      screen.engine.lose();
      await screen.advance(1_000);
      expect(screen.state.link.kind).toBe('lost');
      screen.press('y');
      await screen.settle();
      expect(screen.engine.requests).toHaveLength(1);
      screen.engine.down = false;
      await screen.advance(30_000);
      expect(screen.state.link.kind).toBe('live');
      expect(screen.engine.requests).toHaveLength(1);
      screen.press('y');
      await screen.settle();
      expect(screen.engine.requests.map(({ requestId }) => requestId)).toEqual(['request-1', 'request-1']);
      expect(screen.engine.effects).toHaveLength(1);
      expect(screen.state.dialog).toBeUndefined();
      expect(screen.state.flash?.text).toContain(
        when === 'after' ? 'accepted before, not done twice' : 'accepted, audit',
      );
    },
  );

  it('disables every act and says why', async () => {
    await using screen = await RecordedScreen.open();
    screen.engine.lose();
    await screen.settle();
    screen.press('r');
    expect(screen.state.dialog).toBeUndefined();
    expect(screen.state.flash?.text).toBe('r run: connection lost');
  });

  it('sends nothing from a dialog that was open when it happened', async () => {
    await using screen = await RecordedScreen.open();
    screen.open('r');
    screen.type(REASON);
    screen.press('enter');
    screen.engine.lose();
    await screen.advance(400);
    screen.press('y');
    await screen.settle();
    expect(screen.engine.requests).toEqual([]);
    expect(screen.state.dialog?.step.kind).toBe('review');
  });
});

describe('what an act is refused for', () => {
  it.each([
    ['x', 'ledger-sync-kraken', 'x stop: not running'],
    ['c', 'orderbook-upbit', 'c clear errors: no errors'],
    ['r', 'prices-kraken-replay', 'r run: already running'],
  ])('%s on %s says "%s"', async (key, target, text) => {
    await using screen = await RecordedScreen.open();
    screen.select(target);
    screen.press(key);
    expect(screen.state.dialog).toBeUndefined();
    expect(screen.state.flash?.text).toBe(text);
  });

  it('refuses every act on a read-only screen', async () => {
    await using screen = await RecordedScreen.open({ readOnly: true });
    for (const key of ['r', 'p', 'x', 'c']) {
      screen.press(key);
      expect(screen.state.dialog).toBeUndefined();
      expect(screen.state.flash?.text).toContain('read-only');
    }
  });

  it('shows the code and text of the engine', async () => {
    const engine = new RecordedEngine(snapshotOf([...TARGETS, targetView('soon-gone')]));
    await using screen = await RecordedScreen.open({ engine });
    screen.select('prices-kraken-replay');
    screen.engine.hold = true;
    await screen.perform('x');
    screen.engine.drop('prices-kraken-replay', 'running');
    screen.engine.release();
    await screen.settle();
    expect(screen.state.dialog?.step).toMatchObject({ kind: 'refused', code: 'BAT-0102' });
    screen.press('esc');
    expect(screen.state.dialog).toBeUndefined();
  });
});

describe('text fields', () => {
  it('have no action keys', async () => {
    await using screen = await RecordedScreen.open();
    screen.press('/');
    screen.type('rpxcyqF!?13');
    expect(screen.state.dialog).toBeUndefined();
    expect(screen.effects).toEqual([]);
    expect(screen.state.targets.filter.text).toBe('rpxcyqF!?13');
  });

  it('take pasted text; elsewhere it is dropped with a notice', async () => {
    await using screen = await RecordedScreen.open();
    screen.control.paste('rrr\ny');
    expect(screen.state.dialog).toBeUndefined();
    expect(screen.state.flash?.text).toContain('dropped');
    screen.open('r');
    screen.control.paste('vendor\nconfirmed the fix\u001b[31m\u0007');
    expect(screen.state.dialog?.field.letters.join('')).toBe('vendor confirmed the fix[31m');
    screen.press('enter');
    screen.clock.advance(400);
    screen.control.paste('y');
    await screen.settle();
    expect(screen.engine.requests).toEqual([]);
  });
});
