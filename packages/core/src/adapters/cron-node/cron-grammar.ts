import { type ParsedFields, validateDetailed } from 'node-cron';
import { daysInMonth } from '../../kernel/time/civil.ts';
import type {
  CronFieldError,
  CronFieldName,
  CronFields,
  CronGrammar,
  CronParse,
  DayOfMonthRule,
  DayOfWeekRule,
} from '../../run/scheduler/cron-fields.ts';
import { checkTokens } from './cron-tokens.ts';

const maxExpressionLength = 256;
const leapYear = 2000;

const allowedOf: Record<CronFieldName, string> = {
  expression:
    "five fields 'minute hour day-of-month month day-of-week', six with a leading second, or @yearly, @monthly, @weekly, @daily, @hourly",
  second: '0-59',
  minute: '0-59',
  hour: '0-23',
  dayOfMonth: '1-31, L (last day), L-3, 15W (nearest weekday), LW',
  month: '1-12 or JAN-DEC',
  dayOfWeek: '0-7 or SUN-SAT (0 and 7 are Sunday), 5L (last Friday), 1#2 (second Monday)',
};

/** At most so many expressions are remembered. */
const REMEMBERED_MAX = 1_000;

/** What expressions were read as. Many targets have the same one, and then the same fields, which nobody may change. */
const remembered = new Map<string, CronParse>();

/** Cron expressions as node-cron reads them, without the ones that it accepts although they cannot be meant. */
export const nodeCronGrammar: CronGrammar = { parse: parseOnce };

function parseOnce(expression: string): CronParse {
  const known = remembered.get(expression);
  if (known !== undefined) return known;
  const read = parse(expression);
  // Only what a schedule keeps is worth remembering; the oldest makes room.
  if (!read.ok) return read;
  for (const list of Object.values(read.fields)) Object.freeze(list);
  Object.freeze(read.fields);
  const [oldest] = remembered.keys();
  if (remembered.size >= REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
  remembered.set(expression, read);
  return read;
}

function parse(expression: string): CronParse {
  const unreadable = checkShape(expression);
  if (unreadable !== undefined) return { ok: false, errors: [unreadable] };
  const { valid, fields: parsed, errors } = validateDetailed(expression);
  if (!valid || parsed === undefined) return { ok: false, errors: errors.map(fieldError) };
  const senseless = checkTokens(expression.trim().split(/ +/));
  if (senseless.length > 0) return { ok: false, errors: senseless };
  const fields = fieldsOf(parsed);
  const impossible = checkDays(expression, fields);
  return impossible === undefined ? { ok: true, fields } : { ok: false, errors: [impossible] };
}

/** Long input and large numbers are refused before node-cron sees them: it writes every range out in memory. */
function checkShape(expression: string): CronFieldError | undefined {
  const value = expression.slice(0, maxExpressionLength);
  if (expression.length > maxExpressionLength) {
    const message = `the expression has ${expression.length} characters; allowed are ${maxExpressionLength}`;
    return { field: 'expression', value, message };
  }
  const large = /\d{3,}/.exec(expression)?.[0];
  if (large === undefined) return undefined;
  const message = `'${large}' has more than two digits; allowed is ${allowedOf.expression}`;
  return { field: 'expression', value, message };
}

function fieldError(error: { field: string; value?: string; message: string }): CronFieldError {
  const field = isFieldName(error.field) ? error.field : 'expression';
  const value = error.value ?? '';
  if (field === 'expression') {
    return { field, value, message: `'${value}': ${error.message}; allowed is ${allowedOf.expression}` };
  }
  if (error.message.includes('impossible')) return impossibleDay(value);
  const message = `'${value}' is not a valid ${wordOf[field]}; allowed is ${allowedOf[field]}, or *, lists (1,2), ranges (1-5) and steps (*/5)`;
  return { field, value, message };
}

const wordOf: Record<CronFieldName, string> = {
  expression: 'expression',
  second: 'second',
  minute: 'minute',
  hour: 'hour',
  dayOfMonth: 'day of month',
  month: 'month',
  dayOfWeek: 'day of week',
};

function isFieldName(name: string): name is CronFieldName {
  return Object.hasOwn(allowedOf, name);
}

/** node-cron finds `31 2`, but not `31W 2` or `L-30 2`. */
function checkDays(expression: string, { daysOfMonth, months }: CronFields): CronFieldError | undefined {
  const longest = Math.max(...months.map((month) => daysInMonth(leapYear, month)));
  if (daysOfMonth.some((rule) => fits(rule, longest))) return undefined;
  return impossibleDay(expression.trim().split(/ +/).at(-3) ?? expression);
}

function fits(rule: DayOfMonthRule, monthLength: number): boolean {
  if (rule.kind === 'before-last') return rule.daysBefore < monthLength;
  return rule.day === 'last' || rule.day <= monthLength;
}

function impossibleDay(value: string): CronFieldError {
  const message = `'${value}' can never fire: no selected month has such a day; choose another day of month or month`;
  return { field: 'dayOfMonth', value, message };
}

function fieldsOf(parsed: ParsedFields): CronFields {
  const daysOfMonth = parsed.dayOfMonth.map(dayOfMonthRule);
  const daysOfWeek = parsed.dayOfWeek.map(dayOfWeekRule);
  const dates = numbersOf(parsed.dayOfMonth);
  const weekdays = numbersOf(parsed.dayOfWeek);
  return {
    seconds: ascending(parsed.second),
    minutes: ascending(parsed.minute),
    hours: ascending(parsed.hour),
    daysOfMonth: distinct(daysOfMonth),
    months: ascending(parsed.month),
    daysOfWeek: distinct(daysOfWeek),
    dayOfMonthRestricted: dates.length < 31,
    dayOfWeekRestricted: weekdays.length < 7,
  };
}

function dayOfMonthRule(value: number | string): DayOfMonthRule {
  if (typeof value === 'number') return { kind: 'day', day: value };
  if (value.startsWith('L-')) return { kind: 'before-last', daysBefore: Number(value.slice(2)) };
  if (value === 'L') return { kind: 'before-last', daysBefore: 0 };
  return { kind: 'nearest-weekday', day: value === 'LW' ? 'last' : Number(value.slice(0, -1)) };
}

function dayOfWeekRule(value: number | string): DayOfWeekRule {
  if (typeof value === 'number') return { kind: 'weekday', weekday: value };
  const weekday = Number(value[0]);
  return value.endsWith('L') ? { kind: 'last', weekday } : { kind: 'nth', weekday, nth: Number(value[2]) };
}

function numbersOf(values: readonly (number | string)[]): readonly number[] {
  return ascending(values.filter((value) => typeof value === 'number'));
}

function ascending(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** Rules without repetition, plain days first and ascending. */
function distinct<Rule extends DayOfMonthRule | DayOfWeekRule>(rules: readonly Rule[]): readonly Rule[] {
  const byText = new Map(rules.map((rule) => [JSON.stringify(rule), rule]));
  return [...byText.values()].sort((a, b) => orderOf(a) - orderOf(b));
}

function orderOf(rule: DayOfMonthRule | DayOfWeekRule): number {
  switch (rule.kind) {
    case 'day':
      return rule.day;
    case 'weekday':
      return rule.weekday;
    default:
      return 100; // rules that depend on the month follow in the order written
  }
}
