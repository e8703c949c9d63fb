import type { AlertNotice, PluginContext, RenderedNotice, SendCall, SendResult } from '@qts-ops/core/plugin';
import { cutText } from '@qts-ops/core/plugin';
import { createTransport } from 'nodemailer';
import { bareAddress, type CheckedEmailOptions } from './email-options.ts';
import { toMailMessage } from './mail-message.ts';
import { isPassing, reasonOf, resultOfFailure, type SmtpFailure, smtpFailure } from './mail-results.ts';
import { type MailServer, readServer } from './mail-server.ts';
import { RecipientBook } from './recipient-book.ts';

const TEXT_MAX_CHARACTERS = 256;

/** One notice with its texts. */
export interface Letter {
  readonly notice: AlertNotice;
  readonly rendered: RenderedNotice;
}

/**
 * Hands mails to one server, one connection a mail. When a server takes a mail for some recipients and asks for
 * patience with others (greylisting), the next attempt goes to the others alone.
 */
export class MailSender {
  readonly #options: CheckedEmailOptions;
  readonly #context: PluginContext;
  readonly #book = new RecipientBook();

  constructor(options: CheckedEmailOptions, context: PluginContext) {
    this.#options = options;
    this.#context = context;
  }

  /** One attempt. @throws InputDataException INP-0504 when the password cannot be read. */
  async send(letter: Letter, call: SendCall): Promise<SendResult> {
    if (call.signal.aborted) return { status: 'retry', reason: 'stopped before sending' };
    const server = readServer(this.#options, this.#context);
    const { id } = letter.notice;
    const { accepted, refused } = this.#book.of(id);
    const recipients = this.#options.to
      .map(bareAddress)
      .filter((address) => !accepted.includes(address) && !refused.includes(address));
    try {
      const handed = await this.#hand(letter, { server, recipients, signal: this.#limit(call) });
      return this.#resultOf(id, handed, server);
    } catch (error) {
      const result = resultOfFailure(error, server.hide);
      const nobodyElse = result.status === 'rejected' && result.scope === 'recipient' && accepted.length > 0;
      return nobodyElse ? this.#sent(id, { ...NO_ANSWER, refused: recipients }) : result;
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
      const failures = (result.rejectedErrors ?? []).map(smtpFailure);
      return { accepted: result.accepted.map(addressText), failures, response: result.response };
    } finally {
      transport.close();
    }
  }

  /** The server has taken the mail for at least one recipient. */
  #resultOf(noticeId: string, { accepted, failures, response }: Handed, { hide }: MailServer): SendResult {
    const refused = failures.filter((one) => !isPassing(one)).map(({ recipient }) => recipient);
    const waiting = failures.find(isPassing);
    if (waiting === undefined) return this.#sent(noticeId, { accepted, refused, response: hide(response) });
    this.#book.add(noticeId, { accepted, refused });
    const reason = `not for all recipients: ${reasonOf(waiting, hide)}`;
    return { status: 'retry', reason: cutText(reason, TEXT_MAX_CHARACTERS) };
  }

  #sent(noticeId: string, { accepted, refused, response }: Settled): SendResult {
    const all = this.#book.add(noticeId, { accepted, refused });
    this.#book.forget(noticeId);
    return {
      status: 'sent',
      ...(response === '' ? {} : { ref: cutText(response, TEXT_MAX_CHARACTERS) }),
      ...(all.refused.length === 0 ? {} : { rejectedRecipients: all.refused }),
    };
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

interface Settled {
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
  /** Without secrets. */
  readonly response: string;
}

const NO_ANSWER = { accepted: [], response: '' } as const;

function addressText(address: string | { readonly address: string }): string {
  return typeof address === 'string' ? address : address.address;
}
