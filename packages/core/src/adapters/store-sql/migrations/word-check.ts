/**
 * The condition that a column holds one of these words. Written as comparisons: for `in` with more than two words SQLite
 * builds a temporary tree each time a row is checked, which costs more than the insert.
 */
export function isOneOf(column: string, words: readonly string[]): string {
  return `(${words.map((word) => `${column} = '${word}'`).join(' or ')})`;
}
