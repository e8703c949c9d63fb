import { matchesGlob } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlobs } from './path-glob.ts';

describe('globs of a plan', () => {
  it.each([
    ['raw/*.jsonl', 'raw/a.jsonl', true],
    ['raw/*.jsonl', 'raw/x/a.jsonl', false],
    ['raw/**', 'raw/x/a.jsonl', true],
    ['raw/**', 'raw', false],
    ['raw/**/*.jsonl', 'raw/a.jsonl', true],
    ['raw/**/*.jsonl', 'raw/x/y/a.jsonl', true],
    ['**/*.jsonl', 'a.jsonl', true],
    ['**/.hidden/*', 'x/.hidden/a', true],
    ['*', '.env', true],
    ['?.txt', '가.txt', true],
    ['?.txt', '😀.txt', true],
    ['[a-c].txt', 'b.txt', true],
    ['[!a-c].txt', 'b.txt', false],
    ['a[.]b', 'axb', false],
    ['{raw,pattern}/{a,b{1,2}}.txt', 'pattern/b2.txt', true],
    ['{raw,pattern}/{a,b{1,2}}.txt', 'pattern/b3.txt', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a+(b).txt', 'a+(b).txt', true],
    ['date=*/x', 'date=2026-11-20/x', true],
  ])('%s matches %s: %s', (glob, path, expected) => {
    expect(compileGlobs([glob]).matches(path)).toBe(expected);
  });

  it('takes letters for the same however they are composed, in globs and in names', () => {
    for (const glob of ['결정/*.jsonl', 'café/{é,ü}.jsonl', '!결정/**']) {
      const path = glob.includes('결정') ? '결정/a.jsonl' : 'café/é.jsonl';
      const isWanted = !glob.startsWith('!');
      for (const typed of [glob.normalize('NFC'), glob.normalize('NFD')]) {
        const { matches, mayHold } = compileGlobs([typed]);
        for (const name of [path.normalize('NFC'), path.normalize('NFD')]) {
          expect({ typed, name, matches: matches(name) }).toEqual({ typed, name, matches: isWanted });
          expect(mayHold(name.slice(0, name.indexOf('/')))).toBe(isWanted);
        }
      }
    }
  });

  it('takes files out again with globs that begin with "!"', () => {
    const { matches, mayHold } = compileGlobs(['!lost+found/**', '!**/*.tmp']);
    expect([matches('a'), matches('lost+found/a'), matches('x/a.tmp')]).toEqual([true, false, false]);
    expect([mayHold('lost+found'), mayHold('x')]).toEqual([false, true]);
  });

  it('knows which folders cannot hold a match', () => {
    const { mayHold } = compileGlobs(['raw/*/a.txt', 'pattern/**']);
    expect(['', 'raw', 'raw/x', 'pattern', 'pattern/x/y'].every(mayHold)).toBe(true);
    expect(['decision', 'raw/x/y', 'rawer'].some(mayHold)).toBe(false);
  });

  it.each(['', '/abs', 'a/../b', 'a//b', './a', 'a{b', '[a', 'a\\', 'a\0b', '[z-a]'])(
    'refuses %j',
    (glob) => {
      expect(() => compileGlobs([glob])).toThrow(expect.objectContaining({ code: 'INP-0802' }));
    },
  );

  it('agrees with the matcher of the platform on names without dots in front', () => {
    const name = fc.stringMatching(/^[ab]{1,3}$/);
    const part = fc.oneof(name, fc.constantFrom('*', '**', '?', 'a*', '*b', '[ab]', '{a,b}'));
    const glob = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(glob, path, (pattern, candidate) => {
        // A `**` at the end stands for files below a folder, not for the folder itself.
        fc.pre(!pattern.endsWith('**'));
        expect(compileGlobs([pattern]).matches(candidate)).toBe(matchesGlob(candidate, pattern));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never shuts out a folder that holds a match', () => {
    const name = fc.stringMatching(/^[ab]{1,2}$/);
    const part = fc.oneof(name, fc.constantFrom('*', '**', '?'));
    const globs = fc.array(
      fc
        .tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 4 }))
        .map(([out, parts]) => `${out ? '!' : ''}${parts.join('/')}`),
      { minLength: 1, maxLength: 3 },
    );
    const path = fc.array(name, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(globs, path, (patterns, names) => {
        const matcher = compileGlobs(patterns);
        fc.pre(matcher.matches(names.join('/')));
        const folders = names.map((_, length) => names.slice(0, length).join('/'));
        expect(folders.filter((folder) => !matcher.mayHold(folder))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});
