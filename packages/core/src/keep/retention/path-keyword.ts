/**
 * Compiles words into a test of paths. A word is found when it is the whole name of a folder on the way, or stands in
 * the file name between delimiters (everything that is neither letter nor digit). So `raw` is found in `raw/a.jsonl`
 * and `raw_1.jsonl`, and not in `raw_data/a.jsonl` or `drawings.jsonl`. Upper and lower case are the same, and so are
 * letters however they are composed.
 * @throws RangeError for a word with characters that can never be found.
 */
export function compileKeywords(words: readonly string[]): (path: string) => boolean {
  const wanted = words.map((word) => word.toLowerCase().normalize('NFC'));
  const bad = wanted.find((word) => !/^[\p{L}\p{N}]+(?:[_.-][\p{L}\p{N}]+)*$/u.test(word));
  if (bad !== undefined) {
    throw new RangeError(
      `'${bad}' is not a keyword; allowed are letters and digits with single _ - . between`,
    );
  }
  return (path) => {
    const names = path.toLowerCase().normalize('NFC').split('/');
    const fileName = names.pop() ?? '';
    return wanted.some((word) => names.includes(word) || hasToken(fileName, word));
  };
}

function hasToken(fileName: string, word: string): boolean {
  for (let at = fileName.indexOf(word); at !== -1; at = fileName.indexOf(word, at + 1)) {
    if (!isWordAt(fileName, at - 1) && !isWordAt(fileName, at + word.length)) return true;
  }
  return false;
}

function isWordAt(text: string, at: number): boolean {
  return at >= 0 && at < text.length && /[\p{L}\p{N}]/u.test(text.charAt(at));
}
