import { describe, expect, it } from 'vitest';
import { PLACES } from './command.ts';
import { COMMANDS, commandsAt } from './command-table.ts';

describe('the key table', () => {
  it.each(PLACES)('gives no key two meanings on %s', (place) => {
    const keys = commandsAt(place).flatMap((command) => command.keys);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it('needs only letters, signs, Enter, Escape, Tab, Space, arrows and ctrl-letters', () => {
    const plain =
      /^(?:[\x21-\x7e]|ctrl-[a-z]|enter|esc|tab|shift-tab|space|up|down|left|right|home|end|pgup|pgdn)$/;
    expect(COMMANDS.flatMap(({ keys }) => keys).filter((key) => !plain.test(key))).toEqual([]);
  });

  it('puts no act on a ctrl key', () => {
    const acts = COMMANDS.filter(({ group }) => group === 'act').flatMap(({ keys }) => keys);
    expect(acts.filter((key) => key.startsWith('ctrl'))).toEqual([]);
  });

  it('names every command once and says what it does', () => {
    const ids = COMMANDS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { title, keys } of COMMANDS) expect(title.length > 3 && keys.length > 0).toBe(true);
  });
});
