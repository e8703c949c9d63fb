import { expect, it } from 'vitest';
import { sampleAlert, sampleNotice } from '../../testing/describe-store-alerts.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import type { OutboxRow } from '../../watch/alerts/outbox.ts';
import { NOTICE_MOVES_MAX, NoticeMoves } from './notice-moves.ts';
import { WatchBoard } from './watch-board.ts';

const moves = (row: OutboxRow) =>
  ({ kind: 'outbox.update', expect: { status: 'pending', revision: 0 }, row, atMs: 0 }) as const;
const made = (row: OutboxRow, ...alertIds: readonly string[]) =>
  ({ kind: 'outbox.insert', row, alertIds }) as const;

it('says of which alerts a notice moved, of all of a bundle, and never the same instant twice', () => {
  const notices = new NoticeMoves();
  const row = sampleNotice('n', 1, { firstAlertId: 'a' });
  notices.note(made(row, 'a', 'b'), 1000);
  notices.note({ kind: 'outbox.join', rowId: 'n', alertId: 'c' }, 1000);
  expect([...notices.take()].toSorted()).toEqual(['a', 'b', 'c']);
  notices.note(moves({ ...row, status: 'sent', endedAtMs: 1000 }), 1000);
  expect([...notices.take()].toSorted()).toEqual(['a', 'b', 'c']);
  expect(['a', 'b', 'c'].map((id) => notices.lastOf(id))).toEqual([1001, 1001, 1001]);
  expect(notices.waits).toBe(false);
});

it('remembers a bounded number of alerts, and nothing of the log', () => {
  const notices = new NoticeMoves();
  notices.note(made(sampleNotice('log', 1, { channelId: 'log', firstAlertId: 'x' }), 'x'), 1);
  for (let n = 0; n < 2 * NOTICE_MOVES_MAX; n++) {
    notices.note(made(sampleNotice(`n${n}`, n, { firstAlertId: `a${n}` }), `a${n}`), 1000 + n);
  }
  expect(notices.lastOf('x')).toBeUndefined();
  expect(notices.take()).toHaveLength(NOTICE_MOVES_MAX);
});

it('shows an alert once for everything that became of its notices in a quarter of a second', async () => {
  const clock = new VirtualClock();
  const alert = sampleAlert('prices');
  const shown: Array<number | undefined> = [];
  const board = new WatchBoard({
    alerts: { open: () => [alert], find: (id) => (id === alert.id ? alert : undefined) },
    health: { list: () => [], isolated: false },
    clock,
    showAlert: ({ noticesMovedAtMs }) => shown.push(noticesMovedAtMs),
    showCheck: () => undefined,
  });
  const row = sampleNotice('n', 1, { firstAlertId: alert.id });
  board.committed([made(row, alert.id)]);
  board.committed([moves({ ...row, status: 'retry', attempts: 1 })]);
  await clock.advance(249);
  expect(shown).toEqual([]);
  await clock.advance(1);
  expect(shown).toHaveLength(1);
  await clock.advance(10_000);
  board.committed([moves({ ...row, status: 'sent', attempts: 2, endedAtMs: clock.now() })]);
  await clock.advance(250);
  expect(shown).toEqual([expect.any(Number), clock.now() - 250]);
  expect(board.snapshot().alerts).toMatchObject([{ noticesMovedAtMs: clock.now() - 250 }]);
});
