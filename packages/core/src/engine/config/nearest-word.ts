const maxWordLength = 40;

/** The allowed word a person most likely meant, or undefined when none is near; case and `-`, `_` do not count. */
export function nearestWord(word: string, allowed: readonly string[]): string | undefined {
  const typed = fold(word);
  if (typed.length === 0 || typed.length > maxWordLength) return undefined;
  let nearest: string | undefined;
  let fewest = typed.length <= 3 ? 2 : Math.floor(typed.length / 3) + 1;
  for (const candidate of allowed) {
    const edits = editsBetween(typed, fold(candidate));
    if (edits < fewest) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** Fewest insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editsBetween(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const replaced = cell(last, column - 1) + (same ? 0 : 1);
      let edits = Math.min(replaced, cell(last, column) + 1, cell(current, column - 1) + 1);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        edits = Math.min(edits, cell(beforeLast, column - 2) + 1);
      }
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return cell(last, to.length);
}

function cell(cells: readonly number[], column: number): number {
  return cells[column] ?? Number.POSITIVE_INFINITY;
}
