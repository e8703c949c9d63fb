import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../tidy/repository-files.ts';

const RUNBOOK = join(ROOT, 'docs/runbook');

it('every generated page is what its generator writes', async () => {
  const { exitCode, output } = await generate('--check');
  expect(
    `${output}${exitCode === 0 ? '' : "run 'npx node --conditions=@qts-ops/source docs/generate.ts'"}`,
  ).toBe('every generated page is up to date\n');
});

describe('the runbook', () => {
  const listed = [
    ...readFileSync(join(RUNBOOK, 'README.md'), 'utf8').matchAll(/^\| \[([A-Z]+-\d{4})\]/gm),
  ].map((match) => match[1] ?? '');
  const written = readdirSync(RUNBOOK)
    .filter((name) => /^[A-Z]+-\d{4}\.md$/.test(name))
    .map((name) => name.slice(0, -3));

  it('has a page for every code that may wake somebody, and no other', () => {
    expect(listed.length).toBeGreaterThan(0);
    expect(written.sort()).toEqual([...listed].sort());
  });

  it.each(listed)('%s says what you see, where to look and what to do', (code) => {
    const page = readFileSync(join(RUNBOOK, `${code}.md`), 'utf8');
    expect(page).toMatch(new RegExp(`^# ${code}: \\S`));
    expect([...page.matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual(['You see', 'Look', 'Do']);
  });
});

function generate(...options: readonly string[]): Promise<{ exitCode: number; output: string }> {
  const { promise, resolve } = Promise.withResolvers<{ exitCode: number; output: string }>();
  const script = ['--conditions=@qts-ops/source', 'docs/generate.ts', ...options];
  const child = execFile(process.execPath, script, { cwd: ROOT }, (_error, out, err) => {
    resolve({ exitCode: child.exitCode ?? 1, output: out + err });
  });
  return promise;
}
