/** One entry of the day-of-month field. */
export type DayOfMonthRule =
  | { readonly kind: 'day'; readonly day: number }
  /** `L` (0) and `L-n`: n days before the last day of the month. */
  | { readonly kind: 'before-last'; readonly daysBefore: number }
  /** `15W` and `LW`: the nearest Monday to Friday of the same month. */
  | { readonly kind: 'nearest-weekday'; readonly day: number | 'last' };

/** One entry of the day-of-week field; weekdays count from Sunday = 0. */
export type DayOfWeekRule =
  | { readonly kind: 'weekday'; readonly weekday: number }
  /** `5L`: the last such weekday of the month. */
  | { readonly kind: 'last'; readonly weekday: number }
  /** `1#2`: the n-th such weekday of the month, n is 1..5. */
  | { readonly kind: 'nth'; readonly weekday: number; readonly nth: number };

/** A parsed cron expression as plain data; every list is ascending, without repetition and never empty. */
export interface CronFields {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly DayOfMonthRule[];
  readonly months: readonly number[];
  readonly daysOfWeek: readonly DayOfWeekRule[];
  /** False when every day of the month is selected. */
  readonly dayOfMonthRestricted: boolean;
  /** False when every weekday is selected. */
  readonly dayOfWeekRestricted: boolean;
}

/** A part of a cron expression as named in messages; `expression` means the whole. */
export type CronFieldName =
  | 'expression'
  | 'second'
  | 'minute'
  | 'hour'
  | 'dayOfMonth'
  | 'month'
  | 'dayOfWeek';

/** Why one field of an expression was refused; `message` names the value, what is allowed and a remedy. */
export interface CronFieldError {
  readonly field: CronFieldName;
  readonly value: string;
  readonly message: string;
}

/** The fields of a valid expression, or every reason why it is not one. */
export type CronParse =
  | { readonly ok: true; readonly fields: CronFields }
  | { readonly ok: false; readonly errors: readonly CronFieldError[] };

/** Port: reads a cron expression of five or six fields, or a nickname such as `@daily`; never throws. */
export interface CronGrammar {
  parse(expression: string): CronParse;
}
