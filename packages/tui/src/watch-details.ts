import type { AlertDetail, AlertView, OpsClient } from '@qts-ops/core/client';
import type { Feed } from './feed.ts';
import { outcomeOf } from './present/delivery-text.ts';
import { problemText } from './problem-text.ts';
import type { ScreenClock } from './screen-clock.ts';
import { type Asked, type AskedPart, withAlert, withProblem } from './state/asked.ts';
import { currentAlert } from './state/lists.ts';
import type { ScreenState } from './state/screen-state.ts';
import { layoutOf, openPage } from './state/selectors.ts';

/** Channels are asked for so often while the Alerts screen is open: nobody tells when a notice is waiting. */
export const CHANNELS_EVERY_MS = 5_000;

/** An alert with a notice that has not arrived is read again so often while it is on the screen. */
export const WAITING_EVERY_MS = 3_000;

/** The same where the engine tells when a notice moves; only for what may have been missed. */
export const TOLD_EVERY_MS = 30_000;

/** An alert that is seen again and again is read again at most so often. */
export const ALERT_LEAST_MS = 1_000;

/** The account of the day is read again so often while the Health screen is open. */
export const DAY_EVERY_MS = 60_000;

/** Backups are read again so often while their screen is open; besides, whenever a keep target has ended. */
export const BACKUPS_EVERY_MS = 30_000;

const HISTORY_ASKED = 100;

/** One thing to ask for now. */
interface Question {
  readonly part: AskedPart | 'history';
  /** Another stamp than last time asks at once. */
  readonly stamp: string;
  readonly everyMs: number;
  readonly ask: (client: OpsClient) => Promise<void>;
}

/** Reads what the feed does not carry about alerts, checks and backups: at most one question of each kind at a time. */
export class WatchDetails {
  readonly #feed: Feed;
  readonly #client: () => OpsClient | undefined;
  readonly #clock: ScreenClock;
  readonly #busy = new Set<Question['part']>();
  readonly #asked = new Map<Question['part'], { readonly stamp: string; readonly atMs: number }>();
  readonly #read = new Map<
    string,
    { readonly version: string; readonly atMs: number; readonly waits: boolean }
  >();
  #cancel: (() => void) | undefined;
  #cancelAtMs = Number.POSITIVE_INFINITY;

  constructor(feed: Feed, client: () => OpsClient | undefined, clock: ScreenClock) {
    this.#feed = feed;
    this.#client = client;
    this.#clock = clock;
  }

  /** Starts to look after the screen; the returned function ends it. */
  start(): () => void {
    const unsubscribe = this.#feed.subscribe(() => this.#look());
    this.#look();
    return () => {
      unsubscribe();
      this.#cancel?.();
    };
  }

  #look(): void {
    const client = this.#client();
    const state = this.#feed.get();
    if (client === undefined || state.link.kind !== 'live') return;
    for (const question of this.#questions(state)) {
      const known = this.#asked.get(question.part);
      const nowMs = this.#clock.nowMs();
      const same = known?.stamp === question.stamp;
      const dueMs = known === undefined || !same ? nowMs : known.atMs + question.everyMs;
      if (this.#busy.has(question.part)) continue;
      if (nowMs < dueMs) this.#lookAgainAt(dueMs);
      else this.#ask(client, question, nowMs);
    }
  }

