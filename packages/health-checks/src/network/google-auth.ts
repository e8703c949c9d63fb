import { type Answer, sendRequest } from '../look/bounded-request.ts';
import { loadOptional } from '../look/optional-package.ts';

/** The key of a service account, of which only two fields matter here. */
export interface ServiceAccountKey {
  readonly client_email: string;
  readonly private_key: string;
}

/** Where a token is asked for. */
export interface TokenPlace {
  readonly key: ServiceAccountKey;
  /** Instead of the one of Google: for a proxy, or a test. */
  readonly tokenEndpoint: string | undefined;
}

/** The token server answered, and gave no token. */
export class TokenRefused extends Error {
  readonly httpStatus: number;

  constructor(httpStatus: number, reason: string) {
    super(`no access token: status ${httpStatus} ${reason}`);
    this.name = 'TokenRefused';
    this.httpStatus = httpStatus;
  }
}

/** Gives headers that authorise a request; a token is kept until it is about to end. */
export type Authorize = (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>;

const READ_ONLY = 'https://www.googleapis.com/auth/spreadsheets.readonly';

/**
 * Makes the authorisation of a service account with google-auth-library, over our own bounded requests.
 * @throws MissingPackage when the library is not installed.
 */
export async function authorizeWith({ key, tokenEndpoint }: TokenPlace): Promise<Authorize> {
  const { JWT } = await loadOptional('google-auth-library', () => import('google-auth-library'));
  let current: AbortSignal | undefined;
  const client = new JWT({
    email: key.client_email,
    key: key.private_key,
    scopes: [READ_ONLY],
    transporterOptions: {
      fetchImplementation: async (input, init) => {
        if (current === undefined) throw new Error('a token is asked for only during a look');
        const asked = new URL(input instanceof Request ? input.url : input);
        const url = tokenEndpoint === undefined ? asked : new URL(tokenEndpoint);
        const body = init?.body instanceof URLSearchParams ? init.body.toString() : String(init?.body ?? '');
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const answer = await sendRequest({ url, method: 'POST', headers, body }, current);
        // The library would try again and wait; the next look does that.
        if (answer.status !== 200) throw new TokenRefused(answer.status, reasonIn(answer));
        return new Response(answer.body.toString('utf8'), { status: 200, headers: answer.headers });
      },
    },
  });
  return async (signal) => {
    current = signal;
    try {
      const headers = await client.getRequestHeaders();
      return Object.fromEntries(headers);
    } catch (error) {
      throw causeOf(error);
    } finally {
      current = undefined;
    }
  };
}

/** The word that the token server says, such as `invalid_grant`. */
function reasonIn({ body }: Answer): string {
  return /"error"\s*:\s*"(\w{1,60})"/.exec(body.toString('utf8'))?.[1] ?? '';
}

/** The library wraps what our request threw, and its own error holds the whole request with its signature. */
function causeOf(error: unknown): unknown {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof TokenRefused) return at;
    if (at.cause === undefined) return at === error ? new Error(at.message.slice(0, 160)) : at;
  }
  return new Error('the access token could not be made');
}
