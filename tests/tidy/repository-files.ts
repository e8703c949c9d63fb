import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The repository's root folder. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** A text file of the repository. */
export interface RepositoryFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Every file that is or may be committed (ignored files are not), in order of path, without the binary ones. */
export function repositoryFiles(): readonly RepositoryFile[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const files: RepositoryFile[] = [];
  for (const path of [...new Set(listed.split('\0'))].filter((name) => name !== '').sort()) {
    const text = readText(path);
    if (text !== undefined) files.push({ path, text });
  }
  return files;
}

/** The TypeScript among them. */
export function typeScriptFiles(files: readonly RepositoryFile[]): readonly RepositoryFile[] {
  return files.filter(({ path }) => /\.tsx?$/.test(path));
}

/** True for a file that is only run by the test runner. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

/** A listed file may be gone for a moment while somebody edits; a binary file holds a zero byte. */
function readText(path: string): string | undefined {
  try {
    const text = readFileSync(resolve(ROOT, path), 'utf8');
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
