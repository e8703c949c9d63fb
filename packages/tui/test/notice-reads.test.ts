import { describe, expect, it } from 'vitest';
import { RecordedScreen } from './recorded-screen.ts';
import { ALERTS, NOW_MS } from './recorded-watch.ts';

const CRITICAL = '01900000-0000-7000-8000-00000000a001';

async function openAlerts(): Promise<RecordedScreen> {
  const screen = await RecordedScreen.open();
  screen.press('2');
  await screen.settle();
  return screen;
}

/** Second by second, so that every question has its turn. */
async function seconds(screen: RecordedScreen, count: number): Promise<void> {
  for (let second = 0; second < count; second++) await screen.advance(1_000);
}

function critical() {
  const found = ALERTS.find(({ id }) => id === CRITICAL);
  if (found === undefined) throw new Error('no critical alert is recorded');
  return found;
}

describe('what became of the notices of an alert', () => {
  it('is read again when the engine says that one moved, and not by the clock meanwhile', async () => {
    await using screen = await openAlerts();
    await seconds(screen, 2);
    const reads = () => screen.engine.alertReads.filter((id) => id === CRITICAL).length;
    screen.engine.putAlert({ ...critical(), noticesMovedAtMs: NOW_MS + 1 });
    await seconds(screen, 4);
    const before = reads();
    await seconds(screen, 12);
    expect(reads()).toBe(before);
    screen.engine.putAlert({ ...critical(), noticesMovedAtMs: NOW_MS + 2 });
    await seconds(screen, 4);
    expect(reads()).toBe(before + 1);
  });

  it('is read every few seconds while it waits for an engine that does not say so', async () => {
    await using screen = await openAlerts();
    const waiting = screen.engine.alertReads.length;
    await seconds(screen, 12);
    expect(screen.engine.alertReads.length).toBeGreaterThan(waiting);
  });
});
