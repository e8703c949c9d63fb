/**
 * A URL as messages and screens may show it: without credentials, fragment and the values of its query, which may all
 * be secrets. A text that is no absolute URL becomes `[no URL]`.
 */
export function shownUrl(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return '[no URL]';
  const names = [...new Set(parsed.searchParams.keys())].map((name) => `${name}=…`);
  const query = names.length === 0 ? '' : `?${names.join('&')}`;
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${query}`;
}

/** A URL that came from a secret: only the machine it leads to, because the path may be the secret itself. */
export function shownOrigin(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? '[no URL]' : `${parsed.protocol}//${parsed.host}/…`;
}
