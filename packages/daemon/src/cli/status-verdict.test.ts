import type { HealthCheckView, OpsSnapshot, TargetView } from '@qts-ops/core/client';
import { describe, expect, it } from 'vitest';
import { judge } from './status-verdict.ts';

const nowMs = 1_800_000_000_000;

describe('the verdict of status', () => {
  it('is ok while everything ran, runs, rests or was paused by a person', () => {
    const paused = { pause: { operatorId: 'a', atMs: 1, reason: 'b' } };
    const snapshot = snapshotOf(target('a', { lastStatus: 'SUCCESS' }), target('b'), target('c', paused));
    expect(judge(snapshot)).toEqual({
      verdict: 'ok',
      counts: { PAUSED: 1, IDLE: 1, OK: 1 },
      unwell: [],
      failingChecks: [],
    });
  });

  it('warns about an overdue target: a dead scheduler can never show green', () => {
    const overdue = target('late', { lastStatus: 'SUCCESS', nextSlotMs: nowMs - 100_000 });
    expect(judge(snapshotOf(overdue))).toMatchObject({
      verdict: 'warn',
      unwell: [{ id: 'late', word: 'STALE' }],
    });
  });

  it('warns while the engine drains', () => {
    expect(judge(snapshotOf()).verdict).toBe('ok');
    expect(judge({ ...snapshotOf(), engine: { state: 'draining' } as OpsSnapshot['engine'] }).verdict).toBe(
      'warn',
    );
  });

  it('fails for a critical check that fails, and names the others', () => {
    const check = (id: string, rest: Partial<HealthCheckView>): HealthCheckView => {
      return {
        id,
        kind: 'tcp',
        critical: false,
        status: 'fail',
        intervalMs: 1,
        flapping: false,
        dependsOn: [],
        ...rest,
      };
    };
    const judged = (...checks: readonly HealthCheckView[]) => {
      const snapshot = snapshotOf(target('a', { lastStatus: 'SUCCESS' }));
      return judge({ ...snapshot, health: { ...snapshot.health, checks } });
    };
    const lesser = check('feed', { message: 'old' });
    expect(judged(lesser)).toMatchObject({ verdict: 'ok', failingChecks: [{ id: 'feed', message: 'old' }] });
    const broker = check('broker', { critical: true });
    expect(judged(lesser, broker)).toMatchObject({
      verdict: 'fail',
      failingChecks: [{ id: 'broker' }, { id: 'feed' }],
    });
    const stale = check('broker', { critical: true, staleAtMs: nowMs - 1 });
    expect(judged(stale)).toMatchObject({ verdict: 'ok', failingChecks: [] });
  });

  it('fails for a failing or suspended target and names the most urgent first', () => {
    const suspended = target('s', { breaker: { kind: 'open', sinceMs: 1, cooldownMs: 1 } });
    const failing = target('f', { lastStatus: 'FAILED', consecutiveErrors: 1 });
    const stopped = target('w', { lastStatus: 'STOPPED' });
    expect(judge(snapshotOf(stopped, suspended, failing))).toMatchObject({
      verdict: 'fail',
      unwell: [
        { id: 'f', word: 'FAIL' },
        { id: 's', word: 'SUSP' },
        { id: 'w', word: 'WARN' },
      ],
    });
  });
});

function snapshotOf(...targets: readonly TargetView[]): OpsSnapshot {
  // Only the state of the engine matters to the verdict.
  const engine = { state: 'running' } as OpsSnapshot['engine'];
  const health = { atMs: nowMs, status: 'pass', isolated: false, checks: [] } as const;
  return {
    protocol: 1,
    seq: 1,
    atMs: nowMs,
    engine,
    targets,
    executions: [],
    alerts: [],
    alertCount: 0,
    health,
  };
}

function target(id: string, rest: Partial<TargetView> = {}): TargetView {
  return {
    id,
    kind: 'function',
    schedule: 'on demand',
    revision: 1,
    breaker: { kind: 'closed' },
    consecutiveErrors: 0,
    maxConsecutiveErrors: 3,
    outcomes: '',
    detached: false,
    graceMs: 60_000,
    timeoutMs: 1000,
    stopGraceMs: 1000,
    ...rest,
  };
}
