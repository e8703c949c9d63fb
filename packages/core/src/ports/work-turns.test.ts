import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../testing/memory-files.ts';
import { digestInTurns, WorkTurns } from './work-turns.ts';

const MIB = 1024 * 1024;

function longFile(): MemoryFiles {
  const files = new MemoryFiles({ now: () => 0 });
  files.put('/data/long', 'x'.repeat(20 * MIB));
  return files;
}

describe('long work', () => {
  it('gives others a turn, so that a stop is heard in the middle of one file', async () => {
    const stop = new AbortController();
    let turns = 0;
    const clock = {
      async nextTurn() {
        turns += 1;
        stop.abort(new Error('asked to end'));
      },
    };
    const reading = { buffer: Buffer.alloc(MIB), turns: new WorkTurns(clock, stop.signal) };
    const file = longFile().openRead('/data/long');
    let read = 0;
    const onRead = (bytes: number) => {
      read += bytes;
    };
    await expect(digestInTurns(file, { ...reading, onRead })).rejects.toThrow('asked to end');
    expect({ turns, read }).toEqual({ turns: 1, read: 8 * MIB });
    await expect(digestInTurns(file, reading)).rejects.toThrow('asked to end');
  });

  it('counts files too, however small they are', () => {
    let turns = 0;
    const taking = new WorkTurns({ nextTurn: async () => void turns++ }, undefined);
    for (let count = 0; count < 1000; count++) void taking.spendFile();
    expect(turns).toBe(3);
  });
});
