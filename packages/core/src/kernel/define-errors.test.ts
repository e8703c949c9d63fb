import { describe, expect, it } from 'vitest';
import { categoryOf, defineErrors, type ErrorDefinition, findError, listErrors } from './define-errors.ts';
import { isOpsException, OpsException, opsException } from './ops-exception.ts';

const text = { en: 'Something was wrong.', ko: '문제가 있었습니다.' };
const mild: ErrorDefinition = {
  severity: 'INFO',
  retry: 'never',
  autoAlert: false,
  user: text,
  operator: text,
};
const remedy = { en: ['Look.'], ko: ['확인하십시오.'] };

defineErrors({
  'EXT-9901': { ...mild, severity: 'ERROR', remedy, aliases: ['C1-EXT-901'] },
  'LOG-9902': mild,
});

describe('declaring errors', () => {
  it.each(['EXT-12', 'XYZ-0001', 'EXT-00001', 'ext-0001', ''])('refuses the code %j', (code) => {
    expect(() => defineErrors({ [code]: mild })).toThrow(RangeError);
  });

  it('refuses a second meaning for a code, and takes the same declaration twice', () => {
    expect(() => defineErrors({ 'LOG-9902': { ...mild, severity: 'WARN' } })).toThrow(/declared twice/);
    expect(() => defineErrors({ 'LOG-9902': { ...mild } })).not.toThrow();
  });

  it('demands a remedy from severity ERROR up', () => {
    expect(() => defineErrors({ 'LOG-9903': { ...mild, severity: 'CRITICAL' } })).toThrow(/remedy/);
    expect(findError('LOG-9903')).toBeUndefined();
  });

  it('finds a code by itself and by the name the specification gives it', () => {
    expect(findError('EXT-9901')?.code).toBe('EXT-9901');
    expect(findError('C1-EXT-901')?.code).toBe('EXT-9901');
    expect(findError('EXT-9999')).toBeUndefined();
    expect(listErrors().map(([code]) => code)).toEqual(['EXT-9901', 'LOG-9902']);
  });

  it.each([
    ['C1-BAT-002', 'BAT'],
    ['C2-DQ-WARN', 'DQ'],
    ['INP-0301', 'INP'],
    ['whatever', 'SYS'],
    ['', 'SYS'],
  ])('puts %j into the category %s', (code, category) => {
    expect(categoryOf(code)).toBe(category);
  });
});

describe('a declared failure', () => {
  it('speaks to three readers apart', () => {
    const cause = new Error('socket hang up');
    const error = opsException('EXT-9901', 'broker: no answer in 5 s', { data: { host: 'b' }, cause });
    expect(error).toMatchObject({
      name: 'ExternalApiException',
      code: 'EXT-9901',
      category: 'EXT',
      message: 'broker: no answer in 5 s',
      userMessage: 'Something was wrong.',
      data: { host: 'b' },
      cause,
    });
    expect(String(error)).toBe('ExternalApiException: broker: no answer in 5 s');
  });

  it.each([
    ['INP-9901', 'InputDataException'],
    ['EXT-9901', 'ExternalApiException'],
    ['BAT-9901', 'BatchExecutionException'],
    ['DQ-9901', 'DataQualityException'],
    ['LOG-9901', 'LogicException'],
    ['SYS-9901', 'SystemException'],
  ] as const)('of code %s is a %s', (code, name) => {
    const error = opsException(code, 'x');
    expect(error.name).toBe(name);
    expect(error).toBeInstanceOf(OpsException);
  });

  it('gives nothing away to users when nobody declared the code', () => {
    expect(opsException('SYS-9988', 'disk /dev/sda1 is full').userMessage).not.toMatch(/sda1/);
  });

  it('is recognised by its brand, also from another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('qts-ops/exception')]: true });
    expect(isOpsException(foreign)).toBe(true);
    for (const other of [new Error('x'), null, undefined, 'text', {}])
      expect(isOpsException(other)).toBe(false);
  });
});
