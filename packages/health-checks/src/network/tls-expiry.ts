import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { type CheckFinding, defineHealthCheck, PLUGIN_API_VERSION } from '@qts-ops/core/plugin';
import * as z from 'zod';
import { judge } from '../look/limits.ts';
import { look } from '../look/look.ts';
import { readSmallFile } from '../look/open-file.ts';
import { exactlyOne, onlyWith, warnsFirst } from '../look/option-rules.ts';
import { shortLine } from '../look/short-line.ts';
import { rounded } from '../look/shown-numbers.ts';
import { codeOf, networkVerdict, reasonOf } from '../look/trouble.ts';

const days = z.number().min(0).max(3_650);

const options = z
  .strictObject({
    /** A server; either this or `file`. */
    host: z.string().min(1).max(255).optional(),
    /** 443 when absent. */
    port: z.int().min(1).max(65_535).optional(),
    /** The name that is asked for, where it is not `host`. */
    serverName: z.string().min(1).max(255).optional(),
    /** File of certificates in PEM that are trusted instead of the public ones. */
    caFile: z.string().min(1).optional(),
    /** False where nobody but you vouches for the certificate: only its dates are looked at. */
    trusted: z.boolean().default(true),
    /** A file of certificates in PEM; the one that ends first counts. */
    file: z.string().min(1).optional(),
    /** Fails when a certificate ends in fewer days. */
    failBelowDays: days.default(7),
    /** Warns when a certificate ends in fewer days. */
    warnBelowDays: days.default(21),
    /** How long the answer may take, ms. */
    answerWithinMs: z.int().min(10).max(300_000).default(8_000),
  })
  .refine(...exactlyOne('host', 'file'))
  .refine(...onlyWith('port', 'host'))
  .refine(...onlyWith('serverName', 'host'))
  .refine(...onlyWith('caFile', 'host'))
  .refine(...warnsFirst('warnBelowDays', 'failBelowDays'));

/** Options of `tlsExpiry`: a server or a file. */
export type TlsExpiryOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

const DAY_MS = 86_400_000;
/** A chain longer than this is not followed. */
const CHAIN_MAX = 10;

interface Validity {
  readonly subject: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Certificates do not end soon: those a server shows, its intermediates too, or those in a file. */
export const tlsExpiry = defineHealthCheck({
  name: 'tls_expiry',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: true },
  defaults: { intervalMs: 3_600_000, timeoutMs: 10_000 },
  create: async (given) => {
    const { file } = given;
    const target = file ?? `${given.host}:${given.port ?? 443}`;
    const rules = {
      target,
      answerWithinMs: given.answerWithinMs,
      whenLate: file === undefined ? 'fail' : 'unknown',
      explain: file === undefined ? networkVerdict : explainFile,
    } as const;
    return {
      check: (call) =>
        look(call, rules, async (signal) => {
          const seen = file === undefined ? await shownBy(given, signal) : await certificatesIn(file);
          return expiryFinding({ target, nowMs: call.nowMs }, seen, given);
        }),
    };
  },
});

function explainFile(error: unknown) {
  const status = codeOf(error) === 'ENOENT' ? 'fail' : 'unknown';
  return { status, reason: reasonOf(error) } as const;
}

async function certificatesIn(path: string): Promise<readonly Validity[]> {
  const text = await readSmallFile(path);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error('the file holds no certificate in PEM');
  return blocks.map((block) => validityOf(new X509Certificate(block)));
}

/** The certificates of the chain that a server shows. */
async function shownBy(given: Given, signal: AbortSignal): Promise<readonly Validity[]> {
  const ca = given.caFile === undefined ? undefined : await readSmallFile(given.caFile);
  const { host = '', port = 443 } = given;
  const servername = given.serverName ?? (isIP(host) === 0 ? host : undefined);
  const { promise, resolve, reject } = Promise.withResolvers<readonly Validity[]>();
  const socket = connect({
    host,
    port,
    // Looked at below: an expired certificate is to be told by its date.
    rejectUnauthorized: false,
    ...(servername === undefined ? {} : { servername }),
    ...(ca === undefined ? {} : { ca }),
  });
  const end = () => socket.destroy();
  signal.addEventListener('abort', end, { once: true });
  socket.on('error', reject);
  socket.on('close', () =>
    reject(Object.assign(new Error('closed before TLS was agreed'), { code: 'ECONNRESET' })),
  );
  socket.on('secureConnect', () => {
    const distrust = given.trusted ? distrustOf(socket) : undefined;
    const chain = chainOf(socket);
    if (distrust === undefined) resolve(chain);
    else reject(distrust);
    socket.destroy();
  });
  return promise;
}

/** Why the chain is not believed, apart from its dates. */
function distrustOf(socket: TLSSocket): Error | undefined {
  const error: unknown = socket.authorizationError;
  if (error === null || error === undefined) return undefined;
  const code = codeOf(error) ?? (typeof error === 'string' ? error : 'not trusted');
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return undefined;
  return Object.assign(new Error(shortLine(code, 100)), { code });
}

function chainOf(socket: TLSSocket): readonly Validity[] {
  const chain: Validity[] = [];
  let at = socket.getPeerX509Certificate();
  while (at !== undefined && chain.length < CHAIN_MAX) {
    chain.push(validityOf(at));
    at = at.issuerCertificate;
  }
  return chain;
}

function validityOf(certificate: X509Certificate): Validity {
  const subject = /(?:^|\n)CN=([^\n]*)/.exec(certificate.subject)?.[1] ?? certificate.subject;
  return {
    subject: shortLine(subject, 60),
    fromMs: Date.parse(certificate.validFrom),
    toMs: Date.parse(certificate.validTo),
  };
}

function expiryFinding(
  { target, nowMs }: { target: string; nowMs: number },
  chain: readonly Validity[],
  { failBelowDays: failBelow, warnBelowDays: warnBelow }: Given,
): CheckFinding {
  const first = chain.reduce<Validity | undefined>(
    (soonest, one) => (soonest === undefined || one.toMs < soonest.toMs ? one : soonest),
    undefined,
  );
  if (first === undefined) return { status: 'fail', message: `${target}: shows no certificate` };
  const early = chain.find(({ fromMs }) => fromMs > nowMs);
  if (early !== undefined) {
    const from = new Date(early.fromMs).toISOString().slice(0, 10);
    return { status: 'fail', message: `${target}: the certificate of ${early.subject} begins on ${from}` };
  }
  const left = (first.toMs - nowMs) / DAY_MS;
  const on = new Date(first.toMs).toISOString().slice(0, 10);
  const ends = left < 0 ? `ended ${rounded(-left)} days ago` : `ends in ${rounded(left)} days`;
  return {
    status: left < 0 ? 'fail' : judge(left, { failBelow, warnBelow }),
    message: `${target}: the certificate of ${first.subject} ${ends}, on ${on}; allowed from ${failBelow} days`,
    value: Math.round(left * 10) / 10,
    unit: 'd',
  };
}
