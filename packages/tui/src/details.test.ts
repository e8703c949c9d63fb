import { describe, expect, it } from 'vitest';
import { executionId, NOW_MS } from '../test/recorded-data.ts';
import { RecordedScreen } from '../test/recorded-screen.ts';
import { emptyOutput, LINES_KEPT, withChunk } from './details.ts';

const chunk = (text: string, ended = false) => ({ text, nextOffset: text.length, missedBytes: 0, ended });

describe('details', () => {
  it('are read for the selected target after the hand has rested, not for every row it passes', async () => {
    await using screen = await RecordedScreen.open();
    await screen.advance(200);
    expect(screen.state.subject?.targetId).toBe('ledger-sync-kraken');
    screen.type('jjjj');
    await screen.settle();
    expect(screen.state.subject?.targetId).toBe('ledger-sync-kraken');
    await screen.advance(200);
    expect(screen.state.subject).toMatchObject({
      targetId: 'reconcile-kraken',
      detail: { day: { runs: 8614 } },
    });
  });

  it('are read again when the target has changed, at most every two seconds', async () => {
    await using screen = await RecordedScreen.open();
    await screen.advance(200);
    screen.engine.change('ledger-sync-kraken', { consecutiveErrors: 0, lastStatus: 'SUCCESS' });
    await screen.advance(1_000);
    expect(screen.state.subject?.detail?.revision).toBe(4711);
    await screen.advance(1_100);
    expect(screen.state.subject?.detail?.revision).toBe(4712);
  });

  it('show the last acts of all operators, and those that come after', async () => {
    await using screen = await RecordedScreen.open();
    expect(screen.state.world.acts[0]).toMatchObject({ seq: 55_213, operatorId: 'bob' });
    screen.select('orderbook-upbit');
    await screen.perform('p');
    await screen.advance(500);
    expect(screen.state.world.acts[0]).toMatchObject({
      seq: 55_214,
      operatorId: 'alice',
      auditType: 'TARGET_PAUSE',
    });
  });
});

describe('the log of an execution', () => {
  it('is opened from a target and shows what the run wrote, cleaned', async () => {
    await using screen = await RecordedScreen.open();
    screen.press('l');
    await screen.settle();
    const { output } = screen.state;
    expect(output).toMatchObject({ executionId: executionId(1), ended: true });
    expect(output?.lines).toContain('2026-11-20 13:55:00 INFO  reading trades of account 7');
    expect(output?.lines.join('')).not.toContain('\u001b');
  });

  it('follows a running execution until it has ended', async () => {
    await using screen = await RecordedScreen.open();
    screen.select('prices-kraken-replay');
    screen.press('l');
    await screen.settle();
    expect(screen.state.output).toMatchObject({ ended: false, detail: { status: 'RUNNING' } });
    const running = screen.engine.snapshot.executions.find(({ id }) => id === executionId(2));
    if (running === undefined) throw new Error('the recorded run is missing');
    screen.engine.execute({ ...running, status: 'SUCCESS', endedAtMs: NOW_MS + 1_000 });
    await screen.advance(1_100);
    await screen.advance(1_100);
    expect(screen.state.output).toMatchObject({ ended: true, detail: { status: 'SUCCESS' } });
  });

  it('stops following when one moves up, and follows again at the end', async () => {
    await using screen = await RecordedScreen.open({ size: { columns: 80, rows: 14 } });
    screen.press('l');
    await screen.settle();
    expect(screen.state.pages[0]).toMatchObject({ kind: 'log', follow: true });
    screen.press('k');
    expect(screen.state.pages[0]).toMatchObject({ follow: false });
    screen.press('G');
    expect(screen.state.pages[0]).toMatchObject({ follow: true });
  });
});

describe('pieces of output', () => {
  it('keep the beginning of a line until its end arrives', () => {
    const first = withChunk(emptyOutput('x'), chunk('one\ntw'));
    expect(first).toMatchObject({ lines: ['one'], rest: 'tw' });
    expect(withChunk(first, chunk('o\n'))).toMatchObject({ lines: ['one', 'two'], rest: '' });
  });

  it('show a progress line as a terminal would leave it', () => {
    expect(withChunk(emptyOutput('x'), chunk('10 %\r20 %\r30 %\r\nnext\n')).lines).toEqual(['30 %', 'next']);
  });

  it('are bounded, and the dropped lines are counted', () => {
    const output = withChunk(emptyOutput('x'), chunk('line\n'.repeat(LINES_KEPT + 7)));
    expect(output.lines).toHaveLength(LINES_KEPT);
    expect(output.droppedLines).toBe(7);
  });
});
