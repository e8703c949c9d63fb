import type { SecretInput } from '@qts-ops/core/plugin';

/**
 * A URL as messages show it: without credentials, query and fragment, which may all be secrets. Of a URL that was
 * given as a secret only the machine is shown, because its path may be the secret itself.
 */
export function shownUrl(url: URL, given: SecretInput): string {
  return typeof given === 'string'
    ? `${url.protocol}//${url.host}${url.pathname}`
    : `${url.protocol}//${url.host}/…`;
}
