import { openSqliteStore } from '../src/adapters/store-sql/sqlite-store.ts';

/** One message as the receiver got it. */
export interface WatchMessage {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  readonly episodeId: string;
  readonly dedupKey: string;
  readonly maybeRepeat: boolean;
  /** Which life of the engine sent it. */
  readonly life: number;
}

/** Everything several lives of one engine said and sent, after the last one has told all that was left. */
export interface WatchAccount {
  readonly storePath: string;
  /** Lines of the engine, each written after the commit it speaks of. */
  readonly said: readonly string[];
  readonly received: readonly WatchMessage[];
  readonly kills: number;
  /** Ids of notices the receiver took without answering; such a notice may come once more each time. */
  readonly unanswered: readonly string[];
}

/** What is on record at the end. */
interface WatchRecord {
  readonly alerts: ReadonlyArray<{
    readonly id: string;
    readonly dedupKey: string;
    readonly state: string;
    readonly event: boolean;
    readonly executionId?: string | undefined;
  }>;
  readonly left: readonly { readonly id: string; readonly status: string }[];
  /** Alerts of which the receiver took a notice that was no end. */
  readonly begun: ReadonlySet<string>;
}

/** Promises that did not hold, in words; empty when all did. */
export async function watchFindings(account: WatchAccount): Promise<readonly string[]> {
  const { said, received } = account;
  const record = await readRecord(account.storePath);
  return [
    ...lost(said, record),
    ...untold(record, received),
    ...badRepeats(account),
    ...badOrder(received, record),
  ];
}

/** How many messages came again. */
export function repeatsIn(received: readonly WatchMessage[]): number {
  return received.length - new Set(received.map(({ id }) => id)).size;
}

function lost(said: readonly string[], { alerts }: WatchRecord): readonly string[] {
  const keys = new Set(alerts.map(({ dedupKey }) => dedupKey));
  const started = new Set(alerts.map(({ executionId }) => executionId));
  return said.flatMap((line) => {
    const [what, about = ''] = line.split(' ');
    if (what === 'raised' && !keys.has(about)) return [`${about} failed on record without an alert`];
    return what === 'started' && !started.has(about) ? [`the start ${about} has no alert`] : [];
  });
}

function untold({ alerts, left }: WatchRecord, received: readonly WatchMessage[]): readonly string[] {
  const told = new Map<string, Set<string>>();
  for (const { episodeId, state } of received) {
    told.set(episodeId, (told.get(episodeId) ?? new Set()).add(state));
  }
  return [
    ...left.map(({ id, status }) => `notice ${id} is left ${status}`),
    ...alerts.flatMap(({ id, dedupKey, state, event }) => {
      // Of a channel's own failure this channel is told nothing.
      if (dedupKey === 'channel:hook') return [];
      const states = told.get(id);
      if (states === undefined) return [`${dedupKey} was never told`];
      return !event && state === 'resolved' && !states.has('resolved')
        ? [`the end of ${dedupKey} was never told`]
        : [];
    }),
  ];
}

/** A repeat says so, follows a death or a missing answer, and there are never more of them than of these. */
function badRepeats({ received, kills, unanswered }: WatchAccount): readonly string[] {
  const lives = new Map<string, number>();
  const wrong = received.flatMap(({ id, life, maybeRepeat }) => {
    const before = lives.get(id);
    lives.set(id, life);
    if (before === undefined) return [];
    if (before === life && !unanswered.includes(id)) return [`notice ${id} came twice from one life`];
    return maybeRepeat ? [] : [`notice ${id} came again without saying so`];
  });
  const repeats = repeatsIn(received);
  const most = kills + unanswered.length;
  return repeats > most
    ? [...wrong, `${repeats} repeats after ${kills} kills, ${most - kills} lost answers`]
    : wrong;
}

/**
 * What is over was told as firing before, and never is again; these checks do not come back. An end whose beginning had
 * not left is told by one notice for both.
 */
function badOrder(received: readonly WatchMessage[], { begun }: WatchRecord): readonly string[] {
  const seen = new Map<string, string>();
  return received.flatMap(({ episodeId, state, dedupKey }) => {
    if (!/^check:c\d+-/.test(dedupKey)) return [];
    const before = seen.get(episodeId);
    seen.set(episodeId, state);
    if (state !== 'resolved')
      return before === 'resolved' ? [`${dedupKey}: told as firing after its end`] : [];
    return before === undefined && begun.has(episodeId)
      ? [`${dedupKey}: its end came before its beginning`]
      : [];
  });
}

async function readRecord(path: string): Promise<WatchRecord> {
  await using store = await openSqliteStore({ path, now: () => 0 });
  const alerts: WatchRecord['alerts'][number][] = [];
  for (let offset = 0, more = true; more; offset += 1000) {
    const { items } = await store.queryAlerts({ limit: 1000, offset });
    alerts.push(...items);
    more = items.length === 1000;
  }
  const left: { id: string; status: string }[] = [];
  for (const status of ['pending', 'sending', 'retry', 'dead'] as const) {
    left.push(...(await store.queryOutbox({ status, channelId: 'hook' })).items);
  }
  const begun = new Set<string>();
  for (let offset = 0, more = true; more; offset += 1000) {
    const { items } = await store.queryOutbox({ channelId: 'hook', status: 'sent', limit: 1000, offset });
    for (const { reason, firstAlertId } of items) if (reason !== 'resolved') begun.add(firstAlertId);
    more = items.length === 1000;
  }
  return { alerts, left, begun };
}
