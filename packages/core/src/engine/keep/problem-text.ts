import { isOpsException } from '../../kernel/ops-exception.ts';

/** `code: message` of a failure. */
export function problemOf(error: unknown): string {
  if (isOpsException(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
