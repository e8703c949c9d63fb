import { cutText } from '../../../kernel/plain-text.ts';
import type { NoticePage } from './notice-page.ts';

/** A page as plain text of at most so many characters; the summary gives way first, so that the facts stay. */
export function noticeText(page: NoticePage, maxCharacters: number): string {
  const whole = joined(page, page.summary);
  const over = Array.from(whole).length - maxCharacters;
  if (over <= 0) return whole;
  const room = Array.from(page.summary).length - over;
  return cutText(joined(page, cutText(page.summary, Math.max(room, 1))), maxCharacters);
}

function joined(page: NoticePage, summary: string): string {
  const heading = page.repeat === '' ? page.heading : `${page.heading} ${page.repeat}`;
  const parts = [
    heading,
    summary,
    page.rows.map(({ label, value }) => `${label}: ${value.replaceAll('\n', '\n  ')}`).join('\n'),
    listed(
      page.stepsTitle,
      page.steps.map((step, index) => `${index + 1}. ${step}`),
    ),
    listed(
      page.linksTitle,
      page.links.map(({ label, url }) => `${label}: ${url}`),
    ),
    page.footer,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function listed(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [`${title}:`, ...lines].join('\n');
}
