import assert from 'node:assert/strict';
import type {
  AlertChannelInstance,
  AlertNotice,
  RenderedNotice,
  SendCall,
  SendResult,
} from '../ports/alert-channel.ts';
import type { ChannelKind } from '../ports/define-alert-channel.ts';
import { renderNotice } from '../watch/alerts/render/render-notice.ts';
import { CONTRACT_NOW_MS, settled, type WatchedPlugin, watchPlugin } from './contract-case.ts';
import { sampleNotice } from './sample-notice.ts';

/** What a test plants around a channel. */
export interface ChannelSurroundings {
  /** Values that nobody may ever read. */
  readonly secrets?: readonly string[] | undefined;
  /** Variables that the options refer to. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A channel that was made from options, outside any engine. */
export interface OpenChannel {
  readonly instance: AlertChannelInstance;
  readonly plugin: WatchedPlugin;
  /** Sends the sample notice as the engine does; `changes` replaces parts of it, `call` of what the channel is told. */
  readonly send: (changes?: Partial<AlertNotice>, call?: Partial<SendCall>) => Promise<SendResult>;
}

/** Makes a channel as the engine does, for tests of one channel. */
export async function openChannel<I>(
  kind: ChannelKind<I>,
  options: I,
  { secrets = [], env = {} }: ChannelSurroundings = {},
): Promise<OpenChannel> {
  const plugin = watchPlugin(secrets, env);
  const { definition } = kind;
  const instance = await definition.create(definition.parse(options), plugin.context);
  const send: OpenChannel['send'] = async (changes = {}, call = {}) => {
    const notice = sampleNotice(changes);
    const rendered: RenderedNotice = renderNotice(notice, definition.capabilities);
    try {
      const result = await settled(instance.send(notice, rendered, { ...usualCall(), ...call }));
      plugin.note(result);
      assertResult(result);
      return result;
    } catch (error) {
      plugin.note(error);
      throw error;
    }
  };
  return { instance, plugin, send };
}

function usualCall(): SendCall {
  return {
    signal: new AbortController().signal,
    attempt: 1,
    nowMs: CONTRACT_NOW_MS,
    deadlineMs: CONTRACT_NOW_MS + 15_000,
  };
}

/** Reasons go into the history and onto screens: one short line each. */
function assertResult(result: SendResult): void {
  assert.deepEqual(JSON.parse(JSON.stringify(result)), result, 'a result must survive JSON unchanged');
  if (result.status === 'sent') return;
  assert.ok(result.reason.length > 0, 'a result that is not «sent» needs a reason');
  assert.ok(Array.from(result.reason).length <= 256, 'a reason has at most 256 characters');
  assert.doesNotMatch(result.reason, /\p{Cc}/u, 'a reason is one line without control characters');
}
