import type { OpsStore } from '../src/engine/ops-store.ts';
import type { At, Placed, StoryRecord, Told } from './alert-record.ts';

const MINUTE_MS = 60_000;
/** A critical notice waits at most so long for the company of other critical ones, and for one attempt before it. */
const CRITICAL_WAIT_MS = 60_000 + 15_000 + 15_000;
/** One that is told alone waits for critical ones before it, and for the token that is due. */
const CRITICAL_ALONE_MS = 2000;
/** In ten minutes a channel gets at most so many rows: those told one by one, digests, and steps of escalations. */
const ROWS_IN_TEN_MINUTES = 20 + 10 + 2 + 10 + 40;

/** Everything in which a story broke a promise. */
export async function judgeStory(record: StoryRecord, store: OpsStore): Promise<readonly string[]> {
  const open = await store.queryAlerts({ open: true, limit: 1000 });
  const left = open.items.map(({ dedupKey, state }) => `still open at the end: ${dedupKey} ${state}`);
  const waiting: string[] = [];
  for (const status of ['pending', 'sending', 'retry'] as const) {
    const { items } = await store.queryOutbox({ status, limit: 1000 });
    waiting.push(...items.map(({ channelId, reason }) => `never ended: ${status} ${reason} to ${channelId}`));
  }
  return [
    ...record.found,
    ...left,
    ...waiting,
    ...ends(record),
    ...takenOnes(record),
    ...criticalOnes(record),
    ...silencedOnes(record),
    ...silenceEnds(record),
    ...crowds(record),
  ];
}

/** (b) What one channel heard of one episode: a beginning first, and the end last. */
function ends(record: StoryRecord): readonly string[] {
  const findings: string[] = [];
  for (const [alertId, key] of record.keys) {
    const mine = record.placed.filter((one) => one.alertId === alertId);
    for (const channelId of new Set(mine.map(({ row }) => row.channelId))) {
      if (channelId === 'log') continue;
      const rows = mine.filter(({ row }) => row.channelId === channelId);
      findings.push(...endOn(record, { alertId, key, channelId, rows }));
    }
  }
  return findings;
}

interface Heard {
  readonly alertId: string;
  readonly key: string;
  readonly channelId: string;
  readonly rows: readonly Placed[];
}

function endOn(record: StoryRecord, { alertId, key, channelId, rows }: Heard): readonly string[] {
  const findings: string[] = [];
  const ids = new Set(rows.map(({ row }) => row.id));
  const handed = record.told.filter((one) => ids.has(one.rowId));
  const arrived = handed.filter(({ answer }) => answer === 'ok');
  const [first] = handed;
  const begun = rows.some(({ row, at }) => row.reason !== 'resolved' && at.order < (first?.at.order ?? 0));
  if (first?.reason === 'resolved' && !begun)
    findings.push(`(b) ${channelId}: the end of ${key} without its beginning`);
  const last = arrived.at(-1);
  const states = record.states.get(alertId) ?? [];
  const over = states.findLast(({ alert }) => alert.resolvedAtMs !== undefined);
  if (last === undefined || over === undefined || over.alert.event) return findings;
  // The wording of a bundle is that of its first attempt.
  const worded = handed.find(({ rowId }) => rowId === last.rowId) ?? last;
  const bundled =
    rows.some(({ row }) => row.id === last.rowId && row.reason === 'digest') || isBundle(record, last);
  const saysEnd = last.reason === 'resolved' || (bundled && worded.at.order > over.at.order);
  const givenUp = rows.some(({ row }) => {
    const end = record.ended.get(row.id);
    return end?.row.status === 'dead' && end.at.order > over.at.order;
  });
  if (!saysEnd && !givenUp)
    findings.push(`(b) ${channelId}: ${key} was told (${last.reason}) and never its end`);
  return findings;
}

function isBundle(record: StoryRecord, told: Told): boolean {
  return record.placed.filter(({ row }) => row.id === told.rowId).length > 1;
}

/** (c) What somebody has taken reminds and escalates no one. */
function takenOnes(record: StoryRecord): readonly string[] {
  return record.told
    .filter(({ reason }) => reason === 'reminder' || reason === 'escalation')
    .filter((told) => told.taken.length > 0 && !isBundle(record, told))
    .map(
      ({ channelId, reason, taken }) => `(c) ${channelId}: ${reason} of ${taken.join(' ')}, which is taken`,
    );
}

