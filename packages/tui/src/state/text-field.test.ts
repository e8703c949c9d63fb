import { describe, expect, it } from 'vitest';
import { EMPTY_FIELD, editField, FIELD_MAX_LETTERS, fieldOf, insertText, textOf } from './text-field.ts';

describe('a text field', () => {
  it('inserts at the cursor and moves it behind', () => {
    const field = editField(editField(fieldOf('ac'), 'left'), 'x');
    expect(textOf(insertText(field, 'b'))).toBe('abc');
  });

  it.each([
    ['backspace', 'vendor fi'],
    ['ctrl-w', 'vendor '],
    ['ctrl-u', ''],
    ['delete', 'vendor fix'],
  ])('%s leaves "%s"', (key, text) => {
    expect(textOf(editField(fieldOf('vendor fix'), key))).toBe(text);
  });

  it('deletes what a person sees as one letter', () => {
    expect(textOf(editField(fieldOf('a한'), 'backspace'))).toBe('a');
    expect(textOf(editField(fieldOf('ae\u0301'), 'backspace'))).toBe('a');
  });

  it('makes one line of pasted lines and drops control characters', () => {
    expect(textOf(insertText(EMPTY_FIELD, 'a\r\nb\tc\u001b[31m\u0007'))).toBe('a b c[31m');
  });

  it('holds no more letters than it may', () => {
    const full = insertText(EMPTY_FIELD, 'x'.repeat(FIELD_MAX_LETTERS + 50));
    expect(full.letters).toHaveLength(FIELD_MAX_LETTERS);
    expect(insertText(full, 'y')).toEqual(full);
  });

  it('ignores keys that do not edit', () => {
    const field = fieldOf('x');
    for (const key of ['up', 'ctrl-d', 'pgdn', 'tab']) expect(editField(field, key)).toBe(field);
  });
});
