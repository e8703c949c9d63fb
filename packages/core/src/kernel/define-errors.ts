/** The six error categories of the specification: input, external, batch, data quality, logic, system. */
export const ERROR_CATEGORIES = ['INP', 'EXT', 'BAT', 'DQ', 'LOG', 'SYS'] as const;
/** One of the six error categories. */
export type ErrorCategory = (typeof ERROR_CATEGORIES)[number];

/** How grave an error is; also the level of its alert. */
export type ErrorSeverity = 'INFO' | 'WARN' | 'ERROR' | 'CRITICAL';
/** Whether and when trying again can help. */
export type RetryClass = 'never' | 'immediate' | 'backoff' | 'after_data' | 'after_operator';

/** One text in both languages of the product. */
export interface LocalText {
  readonly en: string;
  readonly ko: string;
}

/** What one error code means: who is told what, whether it may be retried, and what to do. */
export interface ErrorDefinition {
  readonly severity: ErrorSeverity;
  readonly retry: RetryClass;
  readonly autoAlert: boolean;
  /** For people who use the results: says what happened to them, never a cause, path or stack. */
  readonly user: LocalText;
  /** For people who operate the system: the cause. */
  readonly operator: LocalText;
  /** Ordered steps; required from severity ERROR up. */
  readonly remedy?: { readonly en: readonly string[]; readonly ko: readonly string[] };
  /** False where the effects of the run cannot be known (a worker was lost). Default true. */
  readonly outcomeKnown?: boolean;
  /** Status of the admin API when this error ends a request. Default 500. */
  readonly httpStatus?: number;
  /** Exit code of the command line when this error ends a command. Default 1. */
  readonly cliExit?: number;
  /** Codes of the specification (C1-…, C2-…) and of the original system that mean the same. */
  readonly aliases?: readonly string[];
}

/** A category and four digits, such as `BAT-0301`. */
export type ErrorCode = `${ErrorCategory}-${string}`;

const catalogue = new Map<string, ErrorDefinition>();

/**
 * Declares the error codes of a chapter. Every code that is thrown is declared first.
 * @throws RangeError when a code is malformed, declared twice, or lacks the remedy its severity demands.
 */
export function defineErrors<const T extends Readonly<Record<ErrorCode, ErrorDefinition>>>(
  definitions: T,
): T {
  for (const [code, definition] of Object.entries<ErrorDefinition>(definitions)) {
    if (!/^(INP|EXT|BAT|DQ|LOG|SYS)-\d{4}$/.test(code)) {
      throw new RangeError(
        `error code ${code}: write a category of ${ERROR_CATEGORIES.join(', ')} and four digits`,
      );
    }
    const known = catalogue.get(code);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(definition)) {
      throw new RangeError(
        `error code ${code} is declared twice with different meanings; choose a free number`,
      );
    }
    const grave = definition.severity === 'ERROR' || definition.severity === 'CRITICAL';
    if (grave && definition.remedy === undefined)
      throw new RangeError(`error code ${code}: severity needs a remedy`);
    catalogue.set(code, definition);
  }
  return definitions;
}

/** The definition of a code or of one of its aliases; absent when nobody declared it. */
export function findError(codeOrAlias: string): { code: ErrorCode; definition: ErrorDefinition } | undefined {
  const direct = catalogue.get(codeOrAlias);
  if (direct !== undefined) return { code: codeOrAlias as ErrorCode, definition: direct };
  for (const [code, definition] of catalogue) {
    if (definition.aliases?.includes(codeOrAlias)) return { code: code as ErrorCode, definition };
  }
  return undefined;
}

/** Every declared code in order, for the reference page, the master table and the checks. */
export function listErrors(): ReadonlyArray<readonly [ErrorCode, ErrorDefinition]> {
  return [...catalogue].sort(([a], [b]) => a.localeCompare(b)) as [ErrorCode, ErrorDefinition][];
}

/** The category a code belongs to: the part before the number, also in the specification's `C1-BAT-001`. */
export function categoryOf(code: string): ErrorCategory {
  return ERROR_CATEGORIES.find((category) => code.split('-').includes(category)) ?? 'SYS';
}
