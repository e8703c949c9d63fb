import type { TargetView } from '@qts-ops/core/client';
import { describe, expect, it } from 'vitest';
import { RecordedEngine } from '../test/recorded-client.ts';
import { snapshotOf, targetView } from '../test/recorded-data.ts';
import { checkView } from '../test/recorded-watch.ts';
import { printPlain } from './plain.ts';

async function print(engine: RecordedEngine, json = false) {
  const texts = { out: '', err: '' };
  const exitCode = await printPlain({
    client: engine.connect(),
    endpoint: 'engine.sock',
    json,
    columns: 120,
    unicode: false,
    out: (text) => {
      texts.out += text;
    },
    err: (text) => {
      texts.err += text;
    },
  });
  return { exitCode, ...texts };
}

const failing: Partial<TargetView> = { consecutiveErrors: 1, lastStatus: 'FAILED' };
const suspended: Partial<TargetView> = { breaker: { kind: 'open', sinceMs: 0, cooldownMs: 1 } };
const stopped: Partial<TargetView> = { lastStatus: 'STOPPED' };

describe('the plain snapshot', () => {
  it.each([
    ['ok', {}, checkView('feed', { status: 'fail' }), 0],
    ['warn', stopped, checkView('feed'), 1],
    ['fail', failing, checkView('feed'), 2],
    ['fail', suspended, checkView('feed'), 2],
    ['fail', {}, checkView('broker', { critical: true, status: 'fail' }), 2],
  ])('exits for %s with its code', async (verdict, change, check, exitCode) => {
    const snapshot = snapshotOf([targetView('a'), targetView('b', change)]);
    const engine = new RecordedEngine({ ...snapshot, health: { ...snapshot.health, checks: [check] } });
    const printed = await print(engine, true);
    expect(printed.exitCode).toBe(exitCode);
    expect(JSON.parse(printed.out)).toMatchObject({ verdict, engine: { instance: 'seoul-1' } });
  });

  it('exits with 3 and says why when nobody answers', async () => {
    const engine = new RecordedEngine();
    engine.down = true;
    expect(await print(engine)).toMatchObject({
      exitCode: 3,
      out: '',
      err: expect.stringContaining('EXT-0105'),
    });
    expect(JSON.parse((await print(engine, true)).out)).toMatchObject({ verdict: 'unknown' });
  });

  it('is plain text: no escape, no control character', async () => {
    const engine = new RecordedEngine(
      snapshotOf([targetView('evil\u001b[2J', { ...failing, lastErrorMessage: '\u001b]0;x\u0007\u202e' })]),
    );
    const { out } = await print(engine);
    expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(out).toContain('X FAIL');
    expect(out).toContain('\nalerts 4 open, CRITICAL 1, ERROR 1  health FAIL\n');
  });
});
