import { describe, expect, it } from 'vitest';
import { lineOf, maskSource } from './mask-source.ts';
import { isTest, type RepositoryFile, repositoryFiles, typeScriptFiles } from './repository-files.ts';

const CORE = 'packages/core/src/';

/** Places in core that may read the world: that is what they are for. */
const WORLD_READERS = ['adapters/', 'engine/config/', 'testing/'];

/** Ways of reading the world, each with what to use instead. */
const READS: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /\bDate\.now\b/g, instead: 'Clock.now()' },
  { pattern: /\bnew Date\(\s*\)/g, instead: 'Clock.now()' },
  { pattern: /(?<!new\s)(?<![.\w$])Date\(/g, instead: 'Clock.now()' },
  { pattern: /(?<![.\w$])performance\s*\./g, instead: 'Clock.mono()' },
  { pattern: /\bprocess\.(?:hrtime|uptime)\b/g, instead: 'Clock.mono()' },
  {
    pattern: /(?<![.\w$#])(?:setTimeout|setInterval|setImmediate)\b/g,
    instead: 'Clock.setTimer() or Clock.sleep()',
  },
  { pattern: /\bAbortSignal\.timeout\b/g, instead: 'Clock.setTimer()' },
  { pattern: /\bMath\.random\b/g, instead: 'Randomness.bytes()' },
  {
    pattern: /\b(?:randomUUID|randomBytes|randomInt|getRandomValues|randomFillSync)\b/g,
    instead: 'Randomness.bytes()',
  },
  { pattern: /\bprocess\.env\b/g, instead: 'the configuration' },
  { pattern: /\bTemporal\.Now\b/g, instead: 'Clock.now()' },
];

/** Where a line on the console is the product. */
const CONSOLE_PLACES = [
  /^packages\/daemon\/src\/(main\.ts|cli\/)/,
  /^packages\/tui\/src\/main\.tsx?$/,
  /^packages\/\w+\/build\.ts$/,
  /^(examples|bench|docs)\//,
];

describe('the purity check', () => {
  it.each([
    'const a = Date.now();',
    'const a = new Date();',
    'const a = Date();',
    'const a = performance.now();',
    'setTimeout(f, 5);',
    'const s = AbortSignal.timeout(5);',
    'const r = Math.random();',
    'const id = crypto.randomUUID();',
    "const home = process.env['HOME'];",
  ])('catches %s', (text) => {
    expect(worldReads([{ path: `${CORE}run/x.ts`, text }])).toHaveLength(1);
  });

  it.each([
    'const a = new Date(nowMs);',
    "const a = new Intl.DateTimeFormat('en');",
    'clock.setTimer(f, 5);',
    '// Date.now() is read by the clock',
    "const text = 'Math.random()';",
  ])('allows %s', (text) => {
    expect(worldReads([{ path: `${CORE}run/x.ts`, text }])).toEqual([]);
  });

  it('lets adapters, the configuration and tests read the world', () => {
    const text = 'const a = Date.now();';
    const paths = ['adapters/clock-system/c.ts', 'engine/config/c.ts', 'run/x.test.ts'];
    expect(worldReads(paths.map((path) => ({ path: CORE + path, text })))).toEqual([]);
  });

  it('catches a line on the console outside the entries', () => {
    const text = "console.log('x');";
    const paths = [
      'packages/core/src/run/x.ts',
      'packages/tui/src/main.tsx',
      'packages/daemon/src/cli/status.ts',
    ];
    expect(consoleLines(paths.map((path) => ({ path, text })))).toEqual([
      'packages/core/src/run/x.ts:1: console is for the command line and the screen',
    ]);
  });
});

it('core reads the world only through its adapters and its configuration', () => {
  expect(worldReads(typeScriptFiles(repositoryFiles()))).toEqual([]);
});

it('only the command line, the screen, examples and scripts write to the console', () => {
  expect(consoleLines(typeScriptFiles(repositoryFiles()))).toEqual([]);
});

function worldReads(files: readonly RepositoryFile[]): string[] {
  return files.filter(isPureGround).flatMap(({ path, text }) => {
    const { code } = maskSource(text, path.endsWith('x'));
    return READS.flatMap(({ pattern, instead }) =>
      [...code.matchAll(pattern)].map(
        (match) => `${path}:${lineOf(text, match.index)}: ${match[0]}; use ${instead}`,
      ),
    );
  });
}

function isPureGround({ path }: RepositoryFile): boolean {
  if (!path.startsWith(CORE) || isTest(path)) return false;
  return !WORLD_READERS.some((place) => path.startsWith(CORE + place));
}

function consoleLines(files: readonly RepositoryFile[]): string[] {
  return files
    .filter(({ path }) => !isTest(path) && !CONSOLE_PLACES.some((place) => place.test(path)))
    .flatMap(({ path, text }) =>
      [...maskSource(text, path.endsWith('x')).code.matchAll(/(?<![.\w$])console\./g)].map(
        (match) => `${path}:${lineOf(text, match.index)}: console is for the command line and the screen`,
      ),
    );
}
