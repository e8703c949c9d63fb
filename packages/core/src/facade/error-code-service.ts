import { SPECIFICATION_ERRORS } from '../adapters/store-sql/specification-errors.ts';
import {
  categoryOf,
  type ErrorCategory,
  type ErrorDefinition,
  type ErrorSeverity,
  findError,
  listErrors,
} from '../kernel/define-errors.ts';

/** What the specification's service tells about a code. */
export interface ErrorCodeInfo {
  readonly errorCode: string;
  readonly category: ErrorCategory;
  readonly severity: ErrorSeverity;
  /** For people who use the results; never contains a cause. */
  readonly userMessage: string;
  /** For operators: the cause. */
  readonly opsMessage: string;
  /** What to do, in order. */
  readonly actionGuide: readonly string[];
  readonly autoAlert: boolean;
  /** False for a code nobody declared: the texts are the safe fallbacks. */
  readonly known: boolean;
}

const SPECIFIED: ReadonlyMap<string, ErrorDefinition> = new Map(SPECIFICATION_ERRORS);

/** The specification's service (C1-T03): looks codes up, by our own number or the specification's `C1-…` alias. */
export class ErrorCodeService {
  readonly #language: 'en' | 'ko';

  constructor(language: 'en' | 'ko' = 'en') {
    this.#language = language;
  }

  /** What a code means; an unknown one gets texts that give nothing away and raises no alert by itself. */
  getErrorInfo(code: string): ErrorCodeInfo {
    const found = findError(code) ?? findSpecified(code);
    if (found === undefined) return unknownCode(code);
    const { definition } = found;
    return {
      errorCode: found.code,
      category: categoryOf(found.code),
      severity: definition.severity,
      userMessage: definition.user[this.#language],
      opsMessage: definition.operator[this.#language],
      actionGuide: definition.remedy?.[this.#language] ?? [],
      autoAlert: definition.autoAlert,
      known: true,
    };
  }

  /** What people who use the results may be told; never the cause. */
  getUserMessage(code: string): string {
    return this.getErrorInfo(code).userMessage;
  }

  /** The cause, for operators. */
  getOpsMessage(code: string): string {
    return this.getErrorInfo(code).opsMessage;
  }

  /** Every declared code, in order. */
  listCodes(): readonly string[] {
    return listErrors().map(([code]) => code);
  }
}

/** A code of the specification's master table that none of our own codes stands for. */
function findSpecified(code: string): { code: string; definition: ErrorDefinition } | undefined {
  const definition = SPECIFIED.get(code);
  return definition === undefined ? undefined : { code, definition };
}

function unknownCode(code: string): ErrorCodeInfo {
  return {
    errorCode: code,
    category: categoryOf(code),
    severity: 'WARN',
    userMessage: 'Something went wrong; an operator has been informed.',
    opsMessage: `unknown error code ${code}`,
    actionGuide: [],
    autoAlert: false,
    known: false,
  };
}
