import {
  ALERT_LEVELS,
  type AlertLevel,
  type AlertNotice,
  cleanLine,
  cutText,
  type RenderedNotice,
} from '@qts-ops/core/plugin';
import { isoTime, webLinks } from './json-body.ts';

/**
 * How long Alertmanager keeps a firing alert that it hears nothing more about. Its own default of five minutes is made
 * for senders that repeat every alert all the time; here the resolved notice ends it, and this only bounds its loss.
 */
const KEEP_FIRING_MS = 7 * 24 * 3_600_000;

const SEVERITIES: Readonly<Record<AlertLevel, string>> = {
  INFO: 'info',
  WARN: 'warning',
  ERROR: 'error',
  CRITICAL: 'critical',
};

/**
 * A notice as Alertmanager's v2 API takes it. Labels are the identity of an alert there, and the severity has to be one
 * of them because routes go by it; so the post ends the alert under every severity it does not have any more.
 */
export function alertmanagerBody(notice: AlertNotice, rendered: RenderedNotice): readonly object[] {
  return ALERT_LEVELS.map((level) => {
    const firing = level === notice.level && notice.state !== 'resolved';
    const endsAtMs = firing ? notice.atMs + KEEP_FIRING_MS : (notice.resolvedAtMs ?? notice.atMs);
    const link = webLinks(notice)[0];
    return {
      labels: {
        alertname: cleanLine(notice.alertType),
        severity: SEVERITIES[level],
        instance: cleanLine(notice.instance),
        environment: cleanLine(notice.environment),
        dedup_key: cleanLine(notice.dedupKey),
      },
      annotations: {
        summary: cutText(rendered.title, 300),
        description: rendered.text,
        ...(notice.errorCode === undefined ? {} : { error_code: cleanLine(notice.errorCode) }),
      },
      startsAt: isoTime(notice.startedAtMs),
      endsAt: isoTime(Math.max(endsAtMs, notice.startedAtMs)),
      ...(link === undefined ? {} : { generatorURL: link.url }),
    };
  });
}
