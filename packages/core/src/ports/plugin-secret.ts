import * as z from 'zod';
import type { Secret } from '../kernel/secret.ts';
import type { SecretInput } from './alert-channel.ts';

const ALLOWED = "allowed is { env: 'NAME' }, { file: '/path' }, a Secret, or the text itself";

const VariableSchema = z.strictObject({ env: z.string().regex(/^[A-Za-z_]\w*$/) });
const FileSchema = z.strictObject({ file: z.string().min(1) });

/**
 * The option of a plugin that holds a secret. It stays a reference until `context.secret` reads it, so that parsed
 * options can be printed without harm as long as the user did not write the text itself.
 */
export const secretOption: z.ZodType<SecretInput, SecretInput> = z.custom<SecretInput>(
  isSecretReference,
  // Not the end of the checks: the rules over several options are to be named in the same answer.
  { error: ALLOWED, abort: false },
);

/** Recognised by its method, not its class: two copies of this package may be loaded. */
export function isSecret(value: unknown): value is Secret {
  return (
    typeof value === 'object' && value !== null && 'reveal' in value && typeof value.reveal === 'function'
  );
}

function isSecretReference(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  return isSecret(value) || VariableSchema.safeParse(value).success || FileSchema.safeParse(value).success;
}
