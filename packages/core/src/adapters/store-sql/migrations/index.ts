import { jobsAndExecutions } from './0001-jobs-and-executions.ts';
import { targetsAndSlots } from './0002-targets-and-slots.ts';
import { auditAndErrorCodes } from './0003-audit-and-error-codes.ts';
import { plannerStatistics } from './0004-planner-statistics.ts';
import { alerts } from './0005-alerts.ts';
import { health } from './0006-health.ts';
import { pings } from './0007-pings.ts';
import { backups } from './0008-backups.ts';
import { alertCare } from './0009-alert-care.ts';
import { checkData } from './0010-check-data.ts';
import type { Migration } from './migration.ts';

/** Every step from an empty file to the schema of this version, in order. */
export const MIGRATIONS: readonly Migration[] = [
  jobsAndExecutions,
  targetsAndSlots,
  auditAndErrorCodes,
  plannerStatistics,
  alerts,
  health,
  pings,
  backups,
  alertCare,
  checkData,
];
