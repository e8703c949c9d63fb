import type { Verdict } from './look.ts';
import { shortLine } from './short-line.ts';

/** Codes of a target that answers badly or not at all: its fault. */
const TARGET_FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  ECONNABORTED: 'the connection was given up',
  EPIPE: 'the connection was closed',
  ENOTFOUND: 'no such host',
  EHOSTUNREACH: 'the host cannot be reached',
  EHOSTDOWN: 'the host is down',
  ETIMEDOUT: 'no connection in time',
  EPROTO: 'TLS failed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'nobody vouches for the certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody vouches for the certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'nobody vouches for the certificate',
  UNABLE_TO_GET_ISSUER_CERT: 'nobody vouches for the certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'nobody vouches for the certificate',
};

/** More reasons why a certificate is not accepted; which one tells only those who make it. */
const CERTIFICATE_FAULTS = [
  'CERT_CHAIN_TOO_LONG',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
] as const;

/** Codes that say something about us. */
const OUR_FAULTS: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'our name server does not answer',
  ENETUNREACH: 'our network has no way there',
  ENETDOWN: 'our network is down',
  EMFILE: 'this process has too many files open',
  ENFILE: 'this machine has too many files open',
  EADDRNOTAVAIL: 'no free port on this machine',
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOENT: 'does not exist',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'is a folder',
  EIO: 'the disk could not be read',
  ENOSPC: 'no space left',
  EROFS: 'is read-only',
  EDQUOT: 'the quota is used up',
  ESTALE: 'the network disk has lost it',
  ELOOP: 'too many links',
};

/** The code of a system error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function syscallOf(error: unknown): unknown {
  return error instanceof Error && 'syscall' in error ? error.syscall : undefined;
}

/** One line that says what went wrong, in words where the code is known. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const words = code === undefined ? undefined : (OUR_FAULTS[code] ?? TARGET_FAULTS[code]);
  if (words !== undefined) return `${words} (${code})`;
  if (!(error instanceof Error)) return shortLine(String(error), 160);
  const name = error.name === 'Error' ? '' : `${error.name}: `;
  return shortLine(`${name}${error.message}${code === undefined ? '' : ` (${code})`}`, 160);
}

/** Whose fault an error on the way to a server is. */
export function networkVerdict(error: unknown): Verdict {
  const code = codeOf(error);
  // A socket file that is not there; other files that are not there are ours, such as one of certificates.
  if (code === 'ENOENT' && syscallOf(error) === 'connect') {
    return { status: 'fail', reason: `nothing listens there (${code})` };
  }
  // A host of several addresses: one that refuses says more than a way that we do not have.
  for (const one of [code, ...(error instanceof AggregateError ? error.errors.map(codeOf) : [])]) {
    const words = one === undefined ? undefined : TARGET_FAULTS[one];
    if (words !== undefined) return { status: 'fail', reason: `${words} (${one})` };
  }
  if (CERTIFICATE_FAULTS.some((one) => one === code)) {
    return { status: 'fail', reason: `the certificate is not accepted (${code})` };
  }
  if (code?.startsWith('HPE_') === true) return { status: 'fail', reason: `the answer is no HTTP (${code})` };
  if (code?.startsWith('ERR_SSL_') === true) return { status: 'fail', reason: `TLS failed (${code})` };
  return { status: 'unknown', reason: reasonOf(error) };
}
