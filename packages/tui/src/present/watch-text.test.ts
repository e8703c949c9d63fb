import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertDetail, alertView, NOW_MS } from '../../test/recorded-watch.ts';
import { chooseTheme } from '../theme.ts';
import { progressBar } from './backup-news.ts';
import { channelDeliveries, deliverySpans } from './delivery-text.ts';
import { line, plain, spansWidth, wrapLine } from './line.ts';
import { countText, sizeText } from './size-text.ts';
import { ageText } from './time-text.ts';

const ASCII = chooseTheme({ name: 'mono', unicode: false, noColor: undefined });
const UNICODE = chooseTheme({ name: 'dark', unicode: true, noColor: undefined });

function delivery(channelId: string, status: string, createdAtMs: number) {
  return {
    rowId: `${channelId}${createdAtMs}`,
    channelId,
    reason: 'first',
    status,
    createdAtMs,
    attempts: 1,
  };
}

describe('what became of the notices of an alert', () => {
  const detail = {
    ...alertDetail(alertView('a')),
    deliveries: [
      delivery('mail', 'sent', 2),
      delivery('mail', 'dead', 1),
      delivery('slack', 'retry', 1),
      delivery('webhook', 'dead', 1),
      delivery('webhook', 'superseded', 3),
    ],
  };

  it('is the newest notice of each channel, those in trouble first', () => {
    expect(channelDeliveries(detail)).toEqual([
      { channelId: 'webhook', outcome: 'failed' },
      { channelId: 'slack', outcome: 'waiting' },
      { channelId: 'mail', outcome: 'sent' },
    ]);
  });

  it('is said in words, or in signs where they were asked for', () => {
    const text = (spans: ReturnType<typeof deliverySpans>) => spans.map((span) => span.text).join('');
    expect(text(deliverySpans(detail, ASCII))).toBe('webhook FAILED  slack waits  mail sent');
    expect(text(deliverySpans(detail, UNICODE))).toBe('webhook ✗  slack …  mail ✓');
    expect(text(deliverySpans({ ...detail, deliveries: [] }, ASCII))).toBe('nobody told');
    expect(text(deliverySpans(undefined, ASCII))).toBe('not read yet');
  });
});

describe('numbers', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1 kB'],
    [3_199_999_999, '3.1 GB'],
    [120_000_000, '120 MB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });

  it('are grouped so that they can be read', () => {
    expect(countText(41_220)).toBe('41,220');
    expect(countText(999)).toBe('999');
  });

  it.each([
    [0, '<1m'],
    [59_999, '<1m'],
    [60_000, '1m'],
    [99 * 60_000, '99m'],
    [26 * 3_600_000, '26h'],
    [5 * 86_400_000, '5d'],
  ])('an age of %i ms is %s', (ms, text) => {
    expect(ageText(NOW_MS - ms, NOW_MS)).toBe(text);
  });

  it('are a bar that is full only when all is done', () => {
    expect(progressBar({ done: 999, total: 1_000, failed: 0 }, ASCII, 10)).toBe('[#########.] 99 %');
    expect(progressBar({ done: 5, total: 4, failed: 0 }, ASCII, 4)).toBe('[####] 100 %');
    expect(progressBar({ done: 5, failed: 0 }, ASCII, 4)).toBe('');
  });
});

describe('a line that is broken', () => {
  it('loses no word and has no part that is wider than the screen', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abc한글🚨'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), fc.integer({ min: 40, max: 80 }), (words, width) => {
        const parts = wrapLine(line(plain('taken  '), plain(words.join(' '))), width, 7);
        for (const { spans } of parts) {
          const text = spans
            .map((span) => span.text)
            .join('')
            .trimEnd();
          expect(spansWidth([plain(text)])).toBeLessThanOrEqual(width);
        }
        const whole = parts.map(({ spans }) => spans.map((span) => span.text).join('')).join(' ');
        expect(whole.split(/\s+/u).filter((part) => part !== '')).toEqual(['taken', ...words]);
      }),
    );
  });
});
