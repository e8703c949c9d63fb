import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { ProcessGroup } from '../../ports/work-runner.ts';
import { lives, newStateFolder, processesOf, until } from './fixtures/recorded-start.mjs';
import { linuxProcesses, psProcesses } from './process-facts.ts';
import { nodeProcesses } from './process-table.ts';

const processes = nodeProcesses();
const engineFixture = fileURLToPath(new URL('./fixtures/engine.mjs', import.meta.url));
const treeFixture = fileURLToPath(new URL('./fixtures/stubborn-tree.mjs', import.meta.url));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

/** An engine that is killed in mid-run; its work lives on. */
async function deadEngine(stateFolder: string, ...command: string[]) {
  const executionId = randomUUID();
  const engine = spawn(process.execPath, [engineFixture, stateFolder, executionId, ...command]);
  started.push(engine);
  const [line] = await once(engine.stdout, 'data');
  const group: ProcessGroup = JSON.parse(String(line));
  engine.kill('SIGKILL');
  await once(engine, 'exit');
  return { executionId, group };
}

describe('identities', () => {
  it('say of this process that it lives', () => {
    const self = processes.self();
    expect(self.pid).toBe(process.pid);
    expect(self.bootId).toMatch(/^[0-9a-f-]{36}$/);
    expect(processes.isAlive(self)).toBe(true);
  });

  it('of another boot, host or start are dead, whoever has the pid now', () => {
    const self = processes.self();
    expect(processes.isAlive({ ...self, bootId: 'another' })).toBe(false);
    expect(processes.isAlive({ ...self, host: 'another' })).toBe(false);
    expect(processes.isAlive({ ...self, startTick: self.startTick - 1 })).toBe(false);
  });

  it('of a process that ended but was not collected are dead', async () => {
    // `sleep` took the place of the shell and never waits for its child, which so stays a zombie.
    const shell = spawn('sh', ['-c', 'exec 3<&0; (read line <&3) & echo $!; exec sleep 60']);
    started.push(shell);
    const pid = Number(String((await once(shell.stdout, 'data'))[0]));
    await until(() => readFileSync(`/proc/${shell.pid}/comm`, 'utf8') === 'sleep\n');
    shell.stdin.end('go\n');
    const zombie = await until(() =>
      linuxProcesses.read(pid)?.ended ? linuxProcesses.read(pid) : undefined,
    );
    const identity = { ...processes.self(), pid, startTick: zombie.startTick };
    expect(processes.isAlive(identity)).toBe(false);
    shell.kill('SIGKILL');
  });
});

describe('endLeftovers', () => {
  it('ends what a killed engine left, found by environment: a stubborn tree and one that left its session', async () => {
    const stateFolder = newStateFolder();
    const tree = `${process.execPath} ${treeFixture} 1`;
    const { executionId } = await deadEngine(stateFolder, 'sh', '-c', `setsid sleep 61 & ${tree} & wait`);
    await until(() => processesOf(executionId).length === 4);
    const ended = await processes.endLeftovers(stateFolder, []);
    expect(ended.map((one) => one.executionId)).toEqual(Array(4).fill(executionId));
    expect(processesOf(executionId)).toEqual([]);
  });

  it('ends a recorded group whose members hide their environment, while its leader lives', async () => {
    const stateFolder = newStateFolder();
    const { group } = await deadEngine(stateFolder, 'env', '-i', 'sleep', '62');
    await until(() => linuxProcesses.runMark(group.pgid) === undefined);
    expect(await processes.endLeftovers(stateFolder, [group])).toEqual([{ pid: group.pgid }]);
    expect(lives(group.pgid)).toBe(false);
  });

  it('never touches a process of another state folder, or one that has taken a recorded number', async () => {
    const [ours, theirs] = [newStateFolder(), newStateFolder()];
    const { group } = await deadEngine(theirs, 'sleep', '63');
    const reused = { pgid: group.pgid, startTick: (group.startTick ?? 0) - 1 };
    expect(await processes.endLeftovers(ours, [reused, { pgid: group.pgid }])).toEqual([]);
    expect(lives(group.pgid)).toBe(true);
    expect(await processes.endLeftovers(theirs, [])).toHaveLength(1);
  });

  it('spares this process and its ancestors, even when they are marked or recorded', async () => {
    const stateFolder = newStateFolder();
    const parent = linuxProcesses.read(process.ppid);
    const groups = parent === undefined ? [] : [{ pgid: parent.pid, startTick: parent.startTick }];
    const inside = `
      import { nodeProcesses } from ${JSON.stringify(new URL('./process-table.ts', import.meta.url).href)};
      const ended = await nodeProcesses().endLeftovers(${JSON.stringify(stateFolder)}, ${JSON.stringify(groups)});
      process.stdout.write(JSON.stringify(ended));`;
    const env = { ...process.env, QTS_EXECUTION_ID: randomUUID(), QTS_OPS_STATE: stateFolder };
    const node = [process.execPath, '--input-type=module', '-e', inside];
    const child = spawn('sh', ['-c', '"$@"; echo " alive"', 'sh', ...node], { env, detached: true });
    started.push(child);
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    await once(child, 'close');
    expect(output).toBe('[] alive\n');
  });
});

describe('facts from ps, for systems without /proc', () => {
  it('agree with those from /proc', async () => {
    const fromProc = linuxProcesses.read(process.pid);
    const fromPs = psProcesses.read(process.pid);
    expect(fromPs).toMatchObject({ pid: process.pid, parentPid: fromProc?.parentPid, pgid: fromProc?.pgid });
    expect(Math.abs((fromPs?.startTick ?? 0) - Date.now() / 1000 + process.uptime())).toBeLessThan(5);
    expect((await psProcesses.list()).some((one) => one.pid === process.pid)).toBe(true);
  });

  it('say nothing of a process that is not there', () => {
    expect(psProcesses.read(2 ** 22 + 1)).toBeUndefined();
    expect(linuxProcesses.read(2 ** 22 + 1)).toBeUndefined();
  });
});