  #ask(client: OpsClient, { part, stamp, ask }: Question, atMs: number): void {
    this.#asked.set(part, { stamp, atMs });
    this.#busy.add(part);
    const problemPart = part === 'history' ? 'alerts' : part;
    ask(client)
      .then(
        () => this.#put(withProblem(this.#feed.get().asked, problemPart, undefined)),
        (error: unknown) => this.#put(withProblem(this.#feed.get().asked, problemPart, problemText(error))),
      )
      .finally(() => {
        this.#busy.delete(part);
        this.#look();
      });
  }

  #lookAgainAt(atMs: number): void {
    if (!Number.isFinite(atMs) || (this.#cancel !== undefined && this.#cancelAtMs <= atMs)) return;
    this.#cancel?.();
    this.#cancelAtMs = atMs;
    this.#cancel = this.#clock.after(atMs - this.#clock.nowMs(), () => {
      this.#cancel = undefined;
      this.#look();
    });
  }

  /** Draws nothing when nothing has changed. */
  #put(asked: Asked): void {
    const before = this.#feed.get().asked;
    const same =
      asked.alerts === before.alerts &&
      JSON.stringify({ ...asked, alerts: [] }) === JSON.stringify({ ...before, alerts: [] });
    if (!same) this.#feed.act({ kind: 'asked', asked });
  }

  #questions(state: ScreenState): readonly Question[] {
    const { engine, snapshots } = state.world;
    // A new snapshot means that messages may have been missed: what is known by them is asked for again.
    const boot = `${engine?.bootId ?? ''} ${snapshots}`;
    const page = openPage(state)?.kind;
    const questions: Question[] = [this.#backups(state, boot), this.#silences(state, boot)];
    if (state.tab === 'alerts') questions.push(...this.#alerts(state, boot));
    if (state.tab === 'health' || page === 'check') questions.push(this.#health(boot));
    return questions;
  }

  #backups({ world, tab }: ScreenState, boot: string): Question {
    const ends = [...world.targets.values()]
      .filter(({ kind }) => kind === 'keep')
      .map((t) => t.lastEndedAtMs ?? 0);
    return {
      part: 'backups',
      stamp: `${boot} ${Math.max(0, ...ends)}`,
      everyMs: tab === 'backups' ? BACKUPS_EVERY_MS : Number.POSITIVE_INFINITY,
      ask: async (client) => {
        const backups = await client.backups();
        this.#put({ ...this.#feed.get().asked, backups });
      },
    };
  }

  /** Every silence is made and ended by an act that the feed tells; the screens that show them look besides. */
  #silences({ world, tab }: ScreenState, boot: string): Question {
    return {
      part: 'silences',
      stamp: `${boot} ${world.acts[0]?.seq ?? 0}`,
      everyMs: tab === 'alerts' || tab === 'silences' ? CHANNELS_EVERY_MS : Number.POSITIVE_INFINITY,
      ask: async (client) => {
        const silences = await client.silences();
        this.#put({ ...this.#feed.get().asked, silences });
      },
    };
  }

  #health(boot: string): Question {
    return {
      part: 'health',
      stamp: boot,
      everyMs: DAY_EVERY_MS,
      ask: async (client) => {
        const health = await client.health();
        this.#put({ ...this.#feed.get().asked, health });
      },
    };
  }

  #alerts(state: ScreenState, boot: string): readonly Question[] {
    const history: Question = {
      part: 'history',
      stamp: boot,
      everyMs: Number.POSITIVE_INFINITY,
      ask: async (client) => {
        const page = await client.alerts({ limit: HISTORY_ASKED });
        this.#feed.act({ kind: 'ended', alerts: page.items });
      },
    };
    const channels: Question = {
      part: 'channels',
      stamp: boot,
      everyMs: CHANNELS_EVERY_MS,
      ask: async (client) => {
        const channels = await client.channels();
        this.#put({ ...this.#feed.get().asked, channels });
      },
    };
    const alert = this.#nextAlert(state);
    return alert === undefined ? [history, channels] : [history, channels, this.#notices(alert)];
  }

  #notices(alert: AlertView): Question {
    return {
      part: 'alerts',
      stamp: `${alert.id} ${versionOf(alert)} ${this.#read.get(alert.id)?.atMs ?? 0}`,
      everyMs: WAITING_EVERY_MS,
      ask: async (client) => {
        const atMs = this.#clock.nowMs();
        // Also one that cannot be read counts as read, so that the others get their turn.
        this.#read.set(alert.id, { version: versionOf(alert), atMs, waits: true });
        const detail = await client.alert(alert.id);
        this.#read.set(alert.id, { version: versionOf(alert), atMs, waits: waits(detail) });
        this.#put(withAlert(this.#feed.get().asked, detail));
      },
    };
  }

  /** The alert on the screen whose notices are to be read next: the selected one first. */
  #nextAlert(state: ScreenState): AlertView | undefined {
    const nowMs = this.#clock.nowMs();
    const byId = new Map(state.world.alerts.map((alert) => [alert.id, alert]));
    const { ids, place } = state.alerts;
    const shown = ids.slice(place.top, place.top + layoutOf(state).list).map((id) => byId.get(id));
    for (const alert of [currentAlert(state), ...shown]) {
      if (alert === undefined) continue;
      const read = this.#read.get(alert.id);
      if (read === undefined) return alert;
      const dueMs = this.#dueMs(alert, read);
      if (nowMs >= dueMs) return alert;
      this.#lookAgainAt(dueMs);
    }
    return undefined;
  }

  #dueMs(
    alert: AlertView,
    read: { readonly version: string; readonly atMs: number; readonly waits: boolean },
  ): number {
    if (read.version !== versionOf(alert)) return read.atMs + ALERT_LEAST_MS;
    const everyMs = alert.noticesMovedAtMs === undefined ? WAITING_EVERY_MS : TOLD_EVERY_MS;
    return read.waits ? read.atMs + everyMs : Number.POSITIVE_INFINITY;
  }
}

/** What an alert shows; another text means that its notices may be others. */
function versionOf(alert: AlertView): string {
  const { state, level, lastSeenAtMs, acknowledgedAtMs, suppressedBy, escalatesAtMs } = alert;
  const { noticesMovedAtMs } = alert;
  return [state, level, lastSeenAtMs, acknowledgedAtMs, suppressedBy, escalatesAtMs, noticesMovedAtMs].join(
    ' ',
  );
}

function waits({ deliveries }: AlertDetail): boolean {
  return deliveries.some((delivery) => outcomeOf(delivery) === 'waiting');
}
