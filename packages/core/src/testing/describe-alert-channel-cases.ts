import type { AlertChannelInstance } from '../ports/alert-channel.ts';
import type { ChannelKind } from '../ports/define-alert-channel.ts';
import type { ContractCase, WrongOptions } from './contract-case.ts';
import { channelDeliveryCases } from './describe-alert-channel-delivery.ts';
import { channelFailureCases } from './describe-alert-channel-failures.ts';
import { channelShapeCases } from './describe-alert-channel-shape.ts';
import { type OpenChannel, openChannel } from './open-channel.ts';

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
export interface ChannelStage<I> extends OpenChannel {
  readonly receiver: AlertReceiver<I>;
  /** Makes another channel from the same options. */
  readonly another: () => Promise<AlertChannelInstance>;
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
  const channel = await openChannel(contract.kind, receiver.options, receiver);
  const { definition } = contract.kind;
  const another = async () => definition.create(definition.parse(receiver.options), channel.plugin.context);
  try {
    await scene({ ...channel, receiver, another });
  } finally {
    await channel.instance.close?.();
  }
  channel.plugin.assertNoSecrets();
}
