import * as z from 'zod';

/** A regular expression as an option: JavaScript's own syntax with the flag `u`, at most 500 characters. */
export const patternOption = z.string().min(1).max(500).refine(isPattern, 'is no regular expression');

/** Whether a text is a regular expression. */
function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
