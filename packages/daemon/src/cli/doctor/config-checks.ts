import { type CoverageProblem, coverageProblem, loadConfig, type OpsConfig } from '@qts-ops/core';
import { isOpsException, remedyOf } from '@qts-ops/core/client';
import { mailCheck } from './channel-checks.ts';
import { type DoctorCheck, fail, ok, textOfError, warn } from './doctor-check.ts';

/** What is known about the configuration. */
export interface ConfigFinding {
  /** Absent when it cannot be used. */
  readonly config?: OpsConfig;
  readonly checks: readonly DoctorCheck[];
}

/** Warnings of the end of calendar data; they have a check of their own. */
const COVERAGE_CODES: readonly string[] = ['INP-0703', 'INP-0704'] satisfies ReadonlyArray<
  CoverageProblem['code']
>;

/** Loads a configuration as an engine would; every problem is named. */
export async function checkConfig(file: string, nowMs: number): Promise<ConfigFinding> {
  try {
    const config = await loadConfig(file);
    const warnings = config.warnings
      .filter(({ code }) => !COVERAGE_CODES.includes(code))
      .map(({ code, path, text }) =>
        warn('config', `${code} at ${path}: ${text.en}`, 'qts-ops config check names the place'),
      );
    const fine = ok('config', `${file}: ${config.targets.length} targets, no problems`);
    return {
      config,
      checks: [
        ...(warnings.length === 0 ? [fine] : warnings),
        ...calendarChecks(config, nowMs),
        mailCheck(config),
      ],
    };
  } catch (error) {
    const remedy = isOpsException(error) ? remedyOf(error).join(' ') : 'correct the configuration';
    return { checks: [fail('config', textOfError(error), remedy)] };
  }
}

/** How far the data of every trading calendar reach. */
function calendarChecks({ targets }: OpsConfig, nowMs: number): readonly DoctorCheck[] {
  const calendars = new Map(
    targets.flatMap(({ schedule }) => {
      if (schedule === undefined) return [];
      const calendar = schedule.kind === 'anchor' ? schedule.calendar : schedule.sessions?.calendar;
      return calendar === undefined ? [] : [[calendar.id, calendar] as const];
    }),
  );
  return [...calendars.values()].map((calendar) => {
    const problem = coverageProblem(calendar, nowMs);
    if (problem === undefined) return ok('calendar', `${calendar.id}: data until ${calendar.lastDate}`);
    const remedy = 'install a newer version of qts-ops, or give a calendar file with later sessions';
    return (problem.severity === 'ERROR' ? fail : warn)('calendar', problem.text.en, remedy);
  });
}

/** The zones whose clocks decide about slots. */
export function zonesOf({ timeZone, targets }: OpsConfig): readonly string[] {
  const zones = targets.flatMap(({ schedule }) => {
    if (schedule === undefined) return [];
    if (schedule.kind === 'anchor') return [schedule.calendar.timeZone];
    const calendar = schedule.sessions === undefined ? [] : [schedule.sessions.calendar.timeZone];
    return schedule.kind === 'cron' ? [schedule.timeZone, ...calendar] : calendar;
  });
  return [...new Set([timeZone, ...zones])];
}
