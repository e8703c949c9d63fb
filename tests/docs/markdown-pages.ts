import { type RepositoryFile, repositoryFiles } from '../tidy/repository-files.ts';

/** A fenced block of a page. */
export interface CodeBlock {
  readonly page: string;
  /** Line of the page, from 1, on which the first line of the block's content stands. */
  readonly line: number;
  /** The word after the fence; empty when there is none. */
  readonly language: string;
  readonly text: string;
}

/** Every Markdown page of the repository. */
export function markdownPages(): readonly RepositoryFile[] {
  return repositoryFiles().filter(({ path }) => path.endsWith('.md'));
}

/** True for a page that people read to use the product: its code must work as it stands. */
export function isUserPage({ path }: RepositoryFile): boolean {
  return /^(README[^/]*\.md|CONTRIBUTING\.md|docs\/.*\.md|packages\/[^/]+\/README\.md|examples\/.*README\.md)$/.test(
    path,
  );
}

/** The fenced blocks of a page, in order. */
export function codeBlocks({ path, text }: RepositoryFile): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const fence = /^(\s*)(`{3,})\s*([\w-]*)/.exec(lines[index] ?? '');
    if (fence === null) continue;
    const [, indent = '', marks = '', language = ''] = fence;
    const end = lines.findIndex((line, at) => at > index && line.trim() === marks);
    const last = end === -1 ? lines.length : end;
    const content = lines
      .slice(index + 1, last)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({ page: path, line: index + 2, language, text: `${content.join('\n')}\n` });
    index = last;
  }
  return blocks;
}

/** The page without its fenced blocks; lines stay where they are. */
export function proseOf(text: string): string {
  let inside = false;
  return text
    .split('\n')
    .map((line) => {
      const isFence = /^\s*`{3,}/.test(line);
      if (isFence) inside = !inside;
      return isFence || inside ? '' : line;
    })
    .join('\n');
}
