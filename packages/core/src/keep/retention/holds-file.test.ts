import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../../testing/memory-files.ts';
import { addHold, endHold, HOLDS_FILE, HoldsWatch, readHeld, readHoldLines } from './holds-file.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const CASE = { id: 'h1', globs: ['raw/2026-11-*/**'], reason: 'case 7', owner: 'legal' };

describe('a hold', () => {
  it('keeps what its globs name until it is released, and stays on record', () => {
    const files = world();
    addHold(files, '/state', { request: CASE, nowMs: NOW_MS });
    expect(readHeld(files, '/state', NOW_MS).heldBy('raw/2026-11-01/a')).toBe('case 7 (legal, hold h1)');
    expect(readHeld(files, '/state', NOW_MS).heldBy('raw/2026-10-01/a')).toBeUndefined();
    endHold(files, '/state', { id: 'h1', reason: 'case closed', operator: 'kim', nowMs: NOW_MS });
    expect(readHeld(files, '/state', NOW_MS).heldBy('raw/2026-11-01/a')).toBeUndefined();
    expect(readHoldLines(files, '/state')).toHaveLength(2);
  });

  it('ends by itself at its instant', () => {
    const files = world();
    addHold(files, '/state', { request: { ...CASE, untilMs: NOW_MS + 1000 }, nowMs: NOW_MS });
    expect(readHeld(files, '/state', NOW_MS + 999).holds).toHaveLength(1);
    expect(readHeld(files, '/state', NOW_MS + 1000).holds).toHaveLength(0);
  });

  it('of restored files names exact paths, whatever characters they have', () => {
    const files = world();
    const request = {
      id: 'r1',
      kind: 'restored' as const,
      globs: ['raw/a[1].jsonl'],
      reason: 'restored',
      owner: 'kim',
    };
    addHold(files, '/state', { request, nowMs: NOW_MS });
    const held = readHeld(files, '/state', NOW_MS);
    expect(held.heldBy('raw/a[1].jsonl')).toContain('restored');
    expect(held.heldBy('raw/a1.jsonl')).toBeUndefined();
  });

  it('is refused without a glob, a reason, an owner or with an end that has passed', () => {
    const files = world();
    for (const bad of [
      { ...CASE, globs: [] },
      { ...CASE, globs: ['/abs'] },
      { ...CASE, reason: ' ' },
      { ...CASE, owner: '' },
      { ...CASE, untilMs: NOW_MS },
    ]) {
      expect(() => addHold(files, '/state', { request: bad, nowMs: NOW_MS })).toThrow();
    }
    expect(files.exists(`/state/${HOLDS_FILE}`)).toBe(false);
  });

  it('cannot be released when it does not stand', () => {
    const release = { id: 'h9', reason: 'x', operator: 'kim', nowMs: NOW_MS };
    expect(() => endHold(world(), '/state', release)).toThrow("hold: 'h9'");
  });

  it.each([
    [
      'raw/2026-11-*',
      ['raw/2026-11-01', 'raw/2026-11-01/a', 'raw/2026-11-01/b/c'],
      ['raw/2026-10-01/a', 'raw/x'],
    ],
    ['raw', ['raw/a', 'raw/b/c'], ['rawer/a', 'x/raw']],
    ['*', ['a', 'b/c'], []],
  ])('on %s holds what it names and, where that is a folder, everything in it', (glob, held, free) => {
    const files = world();
    addHold(files, '/state', { request: { ...CASE, globs: [glob] }, nowMs: NOW_MS });
    const now = readHeld(files, '/state', NOW_MS);
    expect(held.filter((path) => now.heldBy(path) === undefined)).toEqual([]);
    expect(free.filter((path) => now.heldBy(path) !== undefined)).toEqual([]);
  });

  it('takes out what a glob with ! names, as a whole', () => {
    const files = world();
    addHold(files, '/state', { request: { ...CASE, globs: ['**', '!raw/**'] }, nowMs: NOW_MS });
    const now = readHeld(files, '/state', NOW_MS);
    expect([now.heldBy('x/a'), now.heldBy('raw/a')]).toEqual([expect.any(String), undefined]);
  });

  it('is seen by who looks again, and read again only when there is another', () => {
    const files = world();
    const watch = new HoldsWatch(files, { stateFolder: '/state', nowMs: NOW_MS });
    expect(watch.look().holds).toEqual([]);
    addHold(files, '/state', { request: CASE, nowMs: NOW_MS });
    const once = watch.look();
    expect(once.holds).toHaveLength(1);
    expect(watch.look()).toBe(once);
    files.append(`/state/${HOLDS_FILE}`, 'rubbish\n');
    expect(() => watch.look()).toThrow('line 2 of the holds is not readable');
    expect(() => watch.look()).toThrow('line 2 of the holds is not readable');
  });

  it('survives a loss of power once it was given', () => {
    const files = world();
    addHold(files, '/state', { request: CASE, nowMs: NOW_MS });
    files.crash('lose');
    expect(readHeld(files, '/state', NOW_MS).holds).toHaveLength(1);
  });

  it('that a crash cut off in the middle was never given, and the next one is whole', () => {
    const files = world();
    addHold(files, '/state', { request: CASE, nowMs: NOW_MS });
    files.append(`/state/${HOLDS_FILE}`, '{"act":"hold","id":"h2","gl');
    expect(readHeld(files, '/state', NOW_MS).holds).toHaveLength(1);
    addHold(files, '/state', { request: { ...CASE, id: 'h3' }, nowMs: NOW_MS });
    expect(readHeld(files, '/state', NOW_MS).holds.map((hold) => hold.id)).toEqual(['h1', 'h3']);
  });

  it('given while another process gives one stands, and so does the other, also after a crash', () => {
    for (const left of ['', '{"act":"hold","id":"h2","gl']) {
      const files = world();
      addHold(files, '/state', { request: CASE, nowMs: NOW_MS });
      files.append(`/state/${HOLDS_FILE}`, left);
      const openAppend = files.openAppend.bind(files);
      files.openAppend = (path, mode) => {
        files.openAppend = openAppend;
        addHold(files, '/state', { request: { ...CASE, id: 'other' }, nowMs: NOW_MS });
        return openAppend(path, mode);
      };
      addHold(files, '/state', { request: { ...CASE, id: 'mine' }, nowMs: NOW_MS });
      const { holds } = readHeld(files, '/state', NOW_MS);
      expect(holds.map(({ id }) => id)).toEqual(['h1', 'other', 'mine']);
    }
  });

  it('that cannot be read stops everything instead of being overlooked', () => {
    const files = world();
    files.put(`/state/${HOLDS_FILE}`, 'rubbish\n');
    expect(() => readHeld(files, '/state', NOW_MS)).toThrow('line 1 of the holds is not readable');
  });
});

function world(): MemoryFiles {
  const files = new MemoryFiles({ now: () => NOW_MS });
  files.put('/state/x', '');
  return files;
}
