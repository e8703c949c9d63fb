import { describe, expect, it } from 'vitest';
import type { CronFieldError, CronFields } from '../../run/scheduler/cron-fields.ts';
import { nodeCronGrammar } from './cron-grammar.ts';

function fieldsOf(expression: string): CronFields {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(parsed.errors.map((error) => error.message).join('; '));
  return parsed.fields;
}

function errorsOf(expression: string): readonly CronFieldError[] {
  const parsed = nodeCronGrammar.parse(expression);
  return parsed.ok ? [] : parsed.errors;
}

describe('a cron expression', () => {
  it('of five fields fires at second 0', () => {
    expect(fieldsOf('0 17 * * 1-5')).toMatchObject({
      seconds: [0],
      minutes: [0],
      hours: [17],
      dayOfMonthRestricted: false,
      dayOfWeekRestricted: true,
      daysOfWeek: [1, 2, 3, 4, 5].map((weekday) => ({ kind: 'weekday', weekday })),
    });
  });

  it('is the same for every target that has it, and nobody can change it for the others', () => {
    const fields = fieldsOf('7-59/9 3 * * *');
    expect(fieldsOf('7-59/9 3 * * *')).toBe(fields);
    expect(() => Reflect.apply(Array.prototype.push, fields.minutes, [1])).toThrow(TypeError);
    expect(Object.isFrozen(fields)).toBe(true);
  });

  it('is read as before after thousands of others', () => {
    const fields = fieldsOf('1 2 3 4 *');
    for (let n = 0; n < 3600; n++) fieldsOf(`${n % 60} ${Math.floor(n / 60)} 0-23 * * *`);
    expect(fieldsOf('1 2 3 4 *')).toEqual(fields);
  });

  it('of six fields starts with the second', () => {
    expect(fieldsOf('*/20 1 2 3 4 *')).toMatchObject({
      seconds: [0, 20, 40],
      minutes: [1],
      hours: [2],
      months: [4],
      daysOfMonth: [{ kind: 'day', day: 3 }],
    });
  });

  it('may use names, wrap-around ranges and 7 for Sunday', () => {
    expect(fieldsOf('0 0 * nov-Feb fri-MON')).toMatchObject({ months: [1, 2, 11, 12] });
    expect(fieldsOf('0 0 * january Friday-7').daysOfWeek).toEqual(fieldsOf('0 0 * 1 0,5,6').daysOfWeek);
    expect(fieldsOf('0 22-2 * * *').hours).toEqual([0, 1, 2, 22, 23]);
  });

  it('may name days from the end of the month and nearest weekdays', () => {
    expect(fieldsOf('0 0 L,L-3,15W,LW,9,2 * *').daysOfMonth).toEqual([
      { kind: 'day', day: 2 },
      { kind: 'day', day: 9 },
      { kind: 'before-last', daysBefore: 0 },
      { kind: 'before-last', daysBefore: 3 },
      { kind: 'nearest-weekday', day: 15 },
      { kind: 'nearest-weekday', day: 'last' },
    ]);
  });

  it('may name the last and the n-th weekday', () => {
    expect(fieldsOf('0 0 * * 5L,mon#2,sunL').daysOfWeek).toEqual([
      { kind: 'last', weekday: 5 },
      { kind: 'nth', weekday: 1, nth: 2 },
      { kind: 'last', weekday: 0 },
    ]);
  });

  it('lists every value once and ascending', () => {
    expect(fieldsOf('30,10,10,5-10/5 * * * *').minutes).toEqual([5, 10, 30]);
  });

  it.each([
    ['@yearly', '0 0 1 1 *'],
    ['@monthly', '0 0 1 * *'],
    ['@weekly', '0 0 * * 0'],
    ['@daily', '0 0 * * *'],
    [' @Hourly ', '0 * * * *'],
  ])('%s means %s', (nickname, expression) => {
    expect(fieldsOf(nickname)).toEqual(fieldsOf(expression));
  });

  it.each(['* * * * *', '0 0 ? * ?', '0 0 1-31 1-12 0-6', '0 0 */1 * 1-7'])(
    '%s restricts neither day field',
    (expression) => {
      expect(fieldsOf(expression)).toMatchObject({ dayOfMonthRestricted: false, dayOfWeekRestricted: false });
    },
  );

  it.each(['0 0 1-30 * 1-6', '0 0 */2 * 5L', '0 0 L * 1#1'])('%s restricts both day fields', (expression) => {
    expect(fieldsOf(expression)).toMatchObject({ dayOfMonthRestricted: true, dayOfWeekRestricted: true });
  });
});

