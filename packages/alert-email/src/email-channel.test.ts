import { inspect } from 'node:util';
import { isOpsException, Secret } from '@qts-ops/core/plugin';
import { expect, it } from 'vitest';
import { startSmtp } from '../test/loopback-smtp.ts';
import { emailChannel } from './email-channel.ts';
import type { EmailOptions, SmtpOptions } from './email-options.ts';

const PASSWORD = 'plantedPassword1';

it('hands a critical alert to the mail server as text and as HTML', async () => {
  await using server = await startSmtp();
  await channelTo(server.port).sendCritical('broker is silent');
  expect(server.commands).toEqual(
    expect.arrayContaining([expect.stringMatching(/^MAIL FROM:<desk@example\.com>/)]),
  );
  const mail = server.mails[0] ?? '';
  expect(mail).toContain('Subject: [CRITICAL] broker is silent');
  expect(mail).toContain('Auto-Submitted: auto-generated');
  expect(mail).toContain('Content-Type: text/plain');
  expect(mail).toContain('Content-Type: text/html');
});

it('sends one mail to all recipients', async () => {
  await using server = await startSmtp();
  await channelTo(server.port, { to: ['Ann <ann@example.com>', 'bo@example.com'] }).sendWarning(
    'disk is filling',
  );
  expect(server.commands.filter((line) => line.startsWith('RCPT'))).toHaveLength(2);
  expect(server.mails).toHaveLength(1);
});

it('logs in when a user is given', async () => {
  await using server = await startSmtp({ extensions: ['AUTH PLAIN'] });
  const smtp = { user: 'desk', password: new Secret('SMTP_PASSWORD', PASSWORD) };
  await channelTo(server.port, {}, smtp).sendWarning('x');
  expect(server.commands.some((line) => line.startsWith('AUTH PLAIN'))).toBe(true);
});

it('reports a passing refusal as one that may be tried again', async () => {
  await using server = await startSmtp({ commands: { RCPT: () => '451 try later' } });
  const error = await failureOf(channelTo(server.port).sendCritical('x'));
  expect(error).toMatchObject({ code: 'EXT-0511', data: { responseCode: 451 } });
  expect(String(error)).toContain('451 try later');
});

it('reports a final refusal as one for the operator', async () => {
  await using server = await startSmtp({ commands: { MAIL: () => '550 sender unknown' } });
  const error = await failureOf(channelTo(server.port).sendCritical('x'));
  expect(error).toMatchObject({ code: 'EXT-0512', data: { responseCode: 550 } });
});

it('says when only some recipients were taken', async () => {
  const refuseBo = (line: string) => (line.includes('bo@') ? '550 no such user' : undefined);
  await using server = await startSmtp({ commands: { RCPT: refuseBo } });
  const error = await failureOf(
    channelTo(server.port, { to: ['ann@example.com', 'bo@example.com'] }).sendCritical('x'),
  );
  expect(error).toMatchObject({ code: 'EXT-0513', data: { refused: 1, recipients: 2 } });
  expect(server.mails).toHaveLength(1);
});

it('gives up after the time-out when the server accepts the connection and stays silent', async () => {
  await using server = await startSmtp({ greeting: 'silent' });
  const error = await failureOf(channelTo(server.port, { timeoutMs: 150 }).sendCritical('x'));
  expect(error).toMatchObject({
    code: 'EXT-0511',
    message: expect.stringContaining('no answer within 150 ms'),
  });
});

it('names the system code when nobody listens', async () => {
  const server = await startSmtp();
  await server[Symbol.asyncDispose]();
  const error = await failureOf(channelTo(server.port).sendCritical('x'));
  expect(error).toMatchObject({
    code: 'EXT-0511',
    message: expect.stringMatching(/no connection \((ESOCKET|ECONN)/),
  });
});

it('sends no password to a server that cannot encrypt although encryption was asked for', async () => {
  await using server = await startSmtp({ extensions: ['AUTH PLAIN'] });
  const smtp = { encryption: 'starttls', user: 'desk', password: PASSWORD } as const;
  const error = await failureOf(channelTo(server.port, {}, smtp).sendCritical('x'));
  expect(error).toMatchObject({ code: 'EXT-0512' });
  expect(server.commands.some((line) => line.startsWith('AUTH'))).toBe(false);
});

it('never shows the password, not even when the server repeats the login', async () => {
  await using server = await startSmtp({
    extensions: ['AUTH PLAIN'],
    commands: { AUTH: (line) => `535 refused: ${line} ${PASSWORD}` },
  });
  const error = await failureOf(
    channelTo(server.port, {}, { user: 'desk', password: PASSWORD }).sendCritical('x'),
  );
  const shown = inspect(error, { depth: null, showHidden: true });
  expect(error).toMatchObject({ code: 'EXT-0512' });
  expect(shown).not.toContain(PASSWORD);
  expect(shown).not.toContain(Buffer.from(`\u0000desk\u0000${PASSWORD}`).toString('base64'));
});

it('refuses to send without encryption to another machine', () => {
  const error = thrownBy(() =>
    emailChannel({ ...base(25), smtp: { host: 'mail.example.com', encryption: 'none' } }),
  );
  expect(error).toMatchObject({ code: 'INP-0511', message: expect.stringContaining('smtp.encryption') });
});

it('names every wrong option at once and never repeats the password', () => {
  const wrong = { smtp: { host: '', password: PASSWORD }, from: 'nobody', to: [] };
  const error = thrownBy(() => emailChannel(wrong));
  for (const field of ['smtp.host', 'from', 'to']) expect(String(error)).toContain(field);
  expect(inspect(error, { depth: null })).not.toContain(PASSWORD);
});

it('refuses a user without a password', () => {
  const error = thrownBy(() => channelTo(25, {}, { user: 'desk' }));
  expect(error).toMatchObject({ code: 'INP-0511', message: expect.stringContaining('belong together') });
});

function channelTo(port: number, options: Partial<EmailOptions> = {}, smtp: Partial<SmtpOptions> = {}) {
  const defaults = base(port);
  return emailChannel({ ...defaults, ...options, smtp: { ...defaults.smtp, ...smtp } });
}

function base(port: number): EmailOptions {
  return {
    smtp: { host: '127.0.0.1', port, encryption: 'none' },
    from: 'Desk <desk@example.com>',
    to: 'ann@example.com',
    timeoutMs: 5_000,
  };
}

async function failureOf(sending: void | Promise<void>): Promise<unknown> {
  const error = await Promise.resolve(sending).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(isOpsException(error)).toBe(true);
  return error;
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
