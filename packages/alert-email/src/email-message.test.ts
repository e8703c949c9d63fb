import { expect, it } from 'vitest';
import { BODY_MAX_CHARACTERS, SUBJECT_MAX_CHARACTERS, toEmailMessage } from './email-message.ts';

it('puts level and first line into the subject and everything into the body', () => {
  const mail = toEmailMessage('CRITICAL', 'broker is silent\nlast heartbeat 09:31:04');
  expect(mail.subject).toBe('[CRITICAL] broker is silent');
  expect(mail.text).toBe('CRITICAL\n\nbroker is silent\nlast heartbeat 09:31:04\n');
});

it('escapes everything that HTML would read as markup', () => {
  const { html } = toEmailMessage('WARNING', `<img src="x" onerror='alert(1)'> & more`);
  expect(html).toContain('&lt;img src=&quot;x&quot; onerror=&#39;alert(1)&#39;&gt; &amp; more');
  expect(html).not.toContain('<img');
});

it('keeps a planted line break from starting a new header', () => {
  const { subject } = toEmailMessage('WARNING', 'harmless\r\nBcc: stranger@example.com');
  expect(subject).toBe('[WARNING] harmless');
});

it('keeps Korean text as it is', () => {
  expect(toEmailMessage('WARNING', '브로커 응답 지연').subject).toBe('[WARNING] 브로커 응답 지연');
});

it('bounds subject and body and marks the cut', () => {
  const mail = toEmailMessage('CRITICAL', '🙂'.repeat(BODY_MAX_CHARACTERS + 1));
  expect(Array.from(mail.subject)).toHaveLength(SUBJECT_MAX_CHARACTERS);
  expect(mail.subject.endsWith('…')).toBe(true);
  expect(Array.from(mail.text).length).toBeLessThanOrEqual(BODY_MAX_CHARACTERS + 'CRITICAL\n\n\n'.length);
  expect(mail.text.isWellFormed()).toBe(true);
});

it('removes terminal escapes and never sends an empty mail', () => {
  expect(toEmailMessage('WARNING', '\u001b[2J').text).toContain('[2J');
  expect(toEmailMessage('WARNING', ' \u0007 ').text).toContain('(no message)');
});
