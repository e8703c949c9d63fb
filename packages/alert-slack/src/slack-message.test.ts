import { expect, it } from 'vitest';
import { SECTION_MAX_CHARACTERS, toSlackMessage } from './slack-message.ts';

it('says the level first, in the notification text and in the block', () => {
  const message = toSlackMessage('CRITICAL', 'pipeline suspended after 3 errors');
  expect(message.text).toBe('CRITICAL: pipeline suspended after 3 errors');
  expect(message.blocks[0]?.text.text).toBe('*CRITICAL*\npipeline suspended after 3 errors');
});

it('escapes the three characters that Slack reads as markup, so that nobody is notified by a planted mention', () => {
  const message = toSlackMessage('WARNING', '<!channel> a & b > c');
  expect(message.text).toBe('WARNING: &lt;!channel&gt; a &amp; b &gt; c');
  expect(message.blocks[0]?.text.text).not.toContain('<!');
});

it('keeps a section within 3,000 characters after escaping and says how much was left out', () => {
  for (const filler of ['x', '&', '한', '🙂']) {
    const section = toSlackMessage('CRITICAL', filler.repeat(5000)).blocks[0]?.text.text ?? '';
    expect(section.length).toBeLessThanOrEqual(SECTION_MAX_CHARACTERS);
    expect(section).toMatch(/… \d+ more characters were left out$/);
    expect(section.isWellFormed()).toBe(true);
    expect(section.replaceAll('&amp;', '')).not.toContain('&');
  }
});

it('leaves a text of exactly the allowed length as it is', () => {
  const longest = 'x'.repeat(SECTION_MAX_CHARACTERS - '*WARNING*\n'.length);
  expect(toSlackMessage('WARNING', longest).blocks[0]?.text.text).toBe(`*WARNING*\n${longest}`);
});

it('removes terminal escapes and other control characters but keeps lines', () => {
  expect(toSlackMessage('WARNING', 'a\u001b[31mred\r\nb\u0007').text).toBe('WARNING: a[31mred\nb');
});

it('never posts an empty text', () => {
  expect(toSlackMessage('WARNING', ' \u0000 ').text).toBe('WARNING: (no message)');
});
