import { type AlertNotice, cleanLine, cleanText, cutText, type RenderedNotice } from '@qts-ops/core/plugin';

const FIELDS_MAX = 50;
const LABEL_MAX_CHARACTERS = 80;
const VALUE_MAX_CHARACTERS = 1_000;

/** The labelled values of a notice, cleaned and bounded. */
export function boundedFields(
  notice: AlertNotice,
): readonly { readonly label: string; readonly value: string }[] {
  return notice.fields.slice(0, FIELDS_MAX).map(({ label, value }) => ({
    label: cutText(cleanLine(label), LABEL_MAX_CHARACTERS),
    value: cutText(cleanText(value), VALUE_MAX_CHARACTERS),
  }));
}

/** Web addresses only. */
export function webLinks({
  links,
}: AlertNotice): readonly { readonly label: string; readonly url: string }[] {
  return links
    .filter(({ url }) => /^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    .slice(0, FIELDS_MAX)
    .map(({ label, url }) => ({
      label: cutText(cleanLine(label), LABEL_MAX_CHARACTERS),
      url: new URL(url).href,
    }));
}

/** An instant as JSON carries it, ISO 8601 in UTC. */
export function isoTime(instantMs: number): string {
  return new Date(instantMs).toISOString();
}

/**
 * Everything about a notice as one flat object. The first seven names are those of the specification's webhook;
 * `id` is the same in every attempt.
 */
export function jsonBody(notice: AlertNotice, { title, text }: RenderedNotice): object {
  return {
    alert_id: notice.episodeId,
    alert_type: cleanLine(notice.alertType),
    alert_level: notice.level,
    title,
    message: cutText(cleanText(notice.summary), VALUE_MAX_CHARACTERS),
    detail: text,
    sent_at: isoTime(notice.atMs),
    id: notice.id,
    state: notice.state,
    reason: notice.reason,
    dedup_key: cleanLine(notice.dedupKey),
    started_at: isoTime(notice.startedAtMs),
    resolved_at: notice.resolvedAtMs === undefined ? null : isoTime(notice.resolvedAtMs),
    count: notice.count,
    possible_repeat: notice.maybeRepeat,
    error_code: notice.errorCode === undefined ? null : cleanLine(notice.errorCode),
    instance: cleanLine(notice.instance),
    environment: cleanLine(notice.environment),
    fields: boundedFields(notice),
    links: webLinks(notice),
  };
}
