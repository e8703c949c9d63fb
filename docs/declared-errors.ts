import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type ErrorCode,
  type ErrorDefinition,
  listErrors,
} from '../packages/core/src/kernel/define-errors.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** One declared error and where it is declared. */
export interface DeclaredError {
  readonly code: ErrorCode;
  readonly definition: ErrorDefinition;
}

/**
 * Every error that any package declares, in order of code: each source file that declares some is loaded.
 * @throws RangeError when two files declare one code with different meanings.
 */
export async function declaredErrors(): Promise<readonly DeclaredError[]> {
  for (const path of globSync('packages/*/src/**/*.ts', { cwd: ROOT })) {
    if (/\.test\.ts$/.test(path) || path.endsWith('/define-errors.ts')) continue;
    if (/\bdefineErrors\(/.test(readFileSync(resolve(ROOT, path), 'utf8'))) await import(resolve(ROOT, path));
  }
  return listErrors().map(([code, definition]) => ({ code, definition }));
}

/** True for a code that an operator may meet at night: it alerts by itself or is critical. */
export function needsRunbook({ definition }: DeclaredError): boolean {
  return definition.autoAlert || definition.severity === 'CRITICAL';
}
