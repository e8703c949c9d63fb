/** Lines and what is looked for in them; everything in it can be sent to another thread. */
export interface PatternTask {
  readonly pattern: string;
  /** Lines that match this one too do not count. */
  readonly ignore?: string | undefined;
  readonly ignoreCase?: boolean | undefined;
  readonly lines: readonly string[];
}

/** What was found in the lines. */
export interface PatternFound {
  readonly matches: number;
  readonly last?: string;
}

/** Counts the lines that match; takes as long as the expressions take. */
export function matchLines({ pattern, ignore, ignoreCase = false, lines }: PatternTask): PatternFound {
  const flags = ignoreCase ? 'iu' : 'u';
  const wanted = new RegExp(pattern, flags);
  const unwanted = ignore === undefined ? undefined : new RegExp(ignore, flags);
  const matching = lines.filter((line) => wanted.test(line) && unwanted?.test(line) !== true);
  const last = matching.at(-1);
  return { matches: matching.length, ...(last === undefined ? {} : { last }) };
}

/**
 * Whether an expression takes no more time than the text is long. True only for what can be told at a glance: words,
 * classes and anchors in a row, alternatives between whole rows of them; nothing that repeats, groups or refers back.
 */
export function isPlain(pattern: string): boolean {
  return /^(?:[^()*+?{}\\]|\\[^1-9k])*$/u.test(pattern);
}
