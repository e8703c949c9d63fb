import { secretOption } from '@qts-ops/core/plugin';
import * as z from 'zod';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const DEFAULT_PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

const SmtpSchema = z
  .strictObject({
    host: z.string().min(1).max(253),
    /** 587 for `starttls`, 465 for `implicit`, 25 for `none` when absent. */
    port: z.int().min(1).max(65_535).optional(),
    /** `starttls`: refused when the server cannot encrypt. `implicit`: encrypted from the first byte. `none`: this machine only. */
    encryption: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
    user: z.string().min(1).optional(),
    password: secretOption.optional(),
    /** Certificate of the authority that signed the server's, as PEM; only for one that machines do not know. */
    ca: z.string().startsWith('-----BEGIN CERTIFICATE-----').max(100_000).optional(),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: 'user and password belong together; give both or neither',
  })
  .refine(({ encryption, host }) => encryption !== 'none' || LOOPBACK.includes(host), {
    path: ['encryption'],
    error: `none is allowed to this machine only (${LOOPBACK.join(', ')}); use starttls or implicit`,
  })
  .transform((smtp) => ({ ...smtp, port: smtp.port ?? DEFAULT_PORTS[smtp.encryption] }));

const AddressSchema = z
  .string()
  .max(320)
  .regex(
    /^(?:[^\r\n<>@]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
    'allowed: name@host or Name <name@host>',
  );

/** What an e-mail channel needs to know. */
export const EmailOptionsSchema = z.strictObject({
  smtp: SmtpSchema,
  from: AddressSchema,
  /** One address or up to 50. */
  to: z.union([AddressSchema.transform((address) => [address]), z.array(AddressSchema).min(1).max(50)]),
  /** How long sending one mail may take in all, ms; 15,000 when absent. */
  timeoutMs: z.int().min(100).max(120_000).default(15_000),
});

/** Options of `email`. */
export type EmailOptions = z.input<typeof EmailOptionsSchema>;

/** Options after every check, with their defaults. */
export type CheckedEmailOptions = z.output<typeof EmailOptionsSchema>;

/** The address alone, without a name before it. */
export function bareAddress(address: string): string {
  return /<([^<>]+)>$/.exec(address)?.[1] ?? address;
}