describe('a refused expression', () => {
  it.each([
    ['60 * * * *', 'minute', '60'],
    ['* 24 * * *', 'hour', '24'],
    ['* * 0 * *', 'dayOfMonth', '0'],
    ['* * 32 * *', 'dayOfMonth', '32'],
    ['* * * 13 *', 'month', '13'],
    ['* * * * 8', 'dayOfWeek', '8'],
    ['* * * * 1#6', 'dayOfWeek', '1#6'],
    ['5/15 * * * *', 'minute', '5/15'],
    ['*/0 * * * *', 'minute', '*/0'],
    ['* * 1-5W * *', 'dayOfMonth', '1-5W'],
    ['99 * * * * *', 'second', '99'],
  ])('%s names the field and the value', (expression, field, value) => {
    expect(errorsOf(expression)).toEqual([
      expect.objectContaining({ field, value, message: expect.stringContaining(`'${value}'`) }),
    ]);
  });

  it('names every wrong field at once', () => {
    expect(errorsOf('61 25 * * *').map((error) => error.field)).toEqual(['minute', 'hour']);
  });

  it.each([
    '',
    '* * * *',
    '* * * * * * *',
    'every day',
    'TZ=UTC 0 0 * * *',
    '@reboot',
    '@every 5m',
    'H * * * *',
  ])('%j is refused as a whole or by its field', (expression) => {
    expect(errorsOf(expression).length).toBeGreaterThan(0);
  });

  it.each([
    ['*/90 * * * *', 'minute'],
    ['*/60 * * * *', 'minute'],
    ['0 */24 * * *', 'hour'],
    ['0-5/6 * * * *', 'minute'],
    ['1* * * * *', 'minute'],
    ['* 2* * * *', 'hour'],
    ['* * * janfeb *', 'month'],
    ['* * * 1jan *', 'month'],
    ['* * * * sunmon', 'dayOfWeek'],
    ['* * * * 0mon#2', 'dayOfWeek'],
  ])('%s is refused although node-cron reads something into it', (expression, field) => {
    expect(errorsOf(expression)).toEqual([expect.objectContaining({ field })]);
  });

  it.each(['0 0 31 2 *', '0 0 30-31 2 *', '0 0 31 4,6,9,11 *', '0 0 31W 2 *', '0 0 L-30 4 *', '0 0 30W 2 1'])(
    '%s can never fire',
    (expression) => {
      expect(errorsOf(expression)).toEqual([
        expect.objectContaining({ field: 'dayOfMonth', message: expect.stringContaining('can never fire') }),
      ]);
    },
  );

  it('says what is allowed', () => {
    expect(errorsOf('0 0 * * 8')[0]?.message).toBe(
      "'8' is not a valid day of week; allowed is 0-7 or SUN-SAT (0 and 7 are Sunday), 5L (last Friday), 1#2 (second Monday), or *, lists (1,2), ranges (1-5) and steps (*/5)",
    );
    expect(errorsOf('*/90 * * * *')[0]?.message).toContain('selects only 0');
  });

  it.each(['0-999999999 * * * *', `${'1,'.repeat(5_000)}1 * * * *`])(
    'costs no time or memory however large it is (%#)',
    (expression) => {
      expect(errorsOf(expression)).toEqual([expect.objectContaining({ field: 'expression' })]);
    },
  );
});
