import { openSqliteStore } from '../src/adapters/store-sql/sqlite-store.ts';
import type { OpsStore } from '../src/engine/ops-store.ts';
import { isOpsException } from '../src/kernel/ops-exception.ts';
import type { SendResult } from '../src/ports/alert-channel.ts';
import {
  createTestAlerts,
  type TestAlerts,
  TestChannel,
  testAct,
} from '../src/testing/create-test-alerts.ts';
import { VirtualClock } from '../src/testing/virtual-clock.ts';
import type { rankOf } from '../src/watch/alerts/alert.ts';
import { judgeStory } from './alert-findings.ts';
import { StoryRecord } from './alert-record.ts';
import {
  CHANNELS_GONE,
  labelsOfKey,
  STORY_CHANNELS,
  STORY_KEYS,
  type StoryAnswer,
  type StoryChannel,
  type StoryConfig,
  type StoryStep,
  storySettings,
} from './alert-story.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a story came to. */
export interface StoryResult {
  readonly findings: readonly string[];
  readonly messages: number;
  readonly episodes: number;
}

/** Plays a story on the virtual clock with a real store and ends it well: channels answer, causes are over. */
export async function playStory(steps: readonly StoryStep[]): Promise<StoryResult> {
  const stage = await AlertStage.open();
  try {
    for (const step of steps) await stage.play(step);
    await stage.end();
    const findings = await judgeStory(stage.record, stage.store);
    return { findings, messages: stage.record.told.length, episodes: stage.record.keys.size };
  } finally {
    await stage.close();
  }
}

class AlertStage {
  readonly record: StoryRecord;
  readonly store: OpsStore;
  readonly #clock: VirtualClock;
  readonly #startMs: number;
  readonly #channels: readonly TestChannel[];
  readonly #answers = new Map<string, StoryAnswer>();
  readonly #crowd: string[] = [];
  #silences: string[] = [];
  #config: StoryConfig = 'usual';
  #test: TestAlerts | undefined;

  static async open(): Promise<AlertStage> {
    const clock = new VirtualClock();
    const stage = new AlertStage(clock, await openSqliteStore({ path: ':memory:', now: () => clock.now() }));
    await stage.#begin();
    return stage;
  }

  private constructor(clock: VirtualClock, store: OpsStore) {
    this.#clock = clock;
    this.#startMs = clock.now();
    this.store = store;
    this.record = new StoryRecord(clock);
    this.#channels = STORY_CHANNELS.map((id) => this.#channel(id));
    const commit = store.commit.bind(store);
    store.commit = async (changes) => {
      const result = await commit(changes);
      if (result === 'committed') this.record.committed(changes);
      return result;
    };
  }

