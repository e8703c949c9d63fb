import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { newStateFolder, until } from './fixtures/recorded-start.mjs';
import { readLoopBlock, startLoopWatchdog } from './loop-watchdog.ts';
import { LoopMemory, SUSPECTS_MAX } from './loop-watchdog-memory.ts';

const harness = fileURLToPath(new URL('./fixtures/blocked-loop.mjs', import.meta.url));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

function blockedLoop(stateFolder: string, how: 'spin' | 'system' | 'free' | 'none') {
  const child = spawn(process.execPath, [harness, stateFolder, how]);
  started.push(child);
  const lines: string[] = [];
  child.stderr.on('data', (text) => lines.push(...String(text).trim().split('\n')));
  const moved = new Promise((resolve) => child.stdout.once('data', resolve));
  return { child, lines, moved };
}

/** The loop has stood still for long enough. */
function moveOn(stateFolder: string): void {
  writeFileSync(join(stateFolder, 'enough'), '');
}

describe.concurrent('the loop watchdog', () => {
  it('names the function that spins, in the log and in a file for others, and takes both back', async () => {
    const stateFolder = newStateFolder();
    const { child, lines, moved } = blockedLoop(stateFolder, 'spin');
    const block = await until(() => readLoopBlock(stateFolder));
    const suspects = [{ executionId: 'execution-1', targetId: 'spinning-target' }];
    expect(block).toMatchObject({ pid: child.pid, running: 1, suspects });
    expect(block.busyIn).toMatch(/^spinForAWhile \(file:.*blocked-loop\.mjs:15\)$/);
    moveOn(stateFolder);
    await moved;
    await until(() => lines.length === 2);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', event: 'loop.blocked', suspects });
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ event: 'loop.moved', pid: child.pid });
    await until(() => readLoopBlock(stateFolder) === undefined);
  });

  it('reports a loop that waits in a call of the system, and it goes on unharmed', async () => {
    const stateFolder = newStateFolder();
    const { lines, moved } = blockedLoop(stateFolder, 'system');
    await until(() => lines.length === 1);
    moveOn(stateFolder);
    await moved;
    await until(() => lines.length === 2);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      event: 'loop.blocked',
      suspects: [{ executionId: 'execution-1' }],
    });
  });

  it('does not blame the loop when the whole process was held', async () => {
    const stateFolder = newStateFolder();
    const { child, lines, moved } = blockedLoop(stateFolder, 'free');
    await moved;
    child.kill('SIGSTOP');
    const heldMs = performance.now();
    await until(() => performance.now() - heldMs > 700);
    child.kill('SIGCONT');
    const goesOnMs = performance.now();
    await until(() => performance.now() - goesOnMs > 500);
    expect(lines).toEqual([]);
  });

  it('does not keep its process alive, and removes what a killed engine left', async () => {
    const stateFolder = newStateFolder();
    writeFileSync(join(stateFolder, 'loop-blocked.json'), '{"pid":1}');
    const { child } = blockedLoop(stateFolder, 'none');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(existsSync(join(stateFolder, 'loop-blocked.json'))).toBe(false);
  });

  it('writes to the given log file and ends when it is closed', async () => {
    const stateFolder = newStateFolder();
    const logPath = join(stateFolder, 'engine.log');
    const watchdog = startLoopWatchdog({ stateFolder, logPath, blockedAfterMs: 100 });
    await watchdog.close();
    expect(existsSync(logPath)).toBe(false);
    expect(() => startLoopWatchdog({ stateFolder, blockedAfterMs: 99 })).toThrow('blockedAfterMs: 99');
  });
});

describe('the memory both threads share', () => {
  it('names as many functions as it has room for, counts the rest, and frees the room', () => {
    const writer = new LoopMemory();
    const reader = new LoopMemory(writer.buffer);
    for (let index = 0; index < SUSPECTS_MAX + 3; index += 1) writer.enter(`execution-${index}`, '대상');
    expect(reader.suspects()).toHaveLength(SUSPECTS_MAX);
    expect(reader.running).toBe(SUSPECTS_MAX + 3);
    for (let index = 0; index < SUSPECTS_MAX + 3; index += 1) writer.leave(`execution-${index}`);
    writer.enter('last', 'x'.repeat(1000));
    expect(reader.running).toBe(1);
    expect(reader.suspects()).toEqual([{ executionId: 'last', targetId: 'x'.repeat(187) }]);
  });
});
