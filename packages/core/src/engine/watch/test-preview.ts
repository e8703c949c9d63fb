import { opsException } from '../../kernel/ops-exception.ts';
import { redact, type Secret } from '../../kernel/secret.ts';
import type {
  AlertLevel,
  AlertNotice,
  ChannelCapabilities,
  RenderedNotice,
} from '../../ports/alert-channel.ts';
import { LOG_CHANNEL } from '../../watch/alerts/alert-settings.ts';
import { noticeOf } from '../../watch/alerts/notice-rules.ts';
import { renderNotice } from '../../watch/alerts/render/render-notice.ts';
import { testAlert } from '../../watch/alerts/test-notices.ts';
import { LOG_CAPABILITIES } from '../alerting-channels.ts';
import type { OpsConfig } from '../config/ops-config.ts';

/** What a test notice would be made of. */
export interface TestWish {
  readonly channelId: string;
  readonly level: AlertLevel;
  readonly operatorId: string;
  readonly nowMs: number;
  /** Values that must not be shown. */
  readonly secrets?: readonly Secret[] | undefined;
}

/** What a channel would be given. */
export interface TestPreview {
  readonly channelId: string;
  /** Name of its definition: `email`, `slack`, … */
  readonly kind: string;
  /** The texts that the engine makes for it. */
  readonly formats: ChannelCapabilities['formats'];
  /** A channel that makes its texts itself is given this. */
  readonly notice: AlertNotice;
  readonly rendered: RenderedNotice;
}

/** Stands where the id will be: no alert is made. */
const NO_ID = '00000000-0000-7000-8000-000000000000';

/**
 * What `alerts test` would hand to a channel of a config, by the rules of the engine itself. Nothing is made or sent.
 * @throws INP-0925 for a channel the config does not name.
 */
export function previewTest(config: OpsConfig, wish: TestWish): TestPreview {
  const { channelId, level, operatorId, nowMs, secrets = [] } = wish;
  const { kind, capabilities } = channelOf(config, channelId);
  const alert = testAlert({ id: NO_ID, channelId, level, by: operatorId }, nowMs);
  const row = {
    id: NO_ID,
    reason: 'test',
    level,
    maybeRepeat: false,
    late: false,
    firstAlertId: NO_ID,
    groupKey: alert.dedupKey,
  } as const;
  const { instance, environment, timeZone, watch } = config;
  const { language } = watch.alerts;
  const worded = noticeOf(row, [alert], { instance, environment, timeZone, language, nowMs });
  const clean = (text: string) => redact(text, secrets);
  const notice: AlertNotice = {
    ...worded,
    title: clean(worded.title),
    summary: clean(worded.summary),
    fields: worded.fields.map(({ label, value }) => ({ label, value: clean(value) })),
    instance: clean(worded.instance),
  };
  const rendered = renderNotice(notice, capabilities);
  return { channelId, kind, formats: capabilities.formats, notice, rendered };
}

function channelOf(
  { watch }: OpsConfig,
  channelId: string,
): { readonly kind: string; readonly capabilities: ChannelCapabilities } {
  if (channelId === LOG_CHANNEL) return { kind: LOG_CHANNEL, capabilities: LOG_CAPABILITIES };
  const found = watch.channels.find(({ id }) => id === channelId);
  if (found !== undefined) {
    const { name, capabilities } = found.definition;
    return { kind: name, capabilities };
  }
  const known = [LOG_CHANNEL, ...watch.channels.map(({ id }) => id)].join(', ');
  throw opsException('INP-0925', `channel: ${channelId.slice(0, 60)}; allowed: ${known}`);
}
