import { isValidZone } from '../../kernel/time/zone.ts';
import { clockChangeEffect, nextClockChanges } from './clock-change.ts';
import type { DayMatch } from './cron-days.ts';
import type { CronFieldName, CronFields, CronGrammar } from './cron-fields.ts';
import { timesShape } from './cron-shape.ts';
import { daysShape } from './day-shape.ts';
import { englishWords } from './explain-english.ts';
import { koreanWords } from './explain-korean.ts';
import { type CronShape, type ExplainLanguage, type ScheduleWords, slotText } from './explain-words.ts';
import { upcomingSlots } from './next-slot.ts';
import {
  type AnchorSchedule,
  type CronSchedule,
  type IntervalSchedule,
  needsDayMatch,
  type Schedule,
} from './schedule.ts';
import { scheduleHints } from './schedule-hints.ts';
import { checkSchedule } from './schedule-rules.ts';
import { upcomingOpenSlots } from './session-slots.ts';

/** What a schedule does, in words. */
export interface ScheduleExplanation {
  /** One sentence that says when it runs. */
  readonly text: string;
  /** What besides is worth knowing, each a line of its own. */
  readonly notes: readonly string[];
  /** The next slots, ms UTC, ascending, also those that a calendar takes away; empty when there are none or when the day fields are undecided. */
  readonly nextSlots: readonly number[];
}

/** How an expression is to be read that is not part of a configuration. */
export interface ExpressionContext {
  /** IANA name of the zone whose wall clock counts. */
  readonly timeZone: string;
  readonly dayMatch?: DayMatch | undefined;
  /** Default `run`. */
  readonly dstGap?: CronSchedule['dstGap'] | undefined;
  readonly language: ExplainLanguage;
  /** Start of the next slots and of the clock changes that are named, ms UTC. */
  readonly nowMs: number;
}

/** Why an expression cannot be explained. */
export interface ExpressionProblem {
  readonly field: CronFieldName | 'timeZone';
  readonly value: string;
  readonly message: string;
}

/** An expression in words, or every reason why it is none. */
export type ExpressionExplanation =
  | ({
      readonly ok: true;
      readonly schedule: CronSchedule;
      /** True when `dayMatch` must be written before the expression can be used. */
      readonly undecided: boolean;
    } & ScheduleExplanation)
  | { readonly ok: false; readonly problems: readonly ExpressionProblem[] };

/** Languages in which schedules are explained. */
export const EXPLAIN_LANGUAGES = ['en', 'ko'] as const satisfies readonly ExplainLanguage[];

const shownSlots = 5;
const readingSlots = 3;
const shownChanges = 2;
const wordsOf: Readonly<Record<ExplainLanguage, ScheduleWords>> = { en: englishWords, ko: koreanWords };

/** Says in words when a schedule runs, what is unusual about it, and when it runs next after `nowMs`. Never throws. */
export function explainSchedule(
  schedule: Schedule,
  language: ExplainLanguage,
  nowMs: number,
): ScheduleExplanation {
  const words = wordsOf[language];
  if (schedule.kind === 'anchor') return explainAnchor(schedule, words, nowMs);
  const explained =
    schedule.kind === 'cron' ? explainCron(schedule, words, nowMs) : explainInterval(schedule, words, nowMs);
  if (schedule.sessions === undefined) return explained;
  return { ...explained, notes: [words.sessions(schedule.sessions), ...explained.notes] };
}

function explainAnchor(schedule: AnchorSchedule, words: ScheduleWords, nowMs: number): ScheduleExplanation {
  return {
    text: words.anchor(schedule),
    notes: words.anchorNotes(schedule),
    nextSlots: upcomingOpenSlots(schedule, nowMs, shownSlots),
  };
}

function explainInterval(
  schedule: IntervalSchedule,
  words: ScheduleWords,
  nowMs: number,
): ScheduleExplanation {
  const usable = checkSchedule(schedule, nowMs).length === 0;
  return {
    text: words.interval(schedule),
    notes: words.intervalNotes(schedule),
    nextSlots: usable ? upcomingOpenSlots(schedule, nowMs, shownSlots) : [],
  };
}

/** Reads an expression and says in words when it runs; every field that is wrong is named. Never throws. */
export function explainExpression(
  expression: string,
  grammar: CronGrammar,
  context: ExpressionContext,
): ExpressionExplanation {
  const { timeZone, dayMatch, dstGap = 'run', language, nowMs } = context;
  const parsed = grammar.parse(expression);
  const problems: ExpressionProblem[] = parsed.ok ? [] : [...parsed.errors];
  if (!isValidZone(timeZone)) {
    problems.push({ field: 'timeZone', value: timeZone, message: wordsOf[language].unknownZone(timeZone) });
  }
  if (!parsed.ok || problems.length > 0) return { ok: false, problems };
  const schedule: CronSchedule = {
    kind: 'cron',
    expression,
    fields: parsed.fields,
    timeZone,
    ...(dayMatch === undefined ? {} : { dayMatch }),
    dstGap,
  };
  const undecided = dayMatch === undefined && needsDayMatch(parsed.fields);
  return { ok: true, schedule, undecided, ...explainSchedule(schedule, language, nowMs) };
}

function explainCron(schedule: CronSchedule, words: ScheduleWords, nowMs: number): ScheduleExplanation {
  const text = words.cron(schedule, cronShape(schedule.fields));
  const hints = scheduleHints(schedule.fields).map((hint) => words.hint(hint));
  const [problem] = checkSchedule(schedule, nowMs);
  switch (problem?.field) {
    case 'timeZone':
      return { text, notes: [words.unknownZone(schedule.timeZone), ...hints], nextSlots: [] };
    case 'dayMatch': {
      const readings = (['and', 'or'] as const).map((dayMatch) =>
        readingOf(schedule, dayMatch, { words, nowMs }),
      );
      return { text, notes: [words.undecided(), ...readings, ...hints], nextSlots: [] };
    }
    case 'expression':
      return { text, notes: [words.never(), ...hints], nextSlots: [] };
    default: {
      const notes = [...hints, ...clockNotes(schedule, words, nowMs)];
      return { text, notes, nextSlots: upcomingOpenSlots(schedule, nowMs, shownSlots) };
    }
  }
}

function cronShape(fields: CronFields): CronShape {
  const days = daysShape(fields);
  return { days, times: timesShape(fields, Object.keys(days).length === 0) };
}

function readingOf(
  schedule: CronSchedule,
  dayMatch: DayMatch,
  { words, nowMs }: { readonly words: ScheduleWords; readonly nowMs: number },
): string {
  const decided = { ...schedule, dayMatch };
  const next = upcomingSlots(decided, nowMs, readingSlots).map((slot) => slotText(slot, schedule.timeZone));
  return words.reading(dayMatch, words.cron(decided, cronShape(schedule.fields)), next);
}

/** What the next clock changes of the zone do to the schedule. UTC has none, and nobody expects any of it. */
function clockNotes(schedule: CronSchedule, words: ScheduleWords, nowMs: number): readonly string[] {
  const { timeZone } = schedule;
  const changes = nextClockChanges(timeZone, nowMs, shownChanges);
  if (changes.length === 0) return timeZone === 'UTC' ? [] : [words.steadyClock(timeZone)];
  const effects = changes.map((change) => clockChangeEffect(schedule, change));
  if (effects.every(({ kind }) => kind === 'none')) return [words.untouched(timeZone, changes)];
  return effects.map((effect) => words.clockChange(effect, timeZone));
}
