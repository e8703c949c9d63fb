import type { AlertNotice, RenderedNotice } from '@qts-ops/core/plugin';
import { bareAddress, type CheckedEmailOptions } from './email-options.ts';

/** A mail as the library takes it, without the connection. */
export interface MailMessage {
  readonly from: string;
  readonly to: string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly messageId: string;
  readonly inReplyTo: string;
  readonly references: string[];
  readonly date: Date;
  readonly priority: 'high' | 'normal';
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Writes a notice as a mail. Every attempt of one notice has the same Message-ID, and all notices of one episode
 * refer to the same id, which mail programs show as one thread.
 */
export function toMailMessage(
  notice: AlertNotice,
  rendered: RenderedNotice,
  options: CheckedEmailOptions,
): MailMessage {
  const domain = bareAddress(options.from).split('@')[1] ?? 'localhost';
  const thread = `<alert.${idPart(notice.episodeId)}@${domain}>`;
  return {
    from: options.from,
    to: [...options.to],
    subject: rendered.title,
    text: rendered.text,
    ...(rendered.html === undefined ? {} : { html: rendered.html }),
    messageId: `<notice.${idPart(notice.id)}@${domain}>`,
    inReplyTo: thread,
    references: [thread],
    date: new Date(notice.atMs),
    priority: notice.level === 'CRITICAL' && notice.state === 'firing' ? 'high' : 'normal',
    headers: {
      // Tells vacation programs not to answer (RFC 3834).
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
  };
}

/** Ids are UUIDs; anything else must not end the header early. */
function idPart(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9-]/g, '-').slice(0, 100);
}
