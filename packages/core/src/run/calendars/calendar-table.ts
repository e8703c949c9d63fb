import type { LocalText } from '../../kernel/define-errors.ts';

/** A market's rules and the days that break them: what a person can read and check against the exchange's list. */
export interface CalendarTable {
  readonly id: string;
  readonly name: LocalText;
  readonly timeZone: string;
  /** First date the table decides. */
  readonly fromDate: string;
  /** Last date the table decides. */
  readonly toDate: string;
  /** Weekdays with a session, 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** Regular hours in the zone of the table, ascending by the date from which they are valid. */
  readonly hours: readonly RegularHours[];
  /** Days without a session on a weekday that has one; days of the weekend are left out. */
  readonly closed: readonly NamedDays[];
  /** Days with other hours. */
  readonly special: readonly SpecialDays[];
}

/** Hours that are valid from a date on. */
export interface RegularHours {
  readonly fromDate: string;
  /** `09:00`, see `readSessionTime`. */
  readonly open: string;
  readonly close: string;
}

/** Dates that have one reason. */
export interface NamedDays {
  readonly name: LocalText;
  /** Dates separated by spaces or line breaks. */
  readonly dates: string;
}

/** Dates on which the market opens or closes at another time; what is absent stays regular. */
export interface SpecialDays extends NamedDays {
  readonly open?: string;
  readonly close?: string;
}
