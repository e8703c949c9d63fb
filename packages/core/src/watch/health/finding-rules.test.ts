import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { opsException } from '../../kernel/ops-exception.ts';
import { CHECK_STATUSES } from '../../ports/health-check.ts';
import { findingOf, findingOfThrown } from './finding-rules.ts';

const same = (text: string) => text;

describe('what a check may return', () => {
  it('bool results map to ok and failed; tuple results keep their message', () => {
    expect(findingOf(true, same)).toEqual({ status: 'pass', message: 'ok' });
    expect(findingOf(false, same)).toEqual({ status: 'fail', message: 'check failed' });
    expect(findingOf([true, 'fine'], same)).toEqual({ status: 'pass', message: 'fine' });
    expect(findingOf([false, 'no route', 17], same)).toEqual({ status: 'fail', message: 'no route' });
    expect(findingOf([false], same)).toEqual({ status: 'fail', message: 'check failed' });
  });

  it('a finding, the result of the specification and a dictionary of health are understood', () => {
    const finding = { status: 'warn', message: 'slow', value: 182, unit: 'ms', details: { a: [1] } };
    expect(findingOf(finding, same)).toEqual(finding);
    const result = { ok: false, name: 'x', message: 'late', latency_ms: 12, meta: { gap: 3 } };
    expect(findingOf(result, same)).toEqual({
      status: 'fail',
      message: 'late',
      value: 12,
      unit: 'ms',
      details: { gap: 3 },
    });
    expect(findingOf({ status: 'healthy', worksheet_count: 4 }, same)).toEqual({
      status: 'pass',
      message: 'healthy',
      details: { worksheet_count: 4 },
    });
    expect(findingOf({ status: 'unhealthy', error: 'quota' }, same)).toMatchObject({
      status: 'fail',
      message: 'quota',
    });
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [1, 'number'],
    ['ok', 'string'],
    [[1, 'x'], 'array'],
    [{ status: 'green' }, 'object'],
    [() => true, 'function'],
  ])('%o fails as an unexpected return', (value, type) => {
    expect(findingOf(value, same)).toEqual({ status: 'fail', message: `unexpected return: ${type}` });
  });

  it('anything at all becomes a bounded finding without secrets', () => {
    const clean = (text: string) => text.replaceAll('hunter2', '[secret]');
    const anything = fc.oneof(
      fc.anything(),
      fc.record({
        status: fc.constantFrom(...CHECK_STATUSES),
        message: fc.anything(),
        details: fc.anything(),
      }),
      fc.record({ ok: fc.boolean(), message: fc.anything(), meta: fc.anything(), latencyMs: fc.anything() }),
    );
    fc.assert(
      fc.property(anything, (value) => {
        const finding = findingOf(value, clean);
        expect(CHECK_STATUSES).toContain(finding.status);
        expect(Array.from(finding.message).length).toBeLessThanOrEqual(300);
        expect(JSON.stringify(finding.details ?? null).length).toBeLessThanOrEqual(8192);
      }),
    );
    const told = findingOf(
      { status: 'fail', message: 'hunter2\nis wrong', details: { p: 'hunter2' } },
      clean,
    );
    expect(told).toEqual({ status: 'fail', message: '[secret] is wrong', details: { p: '[secret]' } });
  });

  it('cuts what is too long and says what it left out', () => {
    const finding = findingOf(
      {
        status: 'pass',
        message: '가'.repeat(400),
        details: ['x'.repeat(1999), ...Array(9).fill('y'.repeat(1999))],
      },
      same,
    );
    expect(Array.from(finding.message)).toHaveLength(300);
    expect(finding.details).toEqual({ omitted: expect.stringContaining('at most 8192 are kept') });
    const observations = [{ id: 'a', value: 1 }, { id: 'b', value: Number.NaN }, 'c'];
    expect(findingOf({ status: 'pass', message: '', observations }, same).observations).toEqual([
      { id: 'a', value: 1 },
    ]);
  });

  it('an object that cannot be read fails', () => {
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    expect(findingOf(trap, same).message).toBe('unexpected return: an object that cannot be read');
  });
});

describe('what a check throws', () => {
  it('a declared external failure is the fault of the target, anything else means we could not look', () => {
    const external = opsException('EXT-0601', 'refused');
    expect(findingOfThrown(external, 'unknown', same)).toEqual({ status: 'fail', message: 'refused' });
    expect(findingOfThrown(new TypeError('x of undefined'), 'unknown', same).status).toBe('unknown');
    expect(findingOfThrown(opsException('INP-0901', 'bad option'), 'unknown', same).status).toBe('unknown');
    expect(findingOfThrown('no', 'fail', same)).toEqual({ status: 'fail', message: 'no' });
    expect(findingOfThrown(new Error(''), 'fail', same).message).toBe('Error');
  });
});
