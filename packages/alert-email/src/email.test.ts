import type { AlertNotice } from '@qts-ops/core/plugin';
import { describeAlertChannel, LOOPBACK_CERTIFICATE, openChannel, sampleNotice } from '@qts-ops/core/testing';
import { describe, expect, it } from 'vitest';
import { answer, PLANTED, type SmtpScript, startSmtp } from '../test/smtp-receiver.ts';
import { email } from './email.ts';
import type { EmailOptions } from './email-options.ts';

const SERVER = { host: '127.0.0.1', encryption: 'none' } as const;

describeAlertChannel('email', {
  kind: email,
  behaviours: [
    'accept',
    'accept-some',
    'hang',
    'reset',
    'gone',
    'busy',
    'refuse-message',
    'refuse-channel',
    'repeat-secrets',
    'bad-certificate',
  ],
  start: startSmtp,
  wrongOptions: [
    { options: {}, fields: ['smtp', 'from', 'to'] },
    {
      options: { smtp: { host: '', password: PLANTED }, from: 'nobody', to: [] },
      fields: ['smtp.host', 'from', 'to'],
    },
    {
      options: {
        smtp: { host: 'mail.example.com', encryption: 'none' },
        from: 'a@b.example',
        to: 'c@d.example',
      },
      fields: ['smtp.encryption: none is allowed to this machine only'],
    },
    {
      options: { smtp: { ...SERVER, user: 'desk' }, from: 'a@b.example', to: 'c@d.example' },
      fields: ['belong together'],
    },
    {
      options: {
        smtp: SERVER,
        from: 'Desk\r\nBcc: x@y.example <a@b.example>',
        to: 'c@d.example',
        tmeoutMs: 1,
      },
      fields: ['from', 'tmeoutMs'],
    },
  ],
});

describe('a mail', () => {
  it('carries text and HTML, its ids and the word that no program shall answer', async () => {
    await using server = await startSmtp('accept');
    const notice = sampleNotice();
    expect(await send(server.options, { language: 'ko', title: '브로커 응답 없음' })).toEqual({
      status: 'sent',
      ref: '250 taken as 4711',
    });
    const mail = server.mails[0];
    expect(mail).toMatchObject({
      subject: '[CRITICAL][FIRING] 브로커 응답 없음',
      messageId: `<notice.${notice.id}@example.com>`,
      inReplyTo: `<alert.${notice.episodeId}@example.com>`,
      references: `<alert.${notice.episodeId}@example.com>`,
      date: '2026-11-20T04:55:04.000Z',
    });
    expect(mail?.html).toContain('<html lang="ko">');
    expect(mail?.text).toContain('치명적 · 발생 중 · 첫 통지');
    const headers = Object.fromEntries((mail?.headers ?? []).map(({ key, value }) => [key, value]));
    expect(headers).toMatchObject({ 'auto-submitted': 'auto-generated', 'x-priority': '1 (Highest)' });
  });

  it('has one Message-ID in every attempt', async () => {
    await using server = await startSmtp('accept');
    await send(server.options);
    await send(server.options, { maybeRepeat: true, atMs: 1_800_000_000_000 });
    expect(new Set(server.mails.map(({ messageId }) => messageId)).size).toBe(1);
  });

  it('goes to the others alone once some recipients have it', async () => {
    let tries = 0;
    await using server = await startSmtp('accept', {
      to: ['ann@example.com', 'bo@example.com', 'cy@example.com'],
      server: {
        onRcptTo({ address }, _session, callback) {
          if (address.startsWith('cy@')) return callback(answer(550, 'no such user'));
          tries += address.startsWith('bo@') ? 1 : 0;
          callback(address.startsWith('bo@') && tries === 1 ? answer(450, 'greylisted, come back') : null);
        },
      },
    });
    const first = await send(server.options);
    const settled = { accepted: ['ann@example.com'], refused: ['cy@example.com'] };
    expect(first).toEqual({
      status: 'retry',
      reason: 'not for all recipients: 450 greylisted, come back',
      settled,
    });
    // A channel of another process: it knows nothing but what the outbox tells it.
    const another = await openChannel(email, server.options);
    expect(await another.send({}, { settled })).toEqual({
      status: 'sent',
      ref: '250 taken as 4711',
      rejectedRecipients: ['cy@example.com'],
    });
    expect(server.envelopes).toEqual([['ann@example.com'], ['bo@example.com']]);
  });

  it('counts as sent when the last recipient who was waited for is refused in the end', async () => {
    let tries = 0;
    await using server = await startSmtp('accept', {
      server: {
        onRcptTo({ address }, _session, callback) {
          if (!address.startsWith('bo@')) return callback(null);
          tries += 1;
          callback(tries === 1 ? answer(450, 'greylisted') : answer(550, 'no such user'));
        },
      },
    });
    const channel = await openChannel(email, server.options);
    const settled = { accepted: ['ann@example.com'], refused: [] };
    expect(await channel.send()).toMatchObject({ status: 'retry', settled });
    const last = await channel.send({}, { settled });
    expect(last).toEqual({ status: 'sent', rejectedRecipients: ['bo@example.com'] });
    expect(server.envelopes).toEqual([['ann@example.com']]);
  });

  it('that no recipient is taken for waits for those who were only asked for patience', async () => {
    const onRcptTo: SmtpScript['server'] = {
      onRcptTo: ({ address }, _session, callback) =>
        callback(address.startsWith('ann@') ? answer(451, 'greylisted') : answer(550, 'no such user')),
    };
    await using server = await startSmtp('accept', {
      to: ['ann@example.com', 'bo@example.com'],
      server: onRcptTo,
    });
    expect(await send(server.options)).toEqual({
      status: 'retry',
      reason: 'not for all recipients: 451 greylisted',
      settled: { accepted: [], refused: ['bo@example.com'] },
    });
  });

  it('is there when everybody who still waited for it has left the config', async () => {
    const accepted = ['ann@example.com'];
    await using server = await startSmtp('accept', { to: accepted });
    const channel = await openChannel(email, server.options);
    expect(await channel.send({}, { settled: { accepted, refused: [] } })).toEqual({ status: 'sent' });
    expect(server.contacts()).toBe(0);
  });
});

