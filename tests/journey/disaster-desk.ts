import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { repository, SOURCES, shellEnvironment } from './journey-programs.ts';

/** How a block of commands ended. */
export interface ShellEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The shell commands of a page, in order, without the text around them. */
export function commandsOf(page: string): readonly string[] {
  const source = readFileSync(join(repository, page), 'utf8');
  return [...source.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
}

/** The same `export` lines with other values; throws for a name the block does not set. */
export function withValues(block: string, values: Readonly<Record<string, string>>): string {
  let result = block;
  for (const [name, value] of Object.entries(values)) {
    const line = new RegExp(`^export ${name}=.*$`, 'm');
    if (!line.test(result)) throw new Error(`the page does not set ${name}`);
    result = result.replace(line, `export ${name}=${value}`);
  }
  return result;
}

/** A folder with a `qts-ops` that runs the sources, as an installed one would be found in the path. */
export function installProgram(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const program = join(bin, 'qts-ops');
  const main = join(repository, 'packages/daemon/src/main.ts');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" ${SOURCES} "${main}" "$@"\n`);
  chmodSync(program, 0o755);
  return bin;
}

/** Types commands into a shell that ends at the first one that fails. */
export async function typeIntoShell(
  commands: string,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<ShellEnd> {
  const { PATH = '' } = shellEnvironment();
  const { bin = '', ...more } = env;
  const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd,
    env: shellEnvironment({ ...more, PATH: `${bin}:${PATH}` }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [code, stdout, stderr] = await Promise.all([
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

/** Every file below a folder with its size and SHA-256. */
export function digestsOf(folder: string): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) continue;
    const content = readFileSync(path);
    digests.set(name, `${content.length} ${createHash('sha256').update(content).digest('hex')}`);
  }
  return digests;
}
