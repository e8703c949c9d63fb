import { opsException, Secret } from '@qts-ops/core/plugin';
import * as z from 'zod';
import './email-errors.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

const SmtpSchema = z.strictObject({
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535).optional(),
  /** `starttls`: refused when the server cannot encrypt. `implicit`: encrypted from the first byte. `none`: this machine only. */
  encryption: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
  user: z.string().min(1).optional(),
  password: z.union([z.string(), z.custom<Secret>(isSecret, 'allowed: a text or a Secret')]).optional(),
});

const AddressSchema = z
  .string()
  .max(320)
  .regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, 'allowed: name@host or Name <name@host>');

/** What an e-mail channel needs to know. */
export const EmailOptionsSchema = z.strictObject({
  smtp: SmtpSchema,
  from: AddressSchema,
  /** One address or up to 50. */
  to: z.union([AddressSchema.transform((address) => [address]), z.array(AddressSchema).min(1).max(50)]),
  /** How long sending one mail may take in all, ms. */
  timeoutMs: z.int().min(100).max(120_000).default(30_000),
});

/** Where mail is handed in. Port 587 for `starttls`, 465 for `implicit`, 25 for `none` when absent. */
export interface SmtpOptions {
  readonly host: string;
  readonly port?: number | undefined;
  readonly encryption?: 'starttls' | 'implicit' | 'none' | undefined;
  readonly user?: string | undefined;
  readonly password?: string | Secret | undefined;
}

/** Options of `emailChannel`; `timeoutMs` 100 to 120,000, 30,000 when absent. */
export interface EmailOptions {
  readonly smtp: SmtpOptions;
  readonly from: string;
  readonly to: string | readonly string[];
  readonly timeoutMs?: number | undefined;
}

/** Options after every check; the password is wrapped, so that nothing prints it by accident. */
export interface CheckedEmailOptions {
  readonly host: string;
  readonly port: number;
  readonly encryption: 'starttls' | 'implicit' | 'none';
  readonly login?: { readonly user: string; readonly password: Secret };
  readonly from: string;
  readonly to: readonly string[];
  readonly timeoutMs: number;
}

const DEFAULT_PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

/**
 * Checks the options of an e-mail channel.
 * @throws InputDataException INP-0511 naming each wrong field, never the password.
 */
export function checkEmailOptions(options: EmailOptions): CheckedEmailOptions {
  const parsed = EmailOptionsSchema.safeParse(options);
  if (!parsed.success) {
    throw refused(
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`),
    );
  }
  const { smtp, from, to, timeoutMs } = parsed.data;
  const problems = connectionProblems(smtp);
  if (problems.length > 0) throw refused(problems);
  const { host, encryption, user, password } = smtp;
  return {
    host,
    port: smtp.port ?? DEFAULT_PORTS[encryption],
    encryption,
    ...(user === undefined || password === undefined ? {} : { login: { user, password: wrap(password) } }),
    from,
    to,
    timeoutMs,
  };
}

function connectionProblems(smtp: z.infer<typeof SmtpSchema>): string[] {
  const problems: string[] = [];
  if ((smtp.user === undefined) !== (smtp.password === undefined)) {
    problems.push('smtp: user and password belong together; give both or neither');
  }
  if (smtp.encryption === 'none' && !LOOPBACK.includes(smtp.host)) {
    problems.push(
      `smtp.encryption: none is allowed to this machine only (${LOOPBACK.join(', ')}); use starttls or implicit`,
    );
  }
  return problems;
}

function refused(problems: readonly string[]) {
  return opsException('INP-0511', problems.join('; '), { data: { fields: problems } });
}

function wrap(password: string | Secret): Secret {
  return typeof password === 'string' ? new Secret('smtp.password', password) : password;
}

/** Recognised by its method, not its class: two copies of the core package may be loaded. */
function isSecret(value: unknown): value is Secret {
  return (
    typeof value === 'object' && value !== null && 'reveal' in value && typeof value.reveal === 'function'
  );
}
