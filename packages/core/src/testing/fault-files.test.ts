import { describe, expect, it } from 'vitest';
import type { KeepFiles } from '../ports/keep-files.ts';
import { FaultFiles, faultAt, faultAtNth, ProcessDied } from './fault-files.ts';
import { MemoryFiles } from './memory-files.ts';

describe('files with faults', () => {
  it('count every call with its name and path', () => {
    const faults = new FaultFiles(world());
    copy(faults);
    expect(faults.calls.map(({ index, name, path }) => `${index} ${name} ${path}`)).toEqual([
      '1 openRead /data/a',
      '2 read /data/a',
      '3 createNew /data/b',
      '4 write /data/b',
      '5 sync /data/b',
      '6 close /data/b',
      '7 close /data/a',
      '8 syncFolder /data',
    ]);
  });

  it('let the process die at any call, and leave nothing that was not synced', () => {
    const calls = 8;
    const after = Array.from({ length: calls + 1 }, (_, index) => {
      const memory = world();
      const faults = new FaultFiles(memory, faultAt(index + 1, { kind: 'crash' }));
      try {
        copy(faults);
      } catch (error) {
        expect(error).toBeInstanceOf(ProcessDied);
      }
      expect(faults.dead).toBe(index < calls);
      memory.crash('lose');
      return memory.paths('/data').join();
    });
    expect(after).toEqual([...Array.from({ length: calls }, () => 'a'), 'a,b']);
  });

  it('let every later call of a dead process fail', () => {
    const faults = new FaultFiles(world(), faultAt(1, { kind: 'crash' }));
    expect(() => faults.openRead('/data/a')).toThrow(ProcessDied);
    expect(() => faults.unlink('/data/a')).toThrow(ProcessDied);
  });

  it('refuse with a code, and may have done the work all the same', () => {
    const memory = world();
    const isUnlink = ({ name }: { name: string }) => name === 'unlink';
    const refused = new FaultFiles(memory, faultAtNth(isUnlink, 1, { kind: 'error', code: 'EACCES' }));
    expect(() => refused.unlink('/data/a')).toThrow('EACCES: permission denied');
    expect(memory.exists('/data/a')).toBe(true);
    const applied = new FaultFiles(memory, faultAt(1, { kind: 'error', code: 'EIO', applied: true }));
    expect(() => applied.unlink('/data/a')).toThrow('EIO');
    expect(memory.exists('/data/a')).toBe(false);
  });

  it('read and write less than was asked, and give a wrong bit', () => {
    const buffer = Buffer.alloc(4);
    const short = new FaultFiles(world(), faultAt(2, { kind: 'short' }));
    expect(short.openRead('/data/a').read(buffer, 0, 4, 0)).toBe(2);
    const wrong = new FaultFiles(world(), faultAt(2, { kind: 'flip' }));
    wrong.openRead('/data/a').read(buffer, 0, 4, 0);
    expect(buffer.toString()).toBe('uext');
  });
});

function world(): MemoryFiles {
  const memory = new MemoryFiles({ now: () => Date.UTC(2026, 0, 2) });
  memory.put('/data/a', 'text');
  return memory;
}

/** Copies a file the safe way: content first, then its name. */
function copy(files: KeepFiles): void {
  const from = files.openRead('/data/a');
  const buffer = Buffer.alloc(4);
  from.read(buffer, 0, 4, 0);
  const to = files.createNew('/data/b', 0o600);
  to.write(buffer, 0, 4);
  to.sync();
  to.close();
  from.close();
  files.syncFolder('/data');
}
