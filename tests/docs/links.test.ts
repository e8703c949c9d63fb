import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RepositoryFile, ROOT } from '../tidy/repository-files.ts';
import { markdownPages, proseOf } from './markdown-pages.ts';

describe('the link check', () => {
  it('catches a link to nothing and a link to a heading that is not there', () => {
    const text = '# One\n[a](nowhere.md) [b](#two) [c](#one) ![p](missing.svg) [w](https://example.com/x)';
    expect(brokenLinks([{ path: 'README.md', text }])).toEqual([
      'README.md: nowhere.md',
      'README.md: #two',
      'README.md: missing.svg',
    ]);
  });
});

it('every relative link leads to a file, and every anchor to a heading', () => {
  expect(brokenLinks(markdownPages())).toEqual([]);
});

it('every page is reached by a link from another page', () => {
  const pages = markdownPages();
  const linked = new Set(pages.flatMap((page) => linksOf(page).map((link) => targetOf(page.path, link))));
  const entries = /^(README(\.ko)?|CHANGELOG|CONTRIBUTING)\.md$/;
  const lonely = pages.map(({ path }) => path).filter((path) => !linked.has(path) && !entries.test(path));
  expect(
    lonely.filter((path) => path.startsWith('docs/') || /^packages\/[^/]+\/README\.md$/.test(path)),
  ).toEqual([]);
});

function brokenLinks(pages: readonly RepositoryFile[]): string[] {
  const headings = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]));
  return pages.flatMap((page) =>
    linksOf(page)
      .filter((link) => {
        const target = targetOf(page.path, link);
        const anchor = link.split('#')[1];
        if (!headings.has(target) && !existsSync(join(ROOT, target))) return true;
        return anchor !== undefined && headings.get(target)?.has(anchor) === false;
      })
      .map((link) => `${page.path}: ${link}`),
  );
}

/** Targets of links and pictures that stay in the repository. */
function linksOf({ text }: RepositoryFile): string[] {
  const links = [...proseOf(text).matchAll(/\]\(([^)\s]+)\)|\bsrc="([^"]+)"/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

function targetOf(page: string, link: string): string {
  const file = link.split('#')[0] ?? '';
  return file === '' ? page : normalize(join(dirname(page), decodeURI(file))).replace(/\/$/, '');
}

/** Headings as web pages make anchors of them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...proseOf(text).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '');
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
