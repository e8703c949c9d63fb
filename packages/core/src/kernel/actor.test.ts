import { describe, expect, it } from 'vitest';
import { reasonProblem, requireManualAction } from './actor.ts';

describe('a reason', () => {
  it.each([
    ['disk is full', undefined],
    ['0123456789', undefined],
    ['디스크가 가득 차서 정리함', undefined],
    ['디스크 용량 부족으로', 'reason: 9 of at least 10 characters (spaces do not count)'],
    ['가나다라마바사아자차', undefined],
    ['a b c d e f g h i', 'reason: 9 of at least 10 characters (spaces do not count)'],
    ['          ', 'reason: 0 of at least 10 characters (spaces do not count)'],
    ['\t\n\u3000\u00a0ab', 'reason: 2 of at least 10 characters (spaces do not count)'],
    ['👍👍👍👍👍👍👍👍👍', 'reason: 9 of at least 10 characters (spaces do not count)'],
    ['👍👍👍👍👍👍👍👍👍👍', undefined],
    ['x'.repeat(500), undefined],
    ['x'.repeat(501), 'reason: at most 500 characters'],
  ])('%j: %s', (reason, problem) => {
    expect(reasonProblem(reason, 'pause')).toBe(problem);
  });

  it('says why, not what', () => {
    expect(reasonProblem(' Reset-Target ', 'reset-target')).toBe('reason: say why, not what');
  });
});

describe('a manual act', () => {
  const act = (operatorId: string, reason: string) => ({
    actor: { operatorId, method: 'os-user' as const },
    reason,
    requestId: 'r1',
  });

  it('needs a named operator, then a reason', () => {
    expect(() => requireManualAction(act('  ', ''), 'stop')).toThrow(
      expect.objectContaining({ code: 'INP-0303' }),
    );
    expect(() => requireManualAction(act('kim', 'short'), 'stop')).toThrow(
      expect.objectContaining({ code: 'INP-0302', message: expect.stringContaining('5 of at least 10') }),
    );
    expect(() => requireManualAction(act('kim', 'broker is down'), 'stop')).not.toThrow();
  });
});
