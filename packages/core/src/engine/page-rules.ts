import { opsException } from '../kernel/ops-exception.ts';

/** Rows a page may hold. */
export const PAGE_LIMIT_MAX = 1000;
const PAGE_LIMIT_DEFAULT = 100;

/** Which part of a list is asked for. @throws INP-0301 for a page that is too large or starts before the beginning. */
export function pageOf(query: {
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}): { readonly limit: number; readonly offset: number } {
  const { limit = PAGE_LIMIT_DEFAULT, offset = 0 } = query;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > PAGE_LIMIT_MAX) {
    throw opsException('INP-0301', `limit: ${limit}; allowed: 1 … ${PAGE_LIMIT_MAX}`, {
      data: { field: 'limit' },
    });
  }
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw opsException('INP-0301', `offset: ${offset}; allowed: 0 or more`, { data: { field: 'offset' } });
  }
  return { limit, offset };
}
