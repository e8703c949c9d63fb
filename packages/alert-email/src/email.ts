import { type AlertChannelInstance, defineAlertChannel, isOpsException } from '@qts-ops/core/plugin';
import { EmailOptionsSchema } from './email-options.ts';
import { MailSender } from './mail-sender.ts';
import { readServer } from './mail-server.ts';
import { verifyServer } from './mail-verify.ts';

/**
 * Sends alerts as e-mail through one SMTP server: `email({ smtp: { host, user, password: { env } }, from, to })`.
 * Calling it throws INP-0501 with every wrong option at once.
 */
export const email = defineAlertChannel({
  name: 'email',
  apiVersion: 1,
  options: EmailOptionsSchema,
  capabilities: {
    formats: ['text', 'html'],
    titleMax: 150,
    bodyMax: 50_000,
    threads: true,
    // Some mailboxes drop a second mail with the same Message-ID, but not all.
    idempotent: false,
    // Twenty mails a minute in the long run.
    rate: { perSecond: 1 / 3, burst: 20 },
  },
  create: (options, context): AlertChannelInstance => {
    const sender = new MailSender(options, context);
    return {
      send: (notice, rendered, call) =>
        sender.send({ notice, rendered }, call).catch((error: unknown) => ({
          status: 'rejected',
          scope: 'channel',
          reason: missing(error),
        })),
      verify: async (signal) => {
        try {
          return await verifyServer(readServer(options, context), signal);
        } catch (error) {
          return { status: 'fail', reason: missing(error) };
        }
      },
    };
  },
});

/** Only the password is read outside the attempts that catch their own failures. */
function missing(error: unknown): string {
  return isOpsException(error) ? error.message.slice(0, 256) : 'the password cannot be read';
}
