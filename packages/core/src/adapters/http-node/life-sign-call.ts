/** A service outside gets this long to answer, ms. */
const ANSWER_WITHIN_MS = 10_000;

/**
 * Asks an address that only wants to be asked, or posts a text to it; any answer of 2xx is good. The address is a
 * secret, and no failure names it.
 */
export async function callLifeSign(url: string, signal: AbortSignal, text?: string): Promise<void> {
  const deadline = AbortSignal.timeout(ANSWER_WITHIN_MS);
  let status: number;
  try {
    const said = text === undefined ? {} : { method: 'POST', body: text };
    const until = AbortSignal.any([signal, deadline]);
    const answer = await fetch(url, { ...said, signal: until, redirect: 'follow' });
    status = answer.status;
    await answer.body?.cancel();
  } catch (error) {
    throw new Error(deadline.aborted ? `no answer within ${ANSWER_WITHIN_MS} ms` : reasonOf(error));
  }
  if (status < 200 || status > 299) throw new Error(`answered ${status}`);
}

/** `fetch` puts the reason into the cause, and may put the address into its message. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return code === undefined ? 'could not be asked' : `could not be asked: ${code}`;
}
