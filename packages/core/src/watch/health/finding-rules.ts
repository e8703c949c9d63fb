import { type JsonValue, toJsonValue } from '../../kernel/json.ts';
import { isOpsException } from '../../kernel/ops-exception.ts';
import {
  CHECK_STATUSES,
  type CheckFinding,
  type CheckObservation,
  type CheckStatus,
} from '../../ports/health-check.ts';
import { DETAILS_MAX_BYTES, MESSAGE_MAX_CHARACTERS, OBSERVATIONS_MAX } from './check-state.ts';

/** Takes secrets out of a text. */
export type Clean = (text: string) => string;

/**
 * What a check found, from anything it may return: a boolean, `[ok, message]`, a finding, the specification's
 * result `{ ok, message, latency_ms, meta }`, or a dictionary whose `status` is healthy or unhealthy.
 * Everything else fails with its type named. Never throws.
 */
export function findingOf(returned: unknown, clean: Clean): CheckFinding {
  try {
    const finding = readBoolean(returned) ?? readPair(returned) ?? readObject(returned, clean);
    return bounded(finding ?? unexpected(typeName(returned)), clean);
  } catch {
    return unexpected('an object that cannot be read');
  }
}

/**
 * What a check found that threw. A declared external failure (EXT) is the fault of what it looked at; anything else
 * means that we could not look, except for plain callables, whose way to say fail is to throw.
 */
export function findingOfThrown(thrown: unknown, means: 'fail' | 'unknown', clean: Clean): CheckFinding {
  const external = isOpsException(thrown) && thrown.category === 'EXT';
  const message = thrown instanceof Error ? thrown.message || thrown.name : textOfThrown(thrown);
  return bounded({ status: external ? 'fail' : means, message }, clean);
}

/** One line of at most 300 characters without control characters and secrets. */
export function shortLine(text: string, clean: Clean): string {
  const line = clean(text)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  const characters = Array.from(line);
  if (characters.length <= MESSAGE_MAX_CHARACTERS) return line;
  return `${characters.slice(0, MESSAGE_MAX_CHARACTERS - 1).join('')}…`;
}

function readBoolean(value: unknown): CheckFinding | undefined {
  return typeof value === 'boolean' ? plain(value, undefined) : undefined;
}

function readPair(value: unknown): CheckFinding | undefined {
  if (!Array.isArray(value) || typeof value[0] !== 'boolean') return undefined;
  return plain(value[0], value[1]);
}

function plain(ok: boolean, message: unknown): CheckFinding {
  const text = typeof message === 'string' ? message : textOfValue(message);
  return { status: ok ? 'pass' : 'fail', message: text || (ok ? 'ok' : 'check failed') };
}

/** What a check says beside true or false is usually a text; anything else is shown as JSON. */
function textOfValue(value: unknown): string {
  return value === undefined || value === null ? '' : JSON.stringify(toJsonValue(value, 3));
}

function readObject(value: unknown, clean: Clean): CheckFinding | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const { status, ok } = fields;
  if (isStatus(status)) return readFinding(status, fields, clean);
  if (typeof ok === 'boolean') return readResult(ok, fields, clean);
  if (status === 'healthy' || status === 'unhealthy') return readDictionary(status, fields, clean);
  return undefined;
}

function readFinding(
  status: CheckStatus,
  fields: Readonly<Record<string, unknown>>,
  clean: Clean,
): CheckFinding {
  const { value, unit, details, observations, message } = fields;
  return {
    status,
    message: typeof message === 'string' && message !== '' ? message : status,
    ...(typeof value === 'number' && Number.isFinite(value) ? { value } : {}),
    ...(typeof unit === 'string' ? { unit } : {}),
    ...(details === undefined ? {} : { details: toJsonValue(details, 6, clean) }),
    ...(Array.isArray(observations) ? { observations: observations.filter(isObservation) } : {}),
  };
}

function readResult(ok: boolean, fields: Readonly<Record<string, unknown>>, clean: Clean): CheckFinding {
  const latencyMs = fields['latencyMs'] ?? fields['latency_ms'];
  const { meta } = fields;
  return {
    ...plain(ok, fields['message']),
    ...(typeof latencyMs === 'number' && Number.isFinite(latencyMs) ? { value: latencyMs, unit: 'ms' } : {}),
    ...(meta === undefined ? {} : { details: toJsonValue(meta, 6, clean) }),
  };
}

function readDictionary(
  status: 'healthy' | 'unhealthy',
  fields: Readonly<Record<string, unknown>>,
  clean: Clean,
): CheckFinding {
  const { error, message, status: _, ...rest } = fields;
  const text = error ?? message;
  const healthy = status === 'healthy';
  return {
    status: healthy ? 'pass' : 'fail',
    message: text === undefined || text === null ? status : textOfThrown(text),
    details: toJsonValue(rest, 6, clean),
  };
}

function bounded(finding: CheckFinding, clean: Clean): CheckFinding {
  const { details, observations, unit } = finding;
  return {
    ...finding,
    message: shortLine(finding.message, clean),
    ...(unit === undefined ? {} : { unit: shortLine(unit, clean).slice(0, 16) }),
    ...(details === undefined ? {} : { details: boundedDetails(details) }),
    ...(observations === undefined ? {} : { observations: boundedObservations(observations, clean) }),
  };
}

function boundedDetails(details: JsonValue): JsonValue {
  const bytes = Buffer.byteLength(JSON.stringify(details));
  return bytes <= DETAILS_MAX_BYTES
    ? details
    : { omitted: `details of ${bytes} bytes; at most ${DETAILS_MAX_BYTES} are kept` };
}

function boundedObservations(observations: readonly CheckObservation[], clean: Clean): CheckObservation[] {
  return observations.slice(0, OBSERVATIONS_MAX).map(({ id, value, unit }) => ({
    id: shortLine(id, clean).slice(0, 64),
    value,
    ...(unit === undefined ? {} : { unit: shortLine(unit, clean).slice(0, 16) }),
  }));
}

function isStatus(value: unknown): value is CheckStatus {
  const known: readonly unknown[] = CHECK_STATUSES;
  return known.includes(value);
}

function isObservation(value: unknown): value is CheckObservation {
  if (typeof value !== 'object' || value === null) return false;
  const { id, value: number, unit }: Partial<Record<'id' | 'value' | 'unit', unknown>> = value;
  return (
    typeof id === 'string' &&
    typeof number === 'number' &&
    Number.isFinite(number) &&
    (unit === undefined || typeof unit === 'string')
  );
}

function unexpected(type: string): CheckFinding {
  return { status: 'fail', message: `unexpected return: ${type}` };
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function textOfThrown(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === 'string' ? thrown : JSON.stringify(toJsonValue(thrown));
}
