import { isOpsException } from '@qts-ops/core/client';

/** An error in one line for an operator: its code, when it has one, and its message. */
export function problemText(error: unknown): string {
  if (isOpsException(error)) return `${error.code} ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
