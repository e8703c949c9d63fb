import type {
  AlertNotice,
  PluginContext,
  RenderedNotice,
  SendCall,
  SendResult,
  SettledRecipients,
} from '@qts-ops/core/plugin';
import { cutText } from '@qts-ops/core/plugin';
import { createTransport } from 'nodemailer';
import { bareAddress, type CheckedEmailOptions } from './email-options.ts';
import { toMailMessage } from './mail-message.ts';
import { isPassing, reasonOf, resultOfFailure, type SmtpFailure, smtpFailure } from './mail-results.ts';
import { type MailServer, readServer } from './mail-server.ts';

const TEXT_MAX_CHARACTERS = 256;

/** One notice with its texts. */
export interface Letter {
  readonly notice: AlertNotice;
  readonly rendered: RenderedNotice;
}

/**
 * Hands mails to one server, one connection a mail. When a server takes a mail for some recipients and asks for
 * patience with others (greylisting), the outbox remembers the former, and the next attempt goes to the others alone.
 */
export class MailSender {
  readonly #options: CheckedEmailOptions;
  readonly #context: PluginContext;

  constructor(options: CheckedEmailOptions, context: PluginContext) {
    this.#options = options;
    this.#context = context;
  }

  /** One attempt. @throws InputDataException INP-0504 when the password cannot be read. */
  async send(letter: Letter, call: SendCall): Promise<SendResult> {
    if (call.signal.aborted) return { status: 'retry', reason: 'stopped before sending' };
    const server = readServer(this.#options, this.#context);
    const before = call.settled ?? NOBODY;
    const { accepted, refused } = before;
    const recipients = this.#options.to
      .map(bareAddress)
      .filter((address) => !accepted.includes(address) && !refused.includes(address));
    // Whoever still waited stands in the config no more.
    if (recipients.length === 0) return sentTo(before, '');
    try {
      const handed = await this.#hand(letter, { server, recipients, signal: this.#limit(call) });
      return resultOf(handed, before, server);
    } catch (error) {
      const failures = rejectedErrors(error);
      // The library reports the last answer for all of them; where they differ, each recipient has its own.
      const differ = new Set(failures.map(isPassing)).size > 1;
      if (differ) return resultOf({ accepted: [], failures, response: '' }, before, server);
      const result = resultOfFailure(error, server.hide);
      const nobodyElse = result.status === 'rejected' && result.scope === 'recipient' && accepted.length > 0;
      return nobodyElse ? sentTo({ ...before, refused: [...refused, ...recipients] }, '') : result;
    }
  }

  #limit({ signal, deadlineMs, nowMs }: SendCall): AbortSignal {
    const remainingMs = Math.max(0, Math.min(this.#options.timeoutMs, deadlineMs - nowMs));
    return AbortSignal.any([signal, AbortSignal.timeout(remainingMs)]);
  }

  async #hand({ notice, rendered }: Letter, { server, recipients, signal }: Handing): Promise<Handed> {
    const { connection, login } = server;
    const transport = createTransport({ ...connection, ...(login === undefined ? {} : { auth: login }) });
    try {
      const result = await transport.sendMail({
        ...toMailMessage(notice, rendered, this.#options),
        envelope: { from: bareAddress(this.#options.from), to: [...recipients] },
        disableFileAccess: true,
        disableUrlAccess: true,
        signal,
      });
      const failures = rejectedErrors(result);
      return { accepted: result.accepted.map(addressText), failures, response: result.response };
    } finally {
      transport.close();
    }
  }
}

interface Handing {
  readonly server: MailServer;
  readonly recipients: readonly string[];
  readonly signal: AbortSignal;
}

interface Handed {
  readonly accepted: readonly string[];
  readonly failures: readonly SmtpFailure[];
  readonly response: string;
}

const NOBODY: SettledRecipients = { accepted: [], refused: [] };

/** What the server's answers about each recipient come to. */
function resultOf(
  { accepted, failures, response }: Handed,
  before: SettledRecipients,
  { hide }: MailServer,
): SendResult {
  const refused = failures.filter((one) => !isPassing(one)).map(({ recipient }) => recipient);
  const settled = {
    accepted: [...before.accepted, ...accepted],
    refused: [...before.refused, ...refused],
  };
  const waiting = failures.find(isPassing);
  if (waiting === undefined) return sentTo(settled, hide(response));
  const reason = `not for all recipients: ${reasonOf(waiting, hide)}`;
  return { status: 'retry', reason: cutText(reason, TEXT_MAX_CHARACTERS), settled };
}

/** What was said of each recipient that was not taken. */
function rejectedErrors(answer: unknown): readonly SmtpFailure[] {
  const list =
    typeof answer === 'object' && answer !== null && 'rejectedErrors' in answer ? answer.rejectedErrors : [];
  return Array.isArray(list) ? list.map(smtpFailure) : [];
}

function sentTo({ refused }: SettledRecipients, response: string): SendResult {
  return {
    status: 'sent',
    ...(response === '' ? {} : { ref: cutText(response, TEXT_MAX_CHARACTERS) }),
    ...(refused.length === 0 ? {} : { rejectedRecipients: refused }),
  };
}

function addressText(address: string | { readonly address: string }): string {
  return typeof address === 'string' ? address : address.address;
}
