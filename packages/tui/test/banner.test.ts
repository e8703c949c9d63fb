import { describe, expect, it } from 'vitest';
import { bannerLine, headerLine, tabsLine } from '../src/present/header.ts';
import type { Line } from '../src/present/line.ts';
import { layoutOf } from '../src/state/selectors.ts';
import { RecordedEngine } from './recorded-client.ts';
import { snapshotOf } from './recorded-data.ts';
import { RecordedScreen } from './recorded-screen.ts';
import { alertView, checkView, NOW_MS } from './recorded-watch.ts';

function textOf(line: Line | undefined): string | undefined {
  return line?.spans.map(({ text }) => text).join('');
}

/** An engine with nothing wrong. */
function calmEngine(): RecordedEngine {
  const checks = [checkView('store', { critical: true })];
  const health = { atMs: NOW_MS, status: 'pass' as const, isolated: false, checks };
  const engine = new RecordedEngine({ ...snapshotOf(), alerts: [], alertCount: 0, health });
  engine.backups = { configured: false, sources: [], backups: [], notes: [], drills: [] };
  return engine;
}

const CRITICAL = alertView('c', { level: 'CRITICAL', title: 'the store cannot be written' });

describe('the banner about critical alerts', () => {
  it('stands on every screen while nobody has taken one, and goes when somebody has', async () => {
    const engine = calmEngine();
    await using screen = await RecordedScreen.open({ engine });
    expect(bannerLine(screen.state)).toBeUndefined();
    engine.putAlert(CRITICAL);
    await screen.settle();
    await screen.advance(1_000);
    for (const key of ['1', '2', '3', '4', '5', '?']) {
      screen.press(key);
      expect(layoutOf(screen.state).banner).toBe(1);
      expect(textOf(bannerLine(screen.state))).toContain('the store cannot be written');
    }
    engine.putAlert({ ...CRITICAL, state: 'acknowledged', acknowledgedBy: 'bob' });
    await screen.settle();
    await screen.advance(1_000);
    expect(layoutOf(screen.state).banner).toBe(0);
  });

  it('gives way to what is wrong with the connection itself', async () => {
    const engine = calmEngine();
    engine.putAlert(CRITICAL);
    await using screen = await RecordedScreen.open({ engine });
    engine.lose();
    await screen.settle();
    expect(textOf(bannerLine(screen.state))).toContain('LOST');
  });

  it('is not for an alert that is graver than none but not critical', async () => {
    const engine = calmEngine();
    engine.putAlert({ ...CRITICAL, level: 'ERROR' });
    await using screen = await RecordedScreen.open({ engine });
    expect(bannerLine(screen.state)).toBeUndefined();
    expect(textOf(tabsLine(screen.state))).toContain('2 Alerts ERROR 1');
  });
});

describe('the worst state', () => {
  it('stands in the only line that 40 columns have for it', async () => {
    const engine = calmEngine();
    await using screen = await RecordedScreen.open({ engine, size: { columns: 40, rows: 10 } });
    expect(textOf(headerLine(screen.state))).toMatch(/BAD 4 +14:05$/u);
    engine.putCheck(checkView('store', { critical: true, status: 'fail' }));
    await screen.settle();
    await screen.advance(1_000);
    expect(textOf(headerLine(screen.state))).toContain('HLT FAIL');
    engine.putAlert(CRITICAL);
    await screen.settle();
    await screen.advance(1_000);
    expect(textOf(headerLine(screen.state))).toContain('CRIT 1');
  });

  it('of checks and backups stands beside the names of their screens', async () => {
    const engine = calmEngine();
    engine.backups = { ...engine.backups, configured: true, sources: [{ id: 'desk', path: '/desk' }] };
    engine.putCheck(checkView('disk', { status: 'warn' }));
    await using screen = await RecordedScreen.open({ engine });
    expect(textOf(tabsLine(screen.state))).toMatch(
      /2 Alerts {3}3 Executions {3}4 Backups NONE {3}5 Health WARN/u,
    );
  });
});
