import { describe, expect, it } from 'vitest';
import { keyNames, type RawKey } from './key-names.ts';

const none = Object.fromEntries(
  [
    'upArrow',
    'downArrow',
    'leftArrow',
    'rightArrow',
    'pageDown',
    'pageUp',
    'home',
    'end',
    'return',
    'escape',
    'ctrl',
    'shift',
    'tab',
    'backspace',
    'delete',
    'meta',
  ].map((name) => [name, false]),
) as unknown as RawKey;

describe('keys in one chunk of input', () => {
  it.each<[string, Partial<RawKey>, string[]]>([
    ['j', {}, ['j']],
    ['jjj', {}, ['j', 'j', 'j']],
    ['jq', {}, ['j', 'q']],
    ['rok\ry', {}, ['r', 'o', 'k', 'enter', 'y']],
    ['\r', { return: true }, ['enter']],
    ['\r\n', {}, ['enter']],
    [' ', {}, ['space']],
    ['거래', {}, ['거', '래']],
    ['e\u0301x', {}, ['e\u0301', 'x']],
    ['d', { ctrl: true }, ['ctrl-d']],
    ['\u0004\u0004', {}, ['ctrl-d', 'ctrl-d']],
    ['', { upArrow: true }, ['up']],
    ['', { escape: true }, ['esc']],
    ['y', { meta: true }, ['esc']],
    ['', { tab: true, shift: true }, ['shift-tab']],
    ['\tj', {}, ['tab', 'j']],
    ['j', { eventType: 'release' }, []],
    ['\u0000', {}, []],
  ])('%j is %j', (input, flags, names) => {
    expect(keyNames(input, { ...none, ...flags })).toEqual(names);
  });
});
