import { describe, expect, it } from 'vitest';
import { RecordedEngine } from '../test/recorded-client.ts';
import { RecordedScreen } from '../test/recorded-screen.ts';
import { BACKOFF_MOST_MS, backoffMs } from './connect.ts';

describe('the connection', () => {
  it('waits longer and longer, at most ten seconds, with half left to chance', () => {
    expect([1, 2, 3, 4, 5, 6, 60].map((attempt) => backoffMs(attempt, 1))).toEqual([
      500,
      1_000,
      2_000,
      4_000,
      8_000,
      BACKOFF_MOST_MS,
      BACKOFF_MOST_MS,
    ]);
    expect(backoffMs(1, 0)).toBe(250);
  });

  it('shows that it is connecting, to where, the attempt and what is wrong, and goes on trying for ever', async () => {
    const engine = new RecordedEngine();
    engine.down = true;
    await using screen = await RecordedScreen.open({ engine });
    expect(screen.state.link).toMatchObject({
      kind: 'connecting',
      attempt: 1,
      problem: expect.stringContaining('EXT-0105'),
    });
    for (let hour = 0; hour < 100; hour++) await screen.advance(BACKOFF_MOST_MS);
    expect(screen.state.link).toMatchObject({ kind: 'connecting' });
    engine.down = false;
    await screen.advance(BACKOFF_MOST_MS);
    expect(screen.state.link.kind).toBe('live');
    expect(screen.state.world.targets.size).toBe(14);
  });

  it('keeps the data of a lost engine, counts from the moment of the loss, and comes back by itself', async () => {
    await using screen = await RecordedScreen.open();
    screen.engine.lose();
    await screen.settle();
    const lostAtMs = screen.clock.nowMs();
    await screen.advance(30_000);
    expect(screen.state.link).toMatchObject({ kind: 'lost', sinceMs: lostAtMs });
    expect(screen.state.world.targets.size).toBe(14);
    screen.engine.down = false;
    await screen.advance(BACKOFF_MOST_MS);
    expect(screen.state.link.kind).toBe('live');
  });

  it('tries at once on ctrl-r', async () => {
    await using screen = await RecordedScreen.open();
    screen.engine.lose();
    await screen.settle();
    screen.engine.down = false;
    screen.press('ctrl-r');
    await screen.settle();
    expect(screen.state.link.kind).toBe('live');
  });

  it('tries less than three times in ten seconds once it has waited long', async () => {
    const engine = new RecordedEngine();
    engine.down = true;
    let tries = 0;
    const connect = engine.connect;
    engine.connect = () => {
      tries += 1;
      return connect();
    };
    await using screen = await RecordedScreen.open({ engine });
    for (let second = 0; second < 60; second++) await screen.advance(1_000);
    const before = tries;
    for (let second = 0; second < 10; second++) await screen.advance(1_000);
    expect(tries - before).toBeLessThan(3);
  });
});
