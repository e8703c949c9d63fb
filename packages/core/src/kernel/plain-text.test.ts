import { describe, expect, it } from 'vitest';
import { cleanLine, cleanText, cutText, escapeHtml, escapeSlack, fitSlack } from './plain-text.ts';

describe('text from elsewhere', () => {
  it('loses terminal sequences, control characters, direction marks and half characters', () => {
    expect(cleanText('\u001b[31mred\u001b[0m\u0007 \u202eabc\u2066 \ud800')).toBe('red abc \ufffd');
    expect(cleanText('\u001b]0;window title\u0007text\u0000')).toBe('text');
  });

  it('keeps lines, tabs, Korean and joined emoji', () => {
    expect(cleanText('가\r\n나\t👩‍🔧\u2028다')).toBe('가\n나\t👩‍🔧\n다');
  });

  it('becomes one line where a line break could start a header', () => {
    expect(cleanLine('harmless\r\nBcc: stranger@example.com')).toBe('harmless Bcc: stranger@example.com');
  });
});

describe('cutting', () => {
  it('counts characters and not halves of them, and marks the cut', () => {
    expect(cutText('🙂🙂🙂', 3)).toBe('🙂🙂🙂');
    expect(cutText('🙂🙂🙂🙂', 3)).toBe('🙂🙂…');
    expect(cutText('abc', 0)).toBe('');
  });

  it.each(['x', '&', '한', '🙂'])('keeps escaped text of %s within units and well formed', (filler) => {
    const fitted = fitSlack(filler.repeat(500), 100);
    expect(fitted.length).toBeLessThanOrEqual(100);
    expect(fitted.endsWith('…')).toBe(true);
    expect(fitted.isWellFormed()).toBe(true);
    expect(fitted.replaceAll('&amp;', '')).not.toContain('&');
  });
});

it('escapes what HTML and Slack read as markup', () => {
  expect(escapeHtml(`<a href="x" title='y'>&`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;');
  expect(escapeSlack('<!channel> & <@U1>')).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt;');
});
