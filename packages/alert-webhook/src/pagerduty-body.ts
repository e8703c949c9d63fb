import { createHash } from 'node:crypto';
import {
  type AlertLevel,
  type AlertNotice,
  cleanLine,
  cutText,
  type RenderedNotice,
} from '@qts-ops/core/plugin';
import { boundedFields, isoTime, webLinks } from './json-body.ts';

const SUMMARY_MAX_CHARACTERS = 1_024;
const DEDUP_KEY_MAX_CHARACTERS = 255;

const SEVERITIES: Readonly<Record<AlertLevel, string>> = {
  INFO: 'info',
  WARN: 'warning',
  ERROR: 'error',
  CRITICAL: 'critical',
};
const ACTIONS = { firing: 'trigger', acknowledged: 'acknowledge', resolved: 'resolve' } as const;

/** A notice as an event of PagerDuty's Events API v2; all notices about one thing carry one `dedup_key`. */
export function pagerdutyBody(
  notice: AlertNotice,
  { title, text }: RenderedNotice,
  routingKey: string,
): object {
  return {
    routing_key: routingKey,
    event_action: ACTIONS[notice.state],
    dedup_key: dedupKey(notice),
    client: 'qts-ops',
    payload: {
      summary: cutText(title, SUMMARY_MAX_CHARACTERS),
      source: cleanLine(notice.instance) || 'qts-ops',
      severity: SEVERITIES[notice.level],
      timestamp: isoTime(notice.startedAtMs),
      class: cleanLine(notice.alertType),
      group: cleanLine(notice.environment),
      custom_details: {
        text,
        notice_id: notice.id,
        count: notice.count,
        reason: notice.reason,
        ...(notice.errorCode === undefined ? {} : { error_code: cleanLine(notice.errorCode) }),
        fields: boundedFields(notice),
      },
    },
    links: webLinks(notice).map(({ label, url }) => ({ href: url, text: label })),
  };
}

/** Two desks may have a check of the same name; a key that is too long is told apart by its hash. */
function dedupKey({ instance, dedupKey: key }: AlertNotice): string {
  const whole = cleanLine(`${instance}/${key}`);
  if (Buffer.byteLength(whole) <= DEDUP_KEY_MAX_CHARACTERS) return whole;
  return createHash('sha256').update(whole).digest('hex');
}
