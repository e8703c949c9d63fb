import { describe, expect, it } from 'vitest';
import { lineOf, maskSource, type Range } from './mask-source.ts';
import { isTest, type RepositoryFile, repositoryFiles, typeScriptFiles } from './repository-files.ts';

const EXPORT =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type(?=\s+[\w$]+[\s<=]))\s+([\w$]+)/gm;

describe('the comment check', () => {
  it('catches an exported name without a comment directly above it', () => {
    const text =
      '/** One. */\n\nexport const a = 1;\n/** Two. */\nexport const b = 2;\nexport type C = 3;\n// no\nexport class D {}\n';
    expect(uncommented([{ path: 'x.ts', text }])).toEqual(['x.ts:3: a', 'x.ts:6: C', 'x.ts:8: D']);
  });

  it('asks for one comment for all signatures of one function, and none for re-exports', () => {
    const text =
      "/** F. */\nexport function f(a: string): void;\nexport function f(a: number): void {}\nexport { g } from './g.ts';\nexport type { H } from './h.ts';\n";
    expect(uncommented([{ path: 'x.ts', text }])).toEqual([]);
  });
});

it('every exported name of core says in a sentence why it is there', () => {
  const core = typeScriptFiles(repositoryFiles()).filter(
    ({ path }) => path.startsWith('packages/core/src/') && !isTest(path),
  );
  expect(uncommented(core)).toEqual([]);
});

function uncommented(files: readonly RepositoryFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const { code, comments } = maskSource(text, path.endsWith('x'));
    const commented = new Set<string>();
    return [...code.matchAll(EXPORT)].flatMap((match) => {
      const name = match[1] ?? '';
      if (hasCommentAbove(text, match.index, comments)) commented.add(name);
      return commented.has(name) ? [] : [`${path}:${lineOf(text, match.index)}: ${name}`];
    });
  });
}

function hasCommentAbove(text: string, start: number, comments: readonly Range[]): boolean {
  return comments.some(
    ({ start: from, end }) => text.startsWith('/**', from) && text.slice(end, start) === '\n',
  );
}
