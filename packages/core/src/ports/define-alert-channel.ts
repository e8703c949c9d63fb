import type {
  AlertChannelDefinition,
  AlertChannelInstance,
  ChannelCapabilities,
  PluginContext,
} from './alert-channel.ts';
import { PLUGIN_BRAND, type Plugin } from './plugin.ts';
import { entryId, type PluginKind, requireKind } from './plugin-entries.ts';
import { type OptionsArguments, type OptionsSchema, parseOptions } from './plugin-options.ts';

/** How the author of a channel describes it. */
export interface AlertChannelSpec<I, O> {
  /** `^[a-z][a-z0-9-]{1,39}$`; the id of the channel unless the user gives one. */
  readonly name: string;
  /** Version of the contract it was written for: 1. */
  readonly apiVersion: number;
  readonly options: OptionsSchema<I, O>;
  /** What it can carry; absent: titles of 150 and texts of 4,000 characters, one a second, no threads, no keys. */
  readonly capabilities: Pick<ChannelCapabilities, 'formats'> & Partial<ChannelCapabilities>;
  /** Makes a channel from checked options. No network here; it may be called twice. */
  create(options: O, context: PluginContext): AlertChannelInstance | Promise<AlertChannelInstance>;
}

const MODEST: Omit<ChannelCapabilities, 'formats'> = {
  titleMax: 150,
  bodyMax: 4_000,
  threads: false,
  idempotent: false,
  rate: { perSecond: 1, burst: 5 },
};

/** What the user may write beside the options of a channel. */
export interface ChannelEntry {
  /** Name of this channel in routes, history and screens; needed when there are several of one kind. */
  readonly id?: string | undefined;
}

/** A kind of channel: call it with options to get the plugin value for a config. */
export interface ChannelKind<I = unknown, O = unknown> extends PluginKind {
  (...entry: OptionsArguments<I & ChannelEntry>): Plugin;
  readonly definition: AlertChannelDefinition<O>;
}

/**
 * Makes a kind of channel: `export const slack = defineAlertChannel({...})`; users write `slack({...})`.
 * @throws InputDataException INP-0502 for another contract version, INP-0503 for a wrong name. Calling the kind throws
 * INP-0501 with every wrong option at once.
 */
export function defineAlertChannel<I, O>(spec: AlertChannelSpec<I, O>): ChannelKind<I, O> {
  requireKind('channel', spec);
  const definition: AlertChannelDefinition<O> = {
    name: spec.name,
    apiVersion: spec.apiVersion,
    capabilities: { ...MODEST, ...spec.capabilities },
    parse: (options) => parseOptions(spec.name, spec.options, options),
    create: async (options, context) => spec.create(options, context),
  };
  const call = (entry: ChannelEntry = {}): Plugin => {
    const { id: given, ...options } = entry;
    const id = entryId(spec.name, given);
    return {
      [PLUGIN_BRAND]: 'plugin',
      id,
      apiVersion: spec.apiVersion,
      channels: [{ id, definition, options: definition.parse(options) }],
    };
  };
  return Object.assign(call, { definition, [PLUGIN_BRAND]: 'kind' } as const);
}
