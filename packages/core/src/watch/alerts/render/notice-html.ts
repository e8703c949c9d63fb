import { escapeHtml } from '../../../kernel/plain-text.ts';
import { type NoticePage, pageTitle } from './notice-page.ts';

/** Colour of the bar above a mail; each has a contrast of at least 4.5 to the white text on it. */
const LEVEL_COLOURS: Readonly<Record<NoticePage['level'], string>> = {
  INFO: '#1a5fb4',
  WARN: '#8a5a00',
  ERROR: '#b3261e',
  CRITICAL: '#8c0009',
};
const RESOLVED_COLOUR = '#1b6e3a';

const FONT = "font-family: 'Segoe UI', 'Malgun Gothic', 'Apple SD Gothic Neo', Arial, sans-serif";
const TITLE_MAX_CHARACTERS = 200;

/** A page as the HTML of a mail: inline styles only, no images, no scripts, nothing loaded from elsewhere. */
export function noticeHtml(page: NoticePage): string {
  const colour = page.state === 'resolved' ? RESOLVED_COLOUR : LEVEL_COLOURS[page.level];
  const title = escapeHtml(pageTitle(page, TITLE_MAX_CHARACTERS));
  const heading = escapeHtml(page.repeat === '' ? page.heading : `${page.heading} ${page.repeat}`);
  return [
    '<!DOCTYPE html>',
    `<html lang="${page.language}">`,
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title}</title>`,
    '</head>',
    `<body style="margin: 0; padding: 16px; background-color: #ffffff; color: #1f1f1f; ${FONT}; font-size: 15px; line-height: 1.5">`,
    `<p style="margin: 0; padding: 12px 16px; background-color: ${colour}; color: #ffffff; font-weight: bold">${heading}</p>`,
    `<h1 style="margin: 16px 0 8px; font-size: 20px">${escapeHtml(page.title)}</h1>`,
    `<p style="margin: 0 0 16px">${lines(page.summary)}</p>`,
    ...rowsTable(page),
    ...section(page.stepsTitle, 'ol', page.steps.map(escapeHtml)),
    ...section(
      page.linksTitle,
      'ul',
      page.links.map(({ label, url }) => `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>`),
    ),
    `<p style="margin: 24px 0 0; color: #5f5f5f; font-size: 12px">${escapeHtml(page.footer)}</p>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function rowsTable(page: NoticePage): readonly string[] {
  const cell = 'padding: 4px 16px 4px 0; text-align: left; vertical-align: top';
  return [
    '<table style="border-collapse: collapse; margin: 0 0 16px">',
    '<tbody>',
    ...page.rows.map(
      ({ label, value }) =>
        `<tr><th scope="row" style="${cell}; color: #5f5f5f; font-weight: normal; white-space: nowrap">${escapeHtml(label)}</th>` +
        `<td style="${cell}">${lines(value)}</td></tr>`,
    ),
    '</tbody>',
    '</table>',
  ];
}

function section(title: string, list: 'ol' | 'ul', items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  return [
    `<h2 style="margin: 16px 0 4px; font-size: 16px">${escapeHtml(title)}</h2>`,
    `<${list} style="margin: 0 0 16px; padding-left: 24px">`,
    ...items.map((item) => `<li style="margin: 0 0 4px">${item}</li>`),
    `</${list}>`,
  ];
}

function lines(text: string): string {
  return escapeHtml(text).replaceAll('\n', '<br>\n');
}
