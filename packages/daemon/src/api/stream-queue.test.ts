import type { AuditView, FeedMessage, OpsSnapshot, TargetView } from '@qts-ops/core/client';
import { describe, expect, it } from 'vitest';
import { StreamQueue } from './stream-queue.ts';

describe('StreamQueue', () => {
  it('sends the snapshot first and numbers what follows without a gap', () => {
    const queue = new StreamQueue();
    queue.push(snapshotAt(10));
    queue.push(targetDelta(11, 'a', 1));
    queue.push(targetDelta(12, 'b', 1));
    expect(takeAll(queue)).toMatchObject([
      { kind: 'snapshot', snapshot: { seq: 10 } },
      { kind: 'delta', delta: { seq: 11, kind: 'target', target: { id: 'a' } } },
      { kind: 'delta', delta: { seq: 12, kind: 'target', target: { id: 'b' } } },
    ]);
  });

  it('keeps only the latest of several changes to one thing, still without a gap', () => {
    const queue = new StreamQueue();
    queue.push(snapshotAt(0));
    for (let seq = 1; seq <= 9; seq++) queue.push(targetDelta(seq, seq % 2 === 0 ? 'a' : 'b', seq));
    queue.push({ kind: 'beat', atMs: 5, seq: 9 });
    expect(takeAll(queue).slice(1)).toMatchObject([
      { delta: { seq: 1, target: { id: 'a', revision: 8 } } },
      { delta: { seq: 2, target: { id: 'b', revision: 9 } } },
      { kind: 'beat', seq: 2 },
    ]);
  });

  it('never leaves an audit row out', () => {
    const queue = new StreamQueue();
    queue.push(snapshotAt(0));
    for (let seq = 1; seq <= 3; seq++) queue.push(auditDelta(seq, seq));
    expect(takeAll(queue).slice(1)).toMatchObject([1, 2, 3].map((seq) => ({ delta: { entry: { seq } } })));
  });

  it('holds at most its bytes and asks for a fresh snapshot instead', () => {
    const queue = new StreamQueue(2_000);
    queue.push(snapshotAt(0));
    for (let seq = 1; seq <= 100; seq++) queue.push(auditDelta(seq, seq));
    expect(queue.overflowed).toBe(true);
    expect(queue.bytes).toBeLessThanOrEqual(2_000);
    expect(queue.take()).toBeUndefined();
  });

  it('drops what a fresh snapshot already holds and goes on after it', () => {
    const queue = new StreamQueue(2_000);
    queue.push(snapshotAt(0));
    for (let seq = 1; seq <= 100; seq++) queue.push(auditDelta(seq, seq));
    queue.push(targetDelta(101, 'old', 1));
    queue.push(targetDelta(103, 'new', 1));
    queue.restart(snapshotAt(102).snapshot);
    expect(takeAll(queue)).toMatchObject([
      { snapshot: { seq: 102 } },
      { delta: { seq: 103, target: { id: 'new' } } },
    ]);
    expect(queue.bytes).toBe(0);
  });
});

function takeAll(queue: StreamQueue): FeedMessage[] {
  const messages: FeedMessage[] = [];
  for (let line = queue.take(); line !== undefined; line = queue.take()) {
    expect(line.endsWith('\n')).toBe(true);
    messages.push(JSON.parse(line));
  }
  return messages;
}

function snapshotAt(seq: number): FeedMessage & { kind: 'snapshot' } {
  // Only the number matters to the queue.
  return { kind: 'snapshot', snapshot: { seq } as OpsSnapshot };
}

function targetDelta(seq: number, id: string, revision: number): FeedMessage {
  // Only the id matters to the queue.
  return { kind: 'delta', delta: { seq, atMs: seq, kind: 'target', target: { id, revision } as TargetView } };
}

function auditDelta(seq: number, auditSeq: number): FeedMessage {
  // Only the number matters to the queue.
  const entry = { seq: auditSeq, reason: 'because it had to be done' } as AuditView;
  return { kind: 'delta', delta: { seq, atMs: seq, kind: 'audit', entry } };
}
