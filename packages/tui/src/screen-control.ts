import type { OpsClient } from '@qts-ops/core/client';
import { sendAct } from './acts.ts';
import type { Effect } from './commands/command.ts';
import { press } from './commands/press.ts';
import type { Feed } from './feed.ts';
import { measurePage } from './present/screen-lines.ts';
import type { Theme } from './theme.ts';

/** What reaches the terminal and the process. */
export interface ScreenHost {
  quit(): void;
  suspend(): void;
  repaint(): void;
  /** Puts a text on the clipboard of the terminal; says what happened. */
  copy(text: string): string;
}

/** What the keys of one screen work with. */
export interface ScreenControlOptions {
  readonly feed: Feed;
  readonly theme: Theme;
  readonly host: ScreenHost;
  readonly client: () => OpsClient | undefined;
  readonly reconnect: () => void;
  readonly newRequestId: () => string;
}

/** The hands of the screen: keys become actions and effects, and only here a request leaves for the engine. */
export class ScreenControl {
  readonly #options: ScreenControlOptions;

  constructor(options: ScreenControlOptions) {
    this.#options = options;
  }

  /** Keys in the order they were pressed; each one sees what the one before it did. */
  press(keys: readonly string[]): void {
    for (const key of keys) this.#pressOne(key);
  }

  /** Text from the clipboard. */
  paste(text: string): void {
    this.#options.feed.act({ kind: 'paste', text });
  }

  #pressOne(key: string): void {
    const { feed, theme } = this.#options;
    const before = feed.get();
    const outcome = press(before, key, () => measurePage(before, theme));
    if (outcome.kind === 'none') return;
    if (outcome.kind === 'effect') {
      this.#perform(outcome.effect);
      return;
    }
    const after = feed.act(outcome);
    const { dialog } = after;
    const sent = dialog?.step.kind === 'sending' && before.dialog?.step.kind !== 'sending';
    if (sent && dialog?.step.kind === 'sending') void this.#send(dialog.step.pending);
  }

  async #send(pending: Parameters<typeof sendAct>[1]): Promise<void> {
    const { feed, client, newRequestId } = this.#options;
    const answer = await sendAct(client(), pending, newRequestId);
    feed.act({ kind: 'answer', requestId: pending.requestId, answer });
  }

  #perform(effect: Effect): void {
    const { feed, host, reconnect, newRequestId } = this.#options;
    switch (effect.kind) {
      case 'quit':
        host.quit();
        return;
      case 'suspend':
        host.suspend();
        return;
      case 'repaint':
        host.repaint();
        return;
      case 'reconnect':
        reconnect();
        return;
      case 'copy':
        feed.act({ kind: 'flash', flash: { text: host.copy(effect.text), tone: 'plain' } });
        return;
      case 'act':
        feed.act({ kind: 'dialog.open', subject: effect.subject, requestId: newRequestId() });
        return;
      default:
        effect satisfies never;
    }
  }
}
