export type { Check, CheckVerdict } from './check.ts';
export {
  CHECK_BROKER_HEARTBEAT,
  CHECK_ETEDA_LOOP_LATENCY,
  CHECK_GOOGLE_SHEETS,
  CHECK_REPOSITORY_HEALTH,
} from './check-names.ts';
export { type DiskOptions, diskCheck } from './disk-check.ts';
export { type DiskUse, usedPercent } from './disk-use.ts';
export { healthCheckErrors } from './health-check-errors.ts';
