import type { KeepFiles } from '../../ports/keep-files.ts';
import { expiredText, keptText } from './kept-text.ts';
import { matchingRules } from './retention-rules.ts';
import { type ScanExpiredRequest, scanExpired } from './scan-expired.ts';

/** What the rules say of one file, for an operator who asks why. */
export interface ExplainedPath {
  readonly path: string;
  /** True when the rules let it go; whether it goes is for a verified backup to say. */
  readonly expired: boolean;
  /** Why it may go or stays, as one line. */
  readonly reason: string;
  /** Names of all rules that match, in the order of the policy. */
  readonly rules: readonly string[];
}

/**
 * Explains a file of a data set; undefined when there is no such file. Looks at the whole data set, because the newest
 * files of a folder are known only among their neighbours. @throws SYS-0160.
 */
export function explainPath(
  files: KeepFiles,
  request: Omit<ScanExpiredRequest, 'onKept'>,
  path: string,
): ExplainedPath | undefined {
  let reason: string | undefined;
  const { expired } = scanExpired(files, {
    ...request,
    heldBy: (held) => request.heldBy(held),
    onKept: (file, kept) => {
      if (file.path === path) reason = keptText(kept);
    },
  });
  const gone = expired.find((file) => file.path === path);
  if (gone === undefined && reason === undefined) return undefined;
  return {
    path,
    expired: gone !== undefined,
    reason: gone === undefined ? (reason ?? '') : expiredText(gone),
    rules: matchingRules(path, request.policy).map((rule) => rule.name),
  };
}
