import { describe, expect, it } from 'vitest';
import { alertView, checkView, NOW_MS } from '../../test/recorded-watch.ts';
import { ENDED_ALERTS_KEPT, mergeAlerts } from './alert-order.ts';
import { alertWord, countAlerts, criticalAlerts } from './alert-words.ts';
import { backupsTrouble, sourceWord } from './backup-words.ts';
import { checkWord, healthWord } from './check-words.ts';
import { EMPTY_WORLD } from './world.ts';

const LIVE = { nowMs: NOW_MS, link: { kind: 'live' } } as const;
const LOST = {
  nowMs: NOW_MS,
  link: { kind: 'lost', sinceMs: 0, attempt: 1, nextTryAtMs: 0, problem: '' },
} as const;

describe('alerts', () => {
  it('stand open before ended, unanswered before taken, grave before light, new before old', () => {
    const alerts = [
      alertView('ended', { level: 'CRITICAL', state: 'resolved', resolvedAtMs: NOW_MS }),
      alertView('taken', { level: 'CRITICAL', acknowledgedBy: 'bob' }),
      alertView('old', { level: 'ERROR', startedAtMs: 1 }),
      alertView('quiet', { level: 'CRITICAL', suppressedBy: 'silence x' }),
      alertView('new', { level: 'ERROR', startedAtMs: 2 }),
      alertView('grave', { level: 'CRITICAL', startedAtMs: 0 }),
    ];
    const ids = mergeAlerts([], alerts).map(({ id }) => id);
    expect(ids).toEqual(['grave', 'new', 'old', 'taken', 'quiet', 'ended']);
  });

  it('are kept while they are open, and the newest of those that ended', () => {
    const ended = Array.from({ length: 300 }, (_, index) =>
      alertView(`e${index}`, { state: 'resolved', resolvedAtMs: index }),
    );
    const merged = mergeAlerts([alertView('open')], ended);
    expect(merged).toHaveLength(1 + ENDED_ALERTS_KEPT);
    expect(merged[1]?.id).toBe('e299');
  });

  it.each([
    [{}, 'FIRING'],
    [{ state: 'pending' }, 'HELD'],
    [{ acknowledgedBy: 'bob' }, 'ACKED'],
    [{ suppressedBy: 'parent x' }, 'QUIET'],
    [{ state: 'resolved' }, 'ENDED'],
    [{ state: 'resolved', event: true }, 'EVENT'],
  ] as const)('with %j are %s', (change, word) => {
    expect(alertWord(alertView('a', change), LIVE)).toBe(word);
  });

  it('that were open are STALE without a connection', () => {
    expect(alertWord(alertView('a'), LOST)).toBe('STALE');
    expect(alertWord(alertView('a', { state: 'resolved' }), LOST)).toBe('ENDED');
  });

  it('are counted by the levels that nobody has answered', () => {
    const alerts = [
      alertView('a', { level: 'CRITICAL', acknowledgedBy: 'bob' }),
      alertView('b', { level: 'ERROR' }),
      alertView('c', { level: 'WARN', suppressedBy: 'silence x' }),
    ];
    const world = { ...EMPTY_WORLD, alerts, alertsUnseen: 7 };
    expect(countAlerts(world)).toMatchObject({ open: 10, unanswered: 1, worst: 'ERROR' });
    expect(criticalAlerts(world)).toEqual([]);
  });
});

describe('checks', () => {
  it('are never green when their last look is too old or there is no connection', () => {
    const check = checkView('a', { staleAtMs: NOW_MS - 1 });
    expect(checkWord(check, LIVE)).toBe('UNKNOWN');
    expect(checkWord(checkView('a'), LIVE)).toBe('PASS');
    expect(checkWord(checkView('a'), LOST)).toBe('UNKNOWN');
  });

  it('come to nothing when there is none, and to a warning when only uncritical ones fail', () => {
    expect(healthWord(new Map(), LIVE)).toBeUndefined();
    expect(healthWord(new Map([['a', checkView('a', { status: 'fail' })]]), LIVE)).toBe('WARN');
    expect(healthWord(new Map([['a', checkView('a', { status: 'fail', critical: true })]]), LIVE)).toBe(
      'FAIL',
    );
    expect(healthWord(new Map([['a', checkView('a')]]), LOST)).toBe('UNKNOWN');
  });
});

describe('sources of backups', () => {
  const source = { id: 'ledger', path: '/ledger', verifiedAtMs: NOW_MS - 1_000 };

  it('are overdue when their last verified backup is older than the limit', () => {
    expect(sourceWord(source, 1_000, NOW_MS)).toBe('OK');
    expect(sourceWord(source, 999, NOW_MS)).toBe('OVERDUE');
    expect(sourceWord(source, undefined, NOW_MS)).toBe('OK');
    expect(sourceWord({ id: 'new', path: '/new' }, undefined, NOW_MS)).toBe('NONE');
  });

  it('are no trouble where nothing is configured', () => {
    const view = { configured: false, sources: [], backups: [], notes: [], drills: [] };
    expect(backupsTrouble(view, NOW_MS)).toBeUndefined();
    expect(backupsTrouble({ ...view, configured: true, sources: [{ id: 'a', path: '/a' }] }, NOW_MS)).toBe(
      'NONE',
    );
  });
});
