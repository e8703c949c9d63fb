import { type Answer, type RequestPlan, sendRequest } from '../look/bounded-request.ts';
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
  let asking: { readonly signal: AbortSignal; failure?: unknown } | undefined;
  const client = new JWT({
    email: key.client_email,
    key: key.private_key,
    scopes: [READ_ONLY],
    transporterOptions: {
      fetchImplementation: async (input, init) => {
        const current = asking;
        try {
          if (current === undefined) throw new Error('a token is asked for only during a look');
          const url = new URL(tokenEndpoint ?? (input instanceof Request ? input.url : input));
          const answer = await sendRequest(tokenRequest(url, init?.body), current.signal);
          if (answer.status !== 200) throw new TokenRefused(answer.status, reasonIn(answer));
          return new Response(answer.body.toString('utf8'), { status: 200, headers: answer.headers });
        } catch (error) {
          if (current !== undefined) current.failure = error;
          // The library tries again after every failure but this one; the next look does that.
          return new Response('{}', { status: 400 });
        }
      },
    },
  });
  return async (signal) => {
    const current: typeof asking = { signal };
    asking = current;
    try {
      return Object.fromEntries(await client.getRequestHeaders());
    } catch (error) {
      // The error of the library holds the whole request with its signature.
      throw current.failure ?? new Error(error instanceof Error ? error.message : 'no access token');
    }
  };
}

function tokenRequest(url: URL, form: unknown): RequestPlan {
  const body = form instanceof URLSearchParams ? form.toString() : form;
  if (typeof body !== 'string') throw new Error('a token is asked for with a form');
  return { url, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body };
}

/** The word that the token server says, such as `invalid_grant`. */
function reasonIn({ body }: Answer): string {
  return /"error"\s*:\s*"(\w{1,60})"/.exec(body.toString('utf8'))?.[1] ?? '';
}
