import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What the server answers instead of the usual, by the first word of the command; absent command: usual answer. */
export interface SmtpAnswers {
  /** Sent when a client connects; `silent` accepts the connection and says nothing. */
  readonly greeting?: string;
  readonly commands?: Readonly<Record<string, (line: string) => string | undefined>>;
  /** Extensions listed after EHLO. */
  readonly extensions?: readonly string[];
}

/** A mail server on loopback that speaks just enough SMTP (RFC 5321) to take or refuse a mail. */
export interface LoopbackSmtp extends AsyncDisposable {
  readonly port: number;
  /** Commands as they came in, without the mail itself. */
  readonly commands: string[];
  /** Mails that were taken, as sent. */
  readonly mails: string[];
}

const USUAL: Readonly<Record<string, string>> = {
  MAIL: '250 sender ok',
  RCPT: '250 recipient ok',
  DATA: '354 go on',
  AUTH: '235 welcome',
  QUIT: '221 bye',
  RSET: '250 reset',
};

/** Starts a server on a free port. */
export async function startSmtp(answers: SmtpAnswers = {}): Promise<LoopbackSmtp> {
  const commands: string[] = [];
  const mails: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (answers.greeting !== 'silent') socket.write(`${answers.greeting ?? '220 loopback ready'}\r\n`);
    readLines(socket, (line, mail) => {
      if (mail !== undefined) {
        mails.push(mail);
        return '250 taken';
      }
      commands.push(line);
      return answerTo(line, answers);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has an address object
  return {
    port,
    commands,
    mails,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerTo(line: string, answers: SmtpAnswers): string {
  const word = (line.split(' ', 1)[0] ?? '').toUpperCase();
  const special = answers.commands?.[word]?.(line);
  if (special !== undefined) return special;
  if (word === 'EHLO' || word === 'HELO') {
    const lines = ['loopback', ...(answers.extensions ?? [])];
    return lines.map((text, index) => `250${index === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n');
  }
  return USUAL[word] ?? '502 not known here';
}

/** Splits the stream into command lines, and into one mail after DATA was accepted. */
function readLines(socket: Socket, reply: (line: string, mail: string | undefined) => string): void {
  let pending = '';
  let readingMail = false;
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    pending += String(chunk);
    for (;;) {
      const end = readingMail ? '\r\n.\r\n' : '\r\n';
      const at = pending.indexOf(end);
      if (at === -1) return;
      const piece = pending.slice(0, at);
      pending = pending.slice(at + end.length);
      const answer = readingMail ? reply('', piece) : reply(piece, undefined);
      readingMail = answer.startsWith('354');
      socket.write(`${answer}\r\n`);
    }
  });
}
