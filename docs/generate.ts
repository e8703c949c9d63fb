import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** A page that is written by a program: the module exports `render()`, which returns its text. */
interface GeneratedPage {
  readonly page: string;
  readonly module: string;
}

interface Renderer {
  render(): string | Promise<string>;
}

/** Every generated page; add a row for a new one. Both paths are relative to the repository. */
const GENERATED_PAGES: readonly GeneratedPage[] = [
  { page: 'docs/reference/benchmarks.md', module: 'bench/render-benchmarks.ts' },
  { page: 'docs/reference/errors.md', module: 'docs/render-errors.ts' },
  { page: 'docs/runbook/README.md', module: 'docs/render-runbook.ts' },
];

/*
 * npx node --conditions=@qts-ops/source docs/generate.ts           writes the pages
 * npx node --conditions=@qts-ops/source docs/generate.ts --check   exits 1 and names the pages that are out of date
 */
const checkOnly = process.argv.includes('--check');
const outdated: string[] = [];
for (const { page, module } of GENERATED_PAGES) {
  // The modules of the table export `render`; a wrong one fails loudly here.
  const renderer = (await import(resolve(ROOT, module))) as Renderer;
  const text = await renderer.render();
  if (text === currentText(page)) continue;
  outdated.push(page);
  if (!checkOnly) writeFileSync(resolve(ROOT, page), text);
}
console.log(outdated.length === 0 ? 'every generated page is up to date' : outdated.join('\n'));
if (checkOnly && outdated.length > 0) process.exitCode = 1;

function currentText(page: string): string | undefined {
  try {
    return readFileSync(resolve(ROOT, page), 'utf8');
  } catch {
    return undefined;
  }
}
