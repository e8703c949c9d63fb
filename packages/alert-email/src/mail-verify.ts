import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { reasonOf, smtpFailure } from './mail-results.ts';
import type { MailServer } from './mail-server.ts';

/** What a look at the server found. */
export interface MailVerdict {
  readonly status: 'pass' | 'fail';
  readonly reason?: string;
}

/** Connects, encrypts and logs in as for a mail, and sends none. Ends soon after the signal. */
export async function verifyServer(
  { connection, login, hide }: MailServer,
  signal: AbortSignal,
): Promise<MailVerdict> {
  const smtp = new SMTPConnection(connection);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(new DOMException('stopped', 'AbortError'));
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  smtp.once('error', reject);
  smtp.once('end', () => reject(new Error('the server closed the connection')));
  const settle = (error: unknown) => (error === null || error === undefined ? resolve() : reject(error));
  smtp.connect((error) => {
    if (error !== undefined || login === undefined) settle(error);
    else smtp.login({ user: login.user, credentials: login }, settle);
  });
  try {
    await promise;
    return { status: 'pass' };
  } catch (error) {
    return { status: 'fail', reason: reasonOf(smtpFailure(error), hide) };
  } finally {
    signal.removeEventListener('abort', stop);
    // What a closing connection still reports concerns nobody any more.
    smtp.on('error', () => {});
    smtp.close();
  }
}
