import { describe, expect, it } from 'vitest';
import { flashLine } from '../src/present/footer.ts';
import { headerLine } from '../src/present/header.ts';
import type { Line } from '../src/present/line.ts';
import { logPage } from '../src/present/log-page.ts';
import { executionListLines } from '../src/present/screen-lines.ts';
import { targetPage } from '../src/present/target-pane.ts';
import { currentTarget, layoutOf } from '../src/state/selectors.ts';
import { RecordedEngine } from './recorded-client.ts';
import { ACTS, executionId, NOW_MS } from './recorded-data.ts';
import { MONO, RecordedScreen } from './recorded-screen.ts';

const RUNNING = 'prices-kraken-replay';

function textOf({ spans }: Line): string {
  return spans.map(({ text }) => text).join('');
}

function executionRows(screen: RecordedScreen): readonly string[] {
  return executionListLines(screen.state, layoutOf(screen.state)).map(({ line }) => textOf(line));
}

async function lose(screen: RecordedScreen): Promise<void> {
  screen.engine.lose();
  await screen.settle();
  expect(screen.state.link.kind).toBe('lost');
}

describe('without a connection', () => {
  it('a run that was going on is STALE in the list, and what it was is said', async () => {
    await using screen = await RecordedScreen.open();
    screen.press('3');
    const row = () => executionRows(screen).find((text) => text.includes(RUNNING)) ?? '';
    expect(row()).toContain('RUNNING');
    await lose(screen);
    expect(row()).toMatch(/^[> ] STALE /u);
    expect(row()).toContain('was RUNNING');
  });

  it('its log does not claim to be followed', async () => {
    await using screen = await RecordedScreen.open();
    screen.select(RUNNING);
    screen.press('l');
    await screen.settle();
    const page = () => logPage(screen.state, executionId(2)).map(textOf).join('\n');
    expect(page()).toContain('RUNNING');
    expect(page()).toContain('following');
    await lose(screen);
    expect(page()).toMatch(/STALE +\(was RUNNING\)/u);
    expect(page()).not.toContain('following');
  });

  it('the page of a target says what it was, not what it is', async () => {
    await using screen = await RecordedScreen.open();
    screen.select(RUNNING);
    await lose(screen);
    const target = currentTarget(screen.state);
    if (target === undefined) throw new Error('no target is selected');
    const page = targetPage({ state: screen.state, target, theme: MONO }).map(textOf).join('\n');
    expect(page).toContain('STALE  was RUN: ');
  });

  it('nothing has been read says so, and not that there is nothing', async () => {
    const engine = new RecordedEngine();
    engine.down = true;
    await using screen = await RecordedScreen.open({ engine });
    screen.press('3');
    expect(executionRows(screen).join('\n')).toContain('no data yet from engine.sock');
  });
});

describe('after a connection was lost', () => {
  it('acts of other operators that nobody told are read', async () => {
    await using screen = await RecordedScreen.open();
    await lose(screen);
    const [newest] = ACTS;
    if (newest === undefined) throw new Error('no act is recorded');
    screen.engine.acts = [{ ...newest, seq: 60_000, operatorId: 'carol', atMs: NOW_MS }, ...ACTS];
    screen.engine.down = false;
    await screen.advance(10_000);
    expect(screen.state.world.acts[0]).toMatchObject({ seq: 60_000, operatorId: 'carol' });
  });

  it('details that could not be read are tried again, although the target has not changed', async () => {
    await using screen = await RecordedScreen.open();
    screen.engine.detailsFail = true;
    screen.select('orderbook-upbit');
    await screen.advance(200);
    expect(screen.state.subject?.problem).toContain('did not answer in time');
    screen.engine.detailsFail = false;
    await screen.advance(1_000);
    expect(screen.state.subject?.problem).toBeDefined();
    await screen.advance(1_100);
    expect(screen.state.subject).toMatchObject({
      targetId: 'orderbook-upbit',
      detail: { day: { runs: 8614 } },
    });
    expect(screen.state.subject?.problem).toBeUndefined();
  });
});

describe('in the least terminal', () => {
  const size = { columns: 40, rows: 10 };

  it('the word that says how bad it is stays whole, and the clock gives way', async () => {
    await using screen = await RecordedScreen.open({ size });
    const { engine } = screen.engine.snapshot;
    expect(textOf(headerLine(screen.state))).toMatch(/CRIT 1 +14:05$/u);
    const long = { ...screen.state.world, engine: { ...engine, instance: 'paper-desk-1' } };
    expect(textOf(headerLine({ ...screen.state, world: long }))).toMatch(/BAD \d+ CRIT 1 *$/u);
  });

  it('keys are named while there is nothing else to say', async () => {
    await using screen = await RecordedScreen.open({ size });
    expect(textOf(flashLine(screen.state))).toMatch(/enter detail .*\? help {2}q quit/u);
    screen.press('x');
    expect(textOf(flashLine(screen.state))).toContain('x stop: not running');
  });
});
