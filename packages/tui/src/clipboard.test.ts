import { describe, expect, it } from 'vitest';
import { copySequence } from './clipboard.ts';

describe('copying', () => {
  it('goes through the terminal, and inside tmux through tmux', () => {
    expect(copySequence('id', false)).toBe('\u001b]52;c;aWQ=\u0007');
    expect(copySequence('id', true)).toBe('\u001bPtmux;\u001b\u001b]52;c;aWQ=\u0007\u001b\\');
  });

  it('is refused for texts that terminals do not take', () => {
    expect(copySequence('x'.repeat(60_000), false)).toBeUndefined();
  });
});
