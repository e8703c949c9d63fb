import assert from 'node:assert/strict';
import type { AlertChannelInstance, AlertNotice, SendCall, SendResult } from '../ports/alert-channel.ts';
import type { ChannelKind } from '../ports/define-alert-channel.ts';
import { renderNotice } from '../watch/alerts/render/render-notice.ts';
import {
  CONTRACT_NOW_MS,
  type ContractCase,
  type WatchedPlugin,
  type WrongOptions,
  watchPlugin,
} from './contract-case.ts';
import { channelDeliveryCases } from './describe-alert-channel-delivery.ts';
import { channelFailureCases } from './describe-alert-channel-failures.ts';
import { channelShapeCases } from './describe-alert-channel-shape.ts';
import { sampleNotice } from './sample-notice.ts';

/** What a receiver can be asked to do. */
export const RECEIVER_BEHAVIOURS = [
  /** Takes everything. */
  'accept',
  /** Takes it for some of the recipients. */
  'accept-some',
  /** Accepts the connection and never answers. */
  'hang',
  /** Cuts the connection off. */
  'reset',
  /** Nobody listens. */
  'gone',
  /** A passing failure: 500, 451. */
  'busy',
  /** Asks for 7 s of silence. */
  'slow-down',
  /** Asks for silence until two minutes after `CONTRACT_NOW_MS`. */
  'slow-down-until',
  /** This message is not acceptable. */
  'refuse-message',
  /** The address or credential is not valid. */
  'refuse-channel',
  /** Refuses and repeats the whole request, secrets included. */
  'repeat-secrets',
  /** Shows a certificate that nobody signed. */
  'bad-certificate',
] as const;
/** One of these. */
export type ReceiverBehaviour = (typeof RECEIVER_BEHAVIOURS)[number];

/** One notice as the receiver got it. */
export interface ReceivedNotice {
  /** Everything a person would read of it, decoded. */
  readonly text: string;
  /** By which the receiver recognises a repeat; required of channels that say `idempotent`. */
  readonly key?: string | undefined;
  /** What the receiver shows together; required of channels that say `threads`. */
  readonly thread?: string | undefined;
}

/** A real receiver of notices, such as a server on this machine, made for one case. */
export interface AlertReceiver<I> extends AsyncDisposable {
  /** Options with which the channel reaches it. */
  readonly options: I;
  /** Variables that the options refer to. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Values in the options that nobody may ever read. */
  readonly secrets: readonly string[];
  readonly received: readonly ReceivedNotice[];
  /** How many connections or requests there were. */
  readonly contacts: () => number;
}

/** Everything the contract needs to know about a channel. */
export interface AlertChannelContract<I> {
  readonly kind: ChannelKind<I>;
  /** What the receiver can do; the promises about the rest are skipped. `accept` and `gone` are always needed. */
  readonly behaviours: readonly ReceiverBehaviour[];
  readonly start: (behaviour: ReceiverBehaviour) => Promise<AlertReceiver<I>>;
  readonly wrongOptions: readonly WrongOptions[];
}

/** A channel in front of its receiver. */
export interface ChannelStage<I> {
  readonly receiver: AlertReceiver<I>;
  readonly plugin: WatchedPlugin;
  readonly instance: AlertChannelInstance;
  /** Makes another channel from the same options. */
  another(): Promise<AlertChannelInstance>;
  /** Sends a notice as the engine does; `call` replaces parts of what the channel is told. */
  send(changes?: Partial<AlertNotice>, call?: Partial<SendCall>): Promise<SendResult>;
}

/** Runs one scene with a fresh receiver and looks afterwards that no secret got out. */
export type OnStage<I> = (
  behaviour: ReceiverBehaviour,
  scene: (stage: ChannelStage<I>) => Promise<void>,
) => () => Promise<void>;

/** Every promise of the channel contract, for any test runner. */
export function alertChannelCases<I>(contract: AlertChannelContract<I>): readonly ContractCase[] {
  const onStage: OnStage<I> = (behaviour, scene) => () => playScene(contract, behaviour, scene);
  const all = [
    ...channelShapeCases(contract, onStage),
    ...channelDeliveryCases(contract, onStage),
    ...channelFailureCases(onStage),
  ];
  return all.map(({ needs, ...one }) => {
    const missing = needs !== undefined && !contract.behaviours.includes(needs);
    return missing ? { ...one, skip: `the receiver cannot be «${needs}»` } : one;
  });
}

/** A case that asks its receiver for something special. */
export interface ChannelCase extends ContractCase {
  readonly needs?: ReceiverBehaviour;
}

async function playScene<I>(
  contract: AlertChannelContract<I>,
  behaviour: ReceiverBehaviour,
  scene: (stage: ChannelStage<I>) => Promise<void>,
): Promise<void> {
  await using receiver = await contract.start(behaviour);
  const plugin = watchPlugin(receiver.secrets, receiver.env);
  const { definition } = contract.kind;
  const another = async () => definition.create(definition.parse(receiver.options), plugin.context);
  const instance = await another();
  const send: ChannelStage<I>['send'] = async (changes = {}, call = {}) => {
    const notice = sampleNotice(changes);
    const rendered = renderNotice(notice, definition.capabilities);
    try {
      const result = await instance.send(notice, rendered, { ...usualCall(), ...call });
      plugin.note(result);
      assertResult(result);
      return result;
    } catch (error) {
      plugin.note(error);
      throw error;
    }
  };
  try {
    await scene({ receiver, plugin, instance, another, send });
  } finally {
    await instance.close?.();
  }
  plugin.assertNoSecrets();
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
