import { setImmediate as macrotask } from 'node:timers/promises';
import { keyNames, type RawKey } from '../src/commands/key-names.ts';
import { EngineLink } from '../src/connect.ts';
import { Details } from '../src/details.ts';
import { Feed } from '../src/feed.ts';
import { ScreenControl, type ScreenHost } from '../src/screen-control.ts';
import type { Size } from '../src/state/layout.ts';
import { type ScreenState, startState } from '../src/state/screen-state.ts';
import { chooseTheme } from '../src/theme.ts';
import { ManualClock } from './manual-clock.ts';
import { RecordedEngine } from './recorded-client.ts';
import { NOW_MS } from './recorded-data.ts';

const NO_KEY: RawKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
};

export const MONO = chooseTheme({ name: 'mono', unicode: false, noColor: undefined });

/** What a recorded screen may be opened with. */
export interface RecordedScreenOptions {
  readonly engine?: RecordedEngine;
  readonly size?: Size;
  readonly readOnly?: boolean;
}

/** Everything of the live screen but the drawing, over a recorded engine and a clock that is moved by hand. */
export class RecordedScreen implements AsyncDisposable {
  readonly engine: RecordedEngine;
  readonly clock = new ManualClock(NOW_MS);
  readonly feed: Feed;
  readonly effects: string[] = [];
  readonly control: ScreenControl;
  readonly #link: EngineLink;
  readonly #leaving = new AbortController();
  readonly #ended: Promise<void>;
  readonly #stopDetails: () => void;
  #requests = 0;

  constructor({
    engine = new RecordedEngine(),
    size = { columns: 120, rows: 40 },
    readOnly = false,
  }: RecordedScreenOptions = {}) {
    this.engine = engine;
    this.feed = new Feed(
      startState({ operatorId: 'alice', endpoint: 'engine.sock', readOnly, size, localMs: NOW_MS }),
      this.clock,
    );
    this.#link = new EngineLink({
      connect: engine.connect,
      clock: this.clock,
      random: () => 0,
      onMessage: (message) => this.feed.receive(message),
      onLink: (link) => this.feed.unlink(link),
    });
    const host: ScreenHost = {
      quit: () => void this.effects.push('quit'),
      suspend: () => void this.effects.push('suspend'),
      repaint: () => void this.effects.push('repaint'),
      copy: (text) => {
        this.effects.push(`copy ${text}`);
        return `copied ${text}`;
      },
    };
    this.control = new ScreenControl({
      feed: this.feed,
      theme: MONO,
      host,
      client: () => this.#link.client,
      reconnect: () => this.#link.reconnectNow(),
      newRequestId: () => `request-${++this.#requests}`,
    });
    this.#stopDetails = new Details(this.feed, () => this.#link.client, this.clock).start();
    this.#ended = this.#link.run(this.#leaving.signal);
  }

  /** Connected, with the first data and what is asked for besides. */
  static async open(options: RecordedScreenOptions = {}): Promise<RecordedScreen> {
    const screen = new RecordedScreen(options);
    await screen.settle();
    return screen;
  }

  get state(): ScreenState {
    return this.feed.get();
  }

  /** Lets everything that waits for the engine go on. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) await macrotask();
  }

  /** Moves the clock and lets everything that follows from it happen. */
  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settle();
  }

  /** Typed text, as one chunk of input: the way a fast hand or a slow line delivers it. */
  type(text: string): void {
    this.control.press(keyNames(text, NO_KEY));
  }

  /** Named keys, one after another. */
  press(...keys: string[]): void {
    for (const key of keys) this.control.press([key]);
  }

  /** Selects a target by its id with the keys a person has. */
  select(targetId: string): void {
    this.press('g');
    const index = this.state.targets.ids.indexOf(targetId);
    this.type('j'.repeat(index));
  }

  /** Opens the dialog of a key and gets past its deaf time. */
  open(key: string): void {
    this.press(key);
    this.clock.advance(400);
  }

  /** The whole way of an act: open, reason, review, yes. */
  async perform(key: string, reason = 'vendor confirmed the fix'): Promise<void> {
    this.open(key);
    this.type(reason);
    this.press('enter');
    this.clock.advance(400);
    this.press('y');
    await this.settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving.abort();
    this.#stopDetails();
    this.feed.close();
    this.clock.advance(20_000);
    await this.#ended;
  }
}