describe('a mail server', () => {
  it.each<[string, SmtpScript, object]>([
    [
      'a sender it does not like',
      { server: { onMailFrom: (_a, _s, done) => done(answer(550, 'sender unknown')) } },
      { scope: 'channel', reason: '550 sender unknown' },
    ],
    [
      'recipients it does not know',
      { server: { onRcptTo: (_a, _s, done) => done(answer(550, 'no such user')) } },
      { scope: 'recipient', reason: '550 no such user' },
    ],
    [
      'a client that must encrypt',
      { server: { disabledCommands: ['STARTTLS'] }, smtp: { encryption: 'starttls' } },
      { scope: 'channel', reason: expect.stringContaining('cannot encrypt as asked') },
    ],
  ])('refuses for good %s', async (_what, script, expected) => {
    await using server = await startSmtp('accept', script);
    expect(await send(server.options)).toMatchObject({ status: 'rejected', ...expected });
  });

  it('refuses everybody for now', async () => {
    const onRcptTo: SmtpScript['server'] = { onRcptTo: (_a, _s, done) => done(answer(451, 'greylisted')) };
    await using server = await startSmtp('accept', { server: onRcptTo });
    expect(await send(server.options)).toMatchObject({ status: 'retry', reason: '451 greylisted' });
  });

  it('that has the text and says nothing may have taken it; one that asked for nothing yet cannot', async () => {
    await using silent = await startSmtp('accept', { server: { onData: (stream) => void stream.resume() } });
    const patient = { timeoutMs: 400 };
    expect(await send({ ...silent.options, ...patient })).toMatchObject({
      status: 'retry',
      mayHaveArrived: true,
    });
    await using gone = await startSmtp('gone');
    expect(await send({ ...gone.options, ...patient })).toMatchObject({ mayHaveArrived: false });
    await using busy = await startSmtp('busy');
    expect(await send({ ...busy.options, ...patient })).toMatchObject({ mayHaveArrived: false });
  });

  it.each(['starttls', 'implicit'] as const)(
    'encrypts with %s when its authority is known',
    async (encryption) => {
      const script = {
        smtp: { encryption, ca: LOOPBACK_CERTIFICATE.cert },
        server: { secure: encryption === 'implicit', allowInsecureAuth: false },
      };
      await using server = await startSmtp('accept', script);
      expect(await send(server.options)).toMatchObject({ status: 'sent' });
      expect(await verify(server.options)).toEqual({ status: 'pass' });
      expect(
        await send({ ...server.options, smtp: { ...server.options.smtp, ca: undefined } }),
      ).not.toMatchObject({
        status: 'sent',
      });
    },
  );

  it('is verified by connecting and logging in', async () => {
    await using good = await startSmtp('accept');
    expect(await verify(good.options)).toEqual({ status: 'pass' });
    await using bad = await startSmtp('refuse-channel');
    expect(await verify(bad.options)).toEqual({ status: 'fail', reason: '535 wrong password' });
  });
});

async function send(options: EmailOptions, changes: Partial<AlertNotice> = {}) {
  return (await openChannel(email, options)).send(changes);
}

async function verify(options: EmailOptions) {
  return (await openChannel(email, options)).instance.verify?.(new AbortController().signal);
}
