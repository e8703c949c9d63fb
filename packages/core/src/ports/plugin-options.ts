import { opsException } from '../kernel/ops-exception.ts';
import './plugin-errors.ts';

/**
 * What checks options: any schema with the Standard Schema interface, version 1 (zod 4 and others). `I` is what the
 * user may write, `O` what the plugin gets.
 */
export interface OptionsSchema<I = unknown, O = I> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<O> | Promise<SchemaResult<O>>;
    readonly types?: { readonly input: I; readonly output: O } | undefined;
  };
}

/** What a schema found. */
export type SchemaResult<O> =
  | { readonly value: O; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One wrong place. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** Options as a function takes them: they may be left out when nothing in them is required. */
export type OptionsArguments<I> = Partial<I> extends I ? [options?: I] : [options: I];

/**
 * Checks options and names every wrong place at once, never the value that stands there.
 * @throws InputDataException INP-0501; INP-0503 when the schema cannot answer at once.
 */
export function parseOptions<O>(name: string, schema: OptionsSchema<unknown, O>, options: unknown): O {
  const result = schema['~standard'].validate(options);
  if (result instanceof Promise) {
    // The answer is not awaited, so a rejection of it must not end the process.
    result.catch(() => undefined);
    throw opsException(
      'INP-0503',
      `plugin ${name}: its options schema is asynchronous; allowed is one that answers at once`,
    );
  }
  if (result.issues === undefined) return result.value;
  const problems = result.issues.map((issue) => `${pathText(issue)}: ${issue.message}`);
  const message = `${name}: ${problems.join('; ')}. Correct these options in the configuration.`;
  throw opsException('INP-0501', message, { data: { plugin: name, problems } });
}

function pathText({ path = [] }: SchemaIssue): string {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return keys.length === 0 ? 'options' : keys.join('.');
}
