import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../tidy/repository-files.ts';
import type { CodeBlock } from './markdown-pages.ts';

/**
 * Type-checks blocks as modules of the repository, with its own settings, in one run of the compiler.
 * Returns each problem with the page and line it stands on.
 */
export async function typeProblems(blocks: readonly CodeBlock[], name: string): Promise<readonly string[]> {
  const folder = join(ROOT, 'node_modules/.cache', `docs-${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = blocks.map((_block, index) => `block-${index}.ts`);
  for (const [index, { text }] of blocks.entries()) {
    // A block without imports is a module too; the empty export adds no line before it.
    writeFileSync(join(folder, `block-${index}.ts`), `${text}\nexport {};\n`);
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  const settings = {
    extends: '../../../tsconfig.tests.json',
    compilerOptions: { noUnusedLocals: false },
    files,
    include: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  return problemsIn(await compilerOutput(folder), blocks);
}

function compilerOutput(folder: string): Promise<string> {
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(compiler, ['-p', folder, '--noEmit', '--pretty', 'false'], { cwd: folder }, (_error, out, err) => {
    resolve(out + err);
  });
  return promise;
}

/** Errors in the sources themselves are the business of the type check, not of the pages. */
function problemsIn(output: string, blocks: readonly CodeBlock[]): readonly string[] {
  const problems: string[] = [];
  for (const line of output.split('\n')) {
    const found = /^(?:.*[/\\])?block-(\d+)\.ts\((\d+),\d+\): (.*)$/.exec(line);
    if (found !== null) {
      const block = blocks[Number(found[1])];
      problems.push(`${block?.page}:${(block?.line ?? 0) + Number(found[2]) - 1}: ${found[3]}`);
    } else if (/^error TS/.test(line)) problems.push(line);
  }
  return problems;
}
