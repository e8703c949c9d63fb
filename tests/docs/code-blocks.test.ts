import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../packages/daemon/src/cli/commands/command-list.ts';
import { typeProblems } from './check-blocks.ts';
import { type CodeBlock, codeBlocks, isUserPage, markdownPages } from './markdown-pages.ts';

const blocks = markdownPages().filter(isUserPage).flatMap(codeBlocks);

describe('the block check', () => {
  it('finds blocks with their line and language', () => {
    const page = { path: 'a.md', text: 'x\n```ts\nconst a = 1;\n```\n\n```sh\nnpm ci\n```\n' };
    expect(codeBlocks(page)).toEqual([
      { page: 'a.md', line: 3, language: 'ts', text: 'const a = 1;\n' },
      { page: 'a.md', line: 7, language: 'sh', text: 'npm ci\n' },
    ]);
  });

  it('reports a wrong type with the page and the line it stands on', async () => {
    const text = "import { AlertChannel } from '@qts-ops/core/plugin';\nconst a: number = 'x';\n";
    const problems = await typeProblems([{ page: 'a.md', line: 10, language: 'ts', text }], 'planted');
    expect(problems.some((problem) => problem.startsWith('a.md:11: error TS2322'))).toBe(true);
    expect(problems.some((problem) => problem.startsWith('a.md:10: error'))).toBe(true);
  });
});

it('every TypeScript block of the pages compiles', async () => {
  const typescript = blocks.filter(({ language }) => language === 'ts' || language === 'typescript');
  expect(typescript.length).toBeGreaterThan(0);
  expect(await typeProblems(typescript, 'pages')).toEqual([]);
});

it('every JSON and YAML block of the pages can be read', () => {
  expect(blocks.flatMap(unreadable)).toEqual([]);
});

it('every block says what language it is in', () => {
  expect(blocks.filter(({ language }) => language === '').map(({ page, line }) => `${page}:${line}`)).toEqual(
    [],
  );
});

it('the pages name only commands that exist', () => {
  const known = knownCommands();
  expect(known).toContain('status');
  const named = blocks.flatMap(({ page, line, language, text }) =>
    ['sh', 'bash', 'ini'].includes(language)
      ? commandsIn(text).map((name) => ({ at: `${page}:${line}`, name }))
      : [],
  );
  const inProse = markdownPages()
    .filter(isUserPage)
    .flatMap(({ path, text }) => {
      const spans = [...text.matchAll(/`(qts-ops [^`\n]+)`/g)].map((match) => match[1] ?? '');
      return spans.flatMap(commandsIn).map((name) => ({ at: path, name }));
    });
  expect([...named, ...inProse].filter(({ name }) => !known.includes(name))).toEqual([]);
});

function unreadable({ page, line, language, text }: CodeBlock): string[] {
  try {
    if (language === 'json') JSON.parse(text);
    if (language === 'yaml' || language === 'yml') parse(text);
    return [];
  } catch (error) {
    return [`${page}:${line}: ${String(error)}`];
  }
}

function commandsIn(text: string): string[] {
  return [...text.matchAll(/(?:^|[\s/])qts-ops\s+([a-z][\w-]*)/gm)].map((match) => match[1] ?? '');
}

/** First words of the commands, as the parser knows them. */
function knownCommands(): string[] {
  return COMMANDS.map(({ usage }) => usage.split(' ', 1)[0] ?? '');
}
