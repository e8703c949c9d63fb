import { describeWhen } from '../../run/scheduler/describe-when.ts';
import { sessionsOf, zoneOfSchedule } from '../../run/scheduler/schedule.ts';
import type { TargetDefinition } from '../../run/targets/target.ts';
import { type UnknownDays, unknownDaysIn } from './preview-calendars.ts';
import { type ClockNote, clockChangesIn, clockNote, type PreviewedClockChange } from './preview-clock.ts';
import { type ExplainedSkip, SkipExplainer } from './preview-skips.ts';
import { simulate } from './simulation.ts';
import type { SimulatedRunEvent } from './simulation-events.ts';
import type { SimulationSummary } from './simulation-summary.ts';

/** What of a configuration a preview needs. */
export interface PreviewedConfig {
  readonly targets: readonly TargetDefinition[];
  readonly pools: Readonly<Record<string, number>>;
  /** Zone for targets that follow no clock. */
  readonly timeZone: string;
}

/** What is to be previewed. */
export interface PreviewQuestion {
  /** The engine is taken to start here; slots after it count. */
  readonly fromMs: number;
  /** A slot exactly at `fromMs` counts, and one exactly at the end does not. Default false: the other way round. */
  readonly includesFrom?: boolean | undefined;
  /** Length of the span in days of 24 hours, more than 0. */
  readonly days: number;
  /** Only this target is shown; the others still take part. */
  readonly targetId?: string | undefined;
}

/** Runs in a row at a constant distance. */
export interface PreviewedRuns {
  readonly kind: 'runs';
  readonly targetId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  /** Distance of two slots; absent for a single run. */
  readonly everyMs?: number;
}

/** One line of a preview. */
export type PreviewRow = PreviewedRuns | ExplainedSkip | ClockNote;

/** What will become of one target. */
export interface TargetPreview {
  readonly targetId: string;
  readonly title?: string;
  /** Its schedule in short: `every 5 m`, `after a`. */
  readonly when: string;
  /** Zone in which its times are best read. */
  readonly timeZone: string;
  /** In order of time. */
  readonly rows: readonly PreviewRow[];
}

/** What an engine that starts at `fromMs` and whose runs all succeed at once would do. */
export interface Preview {
  readonly fromMs: number;
  readonly toMs: number;
  /** Clock changes of all zones of the configuration in the span. */
  readonly clockChanges: readonly PreviewedClockChange[];
  /** Trading calendars that do not know all days of the span. */
  readonly unknownDays: readonly UnknownDays[];
  readonly targets: readonly TargetPreview[];
  readonly summary: SimulationSummary;
}

const dayMs = 86_400_000;
/** Runs further apart than this get lines of their own. */
const joinedUpToMs = 6 * 3_600_000;

/** Says which slots will run and which will not, and why; the rules are those of the engine. */
export function previewConfig(config: PreviewedConfig, question: PreviewQuestion): Preview {
  const { fromMs, includesFrom } = question;
  const toMs = fromMs + Math.round(question.days * dayMs) - (includesFrom === true ? 1 : 0);
  const shown = config.targets.filter(
    ({ id }) => question.targetId === undefined || id === question.targetId,
  );
  const rows = new Map(shown.map(({ id }) => [id, [] as PreviewRow[]]));
  const explainer = new SkipExplainer(config.targets);
  const events = simulate({ definitions: config.targets, pools: config.pools, fromMs, toMs, includesFrom });
  let next = events.next();
  for (; next.done !== true; next = events.next()) {
    const event = next.value;
    if (event.kind === 'skip') {
      // Also those that are not shown: what comes after them says why.
      const explained = explainer.explain(event);
      for (const skip of explained) addSkip(rows.get(event.targetId) ?? [], skip);
    } else addRun(rows.get(event.targetId) ?? [], event);
  }
  const zones = new Set([config.timeZone, ...shown.map((definition) => zoneOf(definition, config))]);
  const clockChanges = [...zones].flatMap((zone) => clockChangesIn(zone, { fromMs, toMs }));
  return {
    fromMs,
    toMs,
    clockChanges: clockChanges.toSorted((a, b) => a.atMs - b.atMs),
    unknownDays: unknownDaysIn({ shown, all: config.targets }, { fromMs, toMs }),
    targets: shown.map((definition) => ({
      targetId: definition.id,
      ...(definition.title === undefined ? {} : { title: definition.title }),
      when: describeWhen(definition),
      timeZone: zoneOf(definition, config),
      rows: withClockNotes(definition, rows.get(definition.id) ?? [], clockChanges),
    })),
    summary: next.value,
  };
}

function addRun(rows: PreviewRow[], { targetId, slotMs }: SimulatedRunEvent): void {
  const last = rows.at(-1);
  const gapMs = last?.kind === 'runs' ? slotMs - last.toMs : 0;
  const joins = last?.kind === 'runs' && gapMs > 0 && gapMs <= joinedUpToMs;
  if (joins && (last.everyMs === undefined || last.everyMs === gapMs)) {
    rows[rows.length - 1] = { ...last, toMs: slotMs, count: last.count + 1, everyMs: gapMs };
  } else rows.push({ kind: 'runs', targetId, fromMs: slotMs, toMs: slotMs, count: 1 });
}

/** The engine looks at a closed calendar once a day; what it says twice of the same day is one row. */
function addSkip(rows: PreviewRow[], skip: ExplainedSkip): void {
  const last = rows.at(-1);
  if (last?.kind === 'skip' && last.reason === skip.reason && last.text.en === skip.text.en) {
    rows[rows.length - 1] = { ...last, toMs: skip.toMs, count: last.count + skip.count };
  } else rows.push(skip);
}

/** Puts what clock changes do to a target where they happen. */
function withClockNotes(
  { schedule }: TargetDefinition,
  rows: readonly PreviewRow[],
  changes: readonly PreviewedClockChange[],
): readonly PreviewRow[] {
  if (schedule?.kind !== 'cron') return rows;
  const ofZone = changes.filter(({ timeZone }) => timeZone === schedule.timeZone);
  const notes = ofZone.flatMap((change) => clockNote(schedule, change) ?? []);
  return notes.length === 0 ? rows : [...rows, ...notes].toSorted((a, b) => startOf(a) - startOf(b));
}

function startOf(row: PreviewRow): number {
  return row.kind === 'clock' ? row.atMs : row.fromMs;
}

/** The clock a target follows, that of its calendar, or that of what it comes after. */
function zoneOf(definition: TargetDefinition, config: PreviewedConfig): string {
  const { schedule, policies } = definition;
  if (schedule !== undefined) {
    return zoneOfSchedule(schedule) ?? sessionsOf(schedule)?.calendar.timeZone ?? config.timeZone;
  }
  const parentId = policies.dependency?.after[0];
  const parent = config.targets.find(({ id }) => id === parentId);
  return parent === undefined || parent === definition ? config.timeZone : zoneOf(parent, config);
}