  async play(step: StoryStep): Promise<void> {
    switch (step.kind) {
      case 'wait':
        return this.#clock.advance(step.ms);
      case 'raise':
        return this.#raise(step.key, step.level);
      case 'crowd':
        for (let n = 0; n < step.count; n++) {
          const name = `crowd${n}`;
          if (!this.#crowd.includes(name)) this.#crowd.push(name);
          await this.#raise(name, step.level);
        }
        return;
      case 'resolve':
        return this.#resolve(step.key);
      case 'acknowledge':
      case 'unacknowledge':
      case 'close':
        return this.#act(step);
      case 'silence':
        return this.#silence(step);
      case 'end-silence':
        return this.#endSilence();
      case 'channel':
        this.#answers.set(step.channel, step.answer);
        return;
      case 'restart':
        return this.#restart(step);
      case 'clock':
        return this.#setClock(step.byMs);
      default:
        return step satisfies never;
    }
  }

  /** The usual config again, every channel answers, every silence and every cause ends, and a day and a bit passes. */
  async end(): Promise<void> {
    await this.#clock.advance(HOUR_MS);
    if (this.#config !== 'usual')
      await this.#restart({ kind: 'restart', died: false, offMs: 0, config: 'usual' });
    this.#answers.clear();
    this.record.healed();
    await this.#clock.advance(5 * HOUR_MS);
    await this.#testChannels();
    for (const key of [...STORY_KEYS, ...this.#crowd]) await this.#resolve(key);
    await this.#clock.advance(2 * DAY_MS);
  }

  /** A channel that failed and had nothing more to send is known to work when something arrived. */
  async #testChannels(): Promise<void> {
    const tests = STORY_CHANNELS.map((id) => this.#running.acts.test(id, 'INFO', testAct()));
    await this.#clock.advance(HOUR_MS);
    await Promise.all(tests);
  }

  async close(): Promise<void> {
    await this.#test?.[Symbol.asyncDispose]();
    await this.store.close();
  }

  async #begin(): Promise<void> {
    const { store } = this;
    const settings = storySettings(this.#startMs, this.#config);
    const gone = this.#config === 'fewer-channels' ? CHANNELS_GONE : [];
    const channels = this.#channels.filter(({ bound }) => !gone.includes(bound.id));
    this.#test = await createTestAlerts({ store, clock: this.#clock, channels, settings });
  }

  get #running(): TestAlerts {
    if (this.#test === undefined) throw new Error('nothing has begun');
    return this.#test;
  }

  async #raise(key: string, level: Parameters<typeof rankOf>[0]): Promise<void> {
    this.record.raised(key, level);
    const parents = key === 'child' ? ['cause'] : [];
    await this.#running.raise(key, { level, parents, labels: labelsOfKey(key) });
    this.record.checkOpen(
      this.#running.alerts.open(),
      await this.store.queryAlerts({ open: true, limit: 1000 }),
    );
  }

  async #resolve(key: string): Promise<void> {
    this.record.released(key);
    await this.#running.resolve(key);
  }

  async #act(
    step: Extract<StoryStep, { readonly kind: 'acknowledge' | 'unacknowledge' | 'close' }>,
  ): Promise<void> {
    const { acts, alerts } = this.#running;
    const open = alerts.open().find(({ dedupKey }) => dedupKey === step.key);
    if (open === undefined) return;
    if (step.kind !== 'acknowledge') this.record.released(step.key);
    if (step.kind === 'close') await acts.close(open.id, testAct());
    else if (step.kind === 'unacknowledge') {
      await acts.unacknowledge(open.id, testAct()).catch((error: unknown) => refusedWith(error, 'BAT-0602'));
    } else {
      if (open.acknowledgement !== undefined) return;
      const { forMs: expiresInMs, sticky } = step;
      await acts.acknowledge(open.id, testAct(), { expiresInMs, sticky });
      this.record.taken(step.key, { untilMs: this.#clock.now() + expiresInMs, sticky });
    }
  }

  async #silence({ key, forMs, inMs }: Extract<StoryStep, { readonly kind: 'silence' }>): Promise<void> {
    const startsAtMs = this.#clock.now() + inMs;
    const matchers = [{ label: 'name', value: key }];
    const { id } = await this.#running.acts.silence({ matchers, startsAtMs, forMs }, testAct());
    this.#silences.push(id);
    this.record.silenced(id, { key, fromMs: startsAtMs, untilMs: startsAtMs + forMs });
  }

  async #endSilence(): Promise<void> {
    const id = this.#silences.pop();
    if (id === undefined) return;
    this.record.unsilenced(id);
    await this.#running.acts
      .expireSilence(id, testAct())
      .catch((error: unknown) => refusedWith(error, 'INP-0923'));
  }

  async #restart({ died, offMs, config }: Extract<StoryStep, { readonly kind: 'restart' }>): Promise<void> {
    this.#config = config;
    if (died) this.#running.die();
    else await this.#running[Symbol.asyncDispose]();
    await this.#clock.advance(offMs);
    this.record.wasOff(offMs);
    await this.#begin();
  }

  async #setClock(byMs: number): Promise<void> {
    this.#clock.stepWall(byMs);
    this.record.clockSet(byMs);
    await this.#running.alerts.clockJumped(byMs);
  }

  #channel(id: StoryChannel): TestChannel {
    const channel = new TestChannel(id, { perSecond: 1, burst: 3 });
    channel.answer = (notice) => {
      const answer = this.#answers.get(id) ?? 'ok';
      this.record.handedOver(id, notice, answer);
      return answerOf(answer);
    };
    return channel;
  }
}

function answerOf(answer: StoryAnswer): SendResult | Promise<SendResult> {
  switch (answer) {
    case 'ok':
      return { status: 'sent' };
    case 'retry':
      return { status: 'retry', reason: '503' };
    case 'busy':
      return { status: 'retry', reason: '429', retryAfterMs: 300_000 };
    case 'throws':
      throw new Error('no route to host');
    case 'refuses-message':
      return { status: 'rejected', scope: 'message', reason: '400' };
    case 'refuses-recipient':
      return { status: 'rejected', scope: 'recipient', reason: '550' };
    case 'refuses-channel':
      return { status: 'rejected', scope: 'channel', reason: '404' };
    case 'hangs':
      return new Promise(() => undefined);
    case 'lost':
      return { status: 'retry', reason: 'reset', mayHaveArrived: true };
    default:
      return answer satisfies never;
  }
}

function refusedWith(error: unknown, code: string): undefined {
  if (isOpsException(error) && error.code === code) return undefined;
  throw error;
}
