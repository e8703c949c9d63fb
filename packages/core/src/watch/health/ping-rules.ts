import './ping-errors.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { PingKind, PingState } from './ping.ts';

/** Longest text that comes with a sign of life, bytes. */
export const PING_BODY_MAX_BYTES = 100_000;
/** So many keys are remembered; a further one is refused. */
export const PING_KEYS_MAX = 1000;
const RUN_ID_MAX_CHARACTERS = 100;

/** One sign of life as it came in. */
export interface PingSign {
  readonly kind: PingKind;
  readonly exitCode?: number | undefined;
  readonly body?: string | undefined;
  readonly runId?: string | undefined;
}

/** What is known under a key after one more sign. An exit code other than 0 is a failure, whatever the sign says. */
export function afterPing(
  before: PingState | undefined,
  { key, sign, nowMs }: { readonly key: string; readonly sign: PingSign; readonly nowMs: number },
): PingState {
  const { kind, exitCode, body, runId } = sign;
  const { startedAtMs, runId: _, exitCode: lastCode, ...kept } = before ?? { key, seenAtMs: nowMs };
  const next = { ...kept, key, seenAtMs: nowMs, ...(body === undefined || body === '' ? {} : { body }) };
  const code = lastCode === undefined ? {} : { exitCode: lastCode };
  const run = runId ?? before?.runId;
  const named = run === undefined ? {} : { runId: run };
  if (kind === 'log') {
    return { ...next, ...code, ...named, ...(startedAtMs === undefined ? {} : { startedAtMs }) };
  }
  if (kind === 'start') {
    return { ...next, ...code, startedAtMs: nowMs, ...(runId === undefined ? {} : { runId }) };
  }
  const failed = kind === 'fail' || (exitCode ?? 0) !== 0;
  // The end of an older run says nothing about the one that began after it.
  const goesOn = runId !== undefined && before?.runId !== undefined && runId !== before.runId;
  return {
    ...next,
    endedAtMs: nowMs,
    outcome: failed ? 'fail' : 'success',
    exitCode: exitCode ?? (failed ? 1 : 0),
    ...(goesOn && startedAtMs !== undefined ? { startedAtMs } : {}),
    ...(goesOn ? { runId: before.runId } : named),
  };
}

/** @throws INP-0941 for a key or sign that cannot be used. */
export function requirePing(key: string, { exitCode, body, runId }: PingSign): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(key)) {
    throw refusal(`key: '${key.slice(0, 40)}'; allowed: 1 to 100 letters, digits, '.', '_' and '-'`);
  }
  if (exitCode !== undefined && (!Number.isInteger(exitCode) || exitCode < 0 || exitCode > 255)) {
    throw refusal(`exit code: ${exitCode}; allowed: 0 to 255`);
  }
  const bytes = new TextEncoder().encode(body ?? '').length;
  if (bytes > PING_BODY_MAX_BYTES) {
    throw refusal(`body: ${bytes} bytes; allowed: at most ${PING_BODY_MAX_BYTES}`);
  }
  if (runId !== undefined && (runId.length > RUN_ID_MAX_CHARACTERS || !/^[\x21-\x7e]+$/.test(runId))) {
    throw refusal(`run id: allowed: 1 to ${RUN_ID_MAX_CHARACTERS} visible ASCII characters`);
  }
}

const KEYS_SHOWN = 20;

/**
 * Refuses a key that nobody waits for: with a typing error in it, work would report to nobody and seem watched.
 * @throws INP-0942 naming the keys there are.
 */
export function requireAwaited(key: string, awaited: ReadonlySet<string>): void {
  if (awaited.has(key)) return;
  const keys = [...awaited].toSorted();
  const more = keys.length > KEYS_SHOWN ? ` and ${keys.length - KEYS_SHOWN} more` : '';
  const known = keys.length === 0 ? 'none, no check waits for pings' : keys.slice(0, KEYS_SHOWN).join(', ');
  throw opsException('INP-0942', `key: '${key}': no check waits for it; allowed: ${known}${more}`);
}

/** @throws INP-0941 when there are too many keys for a new one. */
export function requireRoom(known: number): void {
  if (known >= PING_KEYS_MAX) throw refusal(`keys: ${known} are known; allowed: at most ${PING_KEYS_MAX}`);
}

function refusal(text: string) {
  return opsException('INP-0941', text);
}
