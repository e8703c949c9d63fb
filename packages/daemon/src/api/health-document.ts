import type { CheckStatus, HealthCheckView, OpsSnapshot } from '@qts-ops/core/client';
import type { HealthDocument } from './health-schemas.ts';

/** Media type of `/health`. */
export const HEALTH_TYPE = 'application/health+json';

/** What `/health` says and with which status: only a critical check that fails makes it 503. */
export function healthDocumentOf({ engine, health, protocol }: OpsSnapshot): {
  readonly httpStatus: number;
  readonly body: HealthDocument;
} {
  const bad = health.checks.filter(({ status }) => status !== 'pass');
  const output = bad.map(({ id, status }) => `${id}: ${status}`).join(', ');
  const status = wordOf(health.status);
  const body: HealthDocument = {
    status,
    version: String(protocol),
    releaseId: engine.version,
    serviceId: engine.instance,
    description: `qts-ops ${engine.environment}`,
    ...(output === '' ? {} : { output }),
    state: engine.state,
    bootId: engine.bootId,
    pid: engine.pid,
    checks: Object.fromEntries(health.checks.map((check) => [check.id, [entryOf(check)]])),
  };
  return { httpStatus: status === 'fail' ? 503 : 200, body };
}

function entryOf(check: HealthCheckView): HealthDocument['checks'][string][number] {
  const { status, why, message, value, unit, lookedAtMs } = check;
  const known = status === 'unknown' ? ['unknown', why, message] : status === 'pass' ? [] : [message];
  const output = known.filter((part) => part !== undefined).join(': ');
  return {
    componentType: check.kind,
    status: wordOf(status),
    ...(value === undefined ? {} : { observedValue: value }),
    ...(unit === undefined ? {} : { observedUnit: unit }),
    ...(lookedAtMs === undefined ? {} : { time: new Date(lookedAtMs).toISOString() }),
    ...(output === '' ? {} : { output }),
  };
}

/** The draft knows three words: what nobody could look at is a warning, not a failure. */
function wordOf(status: CheckStatus): HealthDocument['status'] {
  return status === 'unknown' ? 'warn' : status;
}
