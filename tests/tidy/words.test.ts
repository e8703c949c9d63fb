import { describe, expect, it } from 'vitest';
import { lineOf, maskSource } from './mask-source.ts';
import { type RepositoryFile, repositoryFiles, typeScriptFiles } from './repository-files.ts';

/** Written in pieces, so that this file does not hold the words it looks for. A relative `./…` path is not one. */
const PLACES = [
  ['/wo', 'rk/'],
  ['.lib', 'rary'],
  ['shared/', 'research'],
  ['shared/', 'design'],
  ['shared/', 'spec'],
].map((pieces) => pieces.join(''));

const PLACE_PATTERNS = PLACES.map((place) => new RegExp(`(?<![\\w.])${place.replaceAll('.', '\\.')}`));

const SHORTCUTS: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: new RegExp(['\\bas', 'any\\b'].join('\\s+'), 'g'), why: 'gives up the types' },
  { pattern: /(?<=[:<|,]\s*)any\b(?=\s*[,;)>=|[])/g, why: 'gives up the types' },
  { pattern: /\.only\s*\(/g, why: 'leaves out all other tests' },
  { pattern: /\bskip\s*\(\s*\)/g, why: 'skips without a reason' },
  {
    pattern: /\b(?:it|test|describe)\.(?:skip|todo)\s*\(/g,
    why: 'is never run; use skipIf with a condition',
  },
];

const SILENCERS = ['@ts-', 'ignore'].join('');

describe('the word check', () => {
  it('catches a place outside the project', () => {
    const files = PLACES.map((place) => ({ path: 'a.md', text: `first\nsee ${place}x` }));
    expect(files.flatMap((file) => placeOffences([file]))).toHaveLength(PLACES.length);
    expect(placeOffences(files.slice(0, 1))[0]).toMatch(/^a\.md:2: /);
  });

  it('catches shortcuts around types and tests', () => {
    const text = `const a = b ${'as'} any;\nlet c: any;\n// ${SILENCERS}\nit${'.only'}('x', f);\nit${'.skip'}('y', f);\nt.skip();\n`;
    expect(shortcutOffences([{ path: 'a.test.ts', text }]).map((line) => line.split(':')[1])).toEqual(
      expect.arrayContaining(['1', '2', '3', '4', '5', '6']),
    );
  });

  it('allows a skip with a reason or a condition, and the words in texts', () => {
    const text =
      "t.skip('no restic here');\nit.skipIf(!linux)('x', f);\nconst s = 'as any other';\n// as any reader sees\n";
    expect(shortcutOffences([{ path: 'a.test.ts', text }])).toEqual([]);
  });
});

it('no file names a place outside the project', () => {
  expect(placeOffences(repositoryFiles().filter(({ path }) => path !== 'package-lock.json'))).toEqual([]);
});

it('no source takes a shortcut around types or tests', () => {
  expect(shortcutOffences(typeScriptFiles(repositoryFiles()))).toEqual([]);
});

function placeOffences(files: readonly RepositoryFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    PLACE_PATTERNS.flatMap((pattern) => {
      const found = pattern.exec(text);
      return found === null ? [] : [`${path}:${lineOf(text, found.index)}: names ${found[0]}`];
    }),
  );
}

function shortcutOffences(files: readonly RepositoryFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const { code, comments } = maskSource(text, path.endsWith('x'));
    const offences = SHORTCUTS.flatMap(({ pattern, why }) =>
      [...code.matchAll(pattern)].map((match) => `${path}:${lineOf(text, match.index)}: ${match[0]} ${why}`),
    );
    const silencers = comments
      .filter(({ start, end }) => text.slice(start, end).includes(SILENCERS))
      .map(({ start }) => `${path}:${lineOf(text, start)}: ${SILENCERS} hides an error`);
    return [...offences, ...silencers];
  });
}