/** (d) On a channel that works, a critical row waits for critical ones alone. */
function criticalOnes(record: StoryRecord): readonly string[] {
  const findings: string[] = [];
  const critical = record.placed.filter(({ row }) => row.channelId === 'desk' && row.level === 'CRITICAL');
  for (const { row, at, alertId } of critical) {
    const end = record.ended.get(row.id);
    if (end?.row.status === 'superseded') continue;
    const told = record.told.find(({ rowId }) => rowId === row.id);
    const untilMs = told?.at.monoMs ?? Number.POSITIVE_INFINITY;
    const broken = record.breaks.some(
      ({ order }) => order > at.order && order < (told?.at.order ?? Infinity),
    );
    const before = critical.filter((one) => {
      const endOrder = record.ended.get(one.row.id)?.at.order ?? Infinity;
      const waits = one.at.order < at.order && endOrder > at.order;
      return waits || Math.abs(one.at.monoMs - at.monoMs) < 5 * MINUTE_MS;
    }).length;
    const waitMs = row.reason === 'digest' ? CRITICAL_WAIT_MS : CRITICAL_ALONE_MS;
    if (broken || untilMs - at.monoMs <= waitMs + before * 1000) continue;
    findings.push(
      `(d) desk: a critical notice of ${record.keys.get(alertId)} waited ${untilMs - at.monoMs} ms`,
    );
  }
  return findings;
}

/** (e) Nothing is told of what is silenced, but its end. */
function silencedOnes(record: StoryRecord): readonly string[] {
  return record.placed
    .filter(({ silenced, row }) => silenced && row.reason !== 'resolved')
    .filter(({ row, alertId, at }) => !isEndInDigest(record, { row, alertId, at }))
    .map(
      ({ row, alertId }) =>
        `(e) ${row.channelId}: ${row.reason} of ${record.keys.get(alertId)}, which is silenced`,
    );
}

/** The end of an alert may be put into a digest. */
function isEndInDigest(
  record: StoryRecord,
  { row, alertId, at }: Pick<Placed, 'row' | 'alertId' | 'at'>,
): boolean {
  const now = record.states.get(alertId)?.findLast((seen) => seen.at.order < at.order);
  return row.reason === 'digest' && now?.alert.state === 'resolved';
}

/** (e) What still fires when a silence ends by itself, and nobody has, is told once. */
function silenceEnds(record: StoryRecord): readonly string[] {
  const findings: string[] = [];
  const plain = record.silences.filter(({ key }) => key === 'a1' || key === 'a2');
  for (const { key, endMonoMs } of plain) {
    const within = ({ monoMs }: At) => monoMs >= endMonoMs && monoMs < endMonoMs + 65_000;
    const near = ({ monoMs }: At) => monoMs > endMonoMs - 10 * MINUTE_MS && monoMs < endMonoMs + 65_000;
    const busy = record.touched.some((one) => one.key === key && within(one.at));
    const others = plain.filter((one) => one.key === key && one.endMonoMs >= endMonoMs);
    const isOff = record.offs.some(({ fromMs, toMs }) => fromMs <= endMonoMs + 65_000 && endMonoMs <= toMs);
    if (busy || isOff || others.length > 1 || record.breaks.some(near)) continue;
    for (const [alertId, name] of record.keys) {
      const alert = record.states.get(alertId)?.findLast(({ at }) => at.monoMs < endMonoMs)?.alert;
      if (name !== key || alert?.state !== 'firing' || alert.suppression?.by !== 'silence') continue;
      if (alert.flap !== undefined) continue;
      const rows = record.placed.filter((one) => one.alertId === alertId && one.row.channelId === 'desk');
      const told = rows.filter(({ at }) => within(at)).length;
      const waits = rows.some(({ row, at }) => {
        return at.monoMs < endMonoMs && (record.ended.get(row.id)?.at.monoMs ?? Infinity) >= endMonoMs;
      });
      if (told !== 1 && !waits)
        findings.push(`(e) desk: ${key} was told ${told} times when its silence ended`);
    }
  }
  return findings;
}

/** (f) However much is raised, a channel gets a bounded number of rows. */
function crowds(record: StoryRecord): readonly string[] {
  const findings: string[] = [];
  for (const channelId of new Set(record.told.map((told) => told.channelId))) {
    const made = new Map<string, number>();
    for (const { row, at } of record.placed) {
      if (row.channelId === channelId && !made.has(row.id)) made.set(row.id, at.monoMs);
    }
    const instants = [...made.values()];
    for (const fromMs of instants) {
      const count = instants.filter((atMs) => atMs >= fromMs && atMs < fromMs + 10 * MINUTE_MS).length;
      if (count <= ROWS_IN_TEN_MINUTES) continue;
      findings.push(`(f) ${channelId}: ${count} rows in ten minutes`);
      break;
    }
  }
  return findings;
}
