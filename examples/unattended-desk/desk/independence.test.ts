import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const IMPORT = /(?:from\s*|import\s*\(\s*|import\s+|require\s*\(\s*)['"]([^'"]+)['"]/g;

it('imports only Node built-ins and its own files, nothing of qts-ops, so that it lives without it', () => {
  const names = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' });
  const foreign = names
    .filter((name) => /\.[cm]?[jt]sx?$/.test(name))
    .flatMap((name) => importsOf(name).map((specifier) => ({ name, specifier })))
    .filter(({ name, specifier }) => !isAllowed(name, specifier));
  expect(names.length).toBeGreaterThan(10);
  expect(foreign).toEqual([]);
});

it('would notice an import of qts-ops', () => {
  expect(isAllowed('pipeline.ts', '@qts-ops/core')).toBe(false);
  expect(isAllowed('pipeline.ts', '../../../packages/core/src/index.ts')).toBe(false);
});

function importsOf(name: string): string[] {
  const text = readFileSync(join(import.meta.dirname, name), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? '');
}

function isAllowed(name: string, specifier: string): boolean {
  if (specifier.startsWith('node:'))
    return builtinModules.includes(specifier.slice(5)) || specifier === 'node:sqlite';
  if (specifier === 'vitest') return name.endsWith('.test.ts');
  return /^\.\/[a-z-]+\.ts$/.test(specifier);
}
