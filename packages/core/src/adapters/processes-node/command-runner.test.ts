import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CommandWork } from '../../ports/target.ts';
import { OutputCapture } from '../../run/executions/output-capture.ts';
import { commandRunner } from './command-runner.ts';
import { lives, newStateFolder, processesOf, recordedStart, until } from './fixtures/recorded-start.mjs';

const stateFolder = newStateFolder();
const runner = commandRunner({ stateFolder, folder: stateFolder });
const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

function shell(script: string, changes: Partial<CommandWork> = {}): CommandWork {
  return { kind: 'command', command: 'sh', args: ['-c', script], env: {}, exitCodes: {}, ...changes };
}

function program(command: string, ...args: string[]): CommandWork {
  return { kind: 'command', command, args, env: {}, exitCodes: {} };
}

describe('a command that ends by itself', () => {
  it('succeeds with code 0 and hands over both its streams', async () => {
    const start = recordedStart();
    const outcome = await runner.start(shell('echo 한국어; echo error >&2'), start).settled;
    expect(outcome).toMatchObject({ kind: 'exited', exitCode: 0, success: true });
    expect(start.output).toContain('한국어\n');
    expect(start.output).toContain('error\n');
  });

  it('is told who it is, and inherited words of another engine do not reach it', async () => {
    const environment = { PATH: process.env['PATH'], QTS_SLOT: 'of another', QTS_EXECUTION_ID: 'of another' };
    const nested = commandRunner({ stateFolder, folder: stateFolder, environment });
    const start = recordedStart({ params: { day: '2026-11-20' } });
    await nested.start(shell('env', { env: { ADDED: 'yes' } }), start).settled;
    expect(start.output.split('\n')).toEqual(
      expect.arrayContaining([
        `QTS_EXECUTION_ID=${start.executionId}`,
        'QTS_TARGET_ID=target-1',
        'QTS_FENCE=7',
        `QTS_OPS_STATE=${stateFolder}`,
        'QTS_PARAMS={"day":"2026-11-20"}',
        'QTS_PROGRESS_FD=3',
        'ADDED=yes',
      ]),
    );
    expect(start.output).not.toContain('QTS_SLOT');
  });

  it('is told its slot as an instant in UTC', async () => {
    const start = recordedStart({ slotMs: Date.UTC(2026, 10, 20, 8) });
    await runner.start(shell('echo $QTS_SLOT'), start).settled;
    expect(start.output).toBe('2026-11-20T08:00:00.000Z\n');
  });

  it.each([
    [0, {}, true],
    [0, { '0': 'failure' as const }, true],
    [3, {}, false],
    [3, { '3': 'success' as const }, true],
    [4, { '3': 'success' as const }, false],
    [5, { '5': 'failure' as const }, false],
  ])('exit code %i with the map %j is success: %s', async (exitCode, exitCodes, success) => {
    const outcome = await runner.start(shell(`exit ${exitCode}`, { exitCodes }), recordedStart()).settled;
    expect(outcome).toMatchObject({ kind: 'exited', exitCode, success });
  });

  it('that is ended by a signal says which', async () => {
    const outcome = await runner.start(shell('kill -SEGV $$'), recordedStart()).settled;
    expect(outcome).toMatchObject({ kind: 'signalled', signal: 'SIGSEGV' });
  });

  it('reports progress on its descriptor, and what is no progress is ignored', async () => {
    const start = recordedStart();
    const script = `printf 'no json\\n{"done":-1}\\n[]\\n{"done":3,"total":9,"unit":"files","extra":1}\\n{"done":"x"}\\n' >&3`;
    await runner.start(shell(script), start).settled;
    expect(start.progress).toEqual([{ done: 3, total: 9, unit: 'files' }]);
  });

  it('cannot fill the memory with a line of progress that never ends', async () => {
    const start = recordedStart();
    const script = `head -c 300000 /dev/zero | tr '\\0' x >&3; printf '\\n{"done":1}\\n' >&3`;
    await runner.start(shell(script), start).settled;
    expect(start.progress).toEqual([{ done: 1 }]);
  });

  it('names its group as soon as it runs', async () => {
    const start = recordedStart();
    const handle = runner.start(shell('sleep 60'), start);
    expect(start.groups).toHaveLength(1);
    expect(start.groups[0]).toEqual({ pgid: expect.any(Number), startTick: expect.any(Number) });
    handle.kill();
    expect(await handle.settled).toMatchObject({ kind: 'signalled', signal: 'SIGKILL' });
  });
});

describe('a command that cannot be started', () => {
  it.each([
    [
      'BAT-0401',
      program('no-such-program-anywhere'),
      /"no-such-program-anywhere" was not found; looked in PATH .*absolute path/,
    ],
    ['BAT-0401', program('/no/such/program'), /not found at \/no\/such\/program/],
    [
      'BAT-0402',
      { ...program('true'), cwd: '/no/such/folder' },
      /cwd: "\/no\/such\/folder" does not exist; allowed/,
    ],
    ['BAT-0402', { ...program('true'), cwd: '/etc/passwd' }, /is not a folder/],
    ['BAT-0404', program('/etc/passwd'), /may not be run \(EACCES\).*chmod/],
    ['BAT-0405', program('true', 'x'.repeat(200_000)), /args\[0\]: 200001 bytes; allowed: 131072/],
    ['INP-0401', program('true', 'a\0b'), /args\[0\]: holds a NUL/],
    ['INP-0401', { ...program('true'), env: { KEY: 'geheim\0' } }, /env\.KEY: holds a NUL/],
    ['INP-0401', program(''), /command: empty/],
  ] as const)('settles as not started with %s', async (code, work, message) => {
    const start = recordedStart();
    const handle = runner.start(work, start);
    handle.requestStop(new Error('too late'));
    expect(handle.kill()).toBe(true);
    const outcome = await handle.settled;
    expect(outcome).toMatchObject({ kind: 'not-started', code, message: expect.stringMatching(message) });
    expect(JSON.stringify(outcome)).not.toContain('geheim');
    expect(start.groups).toEqual([]);
  });

  it('says that the interpreter of a script is missing', async () => {
    const script = join(stateFolder, 'script.sh');
    writeFileSync(script, '#!/no/such/interpreter\n');
    chmodSync(script, 0o755);
    const outcome = await runner.start(program(script), recordedStart()).settled;
    expect(outcome).toMatchObject({ code: 'BAT-0401', message: expect.stringContaining('interpreter') });
  });
});

describe('a command that is stopped', () => {
  it('gets SIGTERM, with everything in its group', async () => {
    const start = recordedStart();
    const handle = runner.start(shell('trap "echo ended; exit 9" TERM; sleep 60 & echo ready; wait'), start);
    await until(() => start.output.includes('ready'));
    handle.requestStop(new Error('operator'));
    expect(await handle.settled).toMatchObject({ kind: 'exited', exitCode: 9, success: false });
    expect(start.output).toContain('ended');
    expect(processesOf(start.executionId)).toEqual([]);
  });

  it('is gone after kill, with a tree of children that ignore SIGTERM', async () => {
    const start = recordedStart();
    const handle = runner.start(program(process.execPath, fixture('stubborn-tree.mjs'), '2'), start);
    await until(() => start.output.includes('ready'));
    handle.requestStop(new Error('operator'));
    expect(processesOf(start.executionId)).toHaveLength(3);
    expect(handle.kill()).toBe(true);
    expect(await handle.settled).toMatchObject({ kind: 'signalled', signal: 'SIGKILL' });
    expect(processesOf(start.executionId)).toEqual([]);
  });

  it('may be killed again after its end without harm', async () => {
    const handle = runner.start(shell('true'), recordedStart());
    const outcome = await handle.settled;
    handle.kill();
    handle.requestStop(new Error('late'));
    expect(await handle.settled).toBe(outcome);
  });
});

describe('nothing that a command started survives it', () => {
  it('ends what stayed in the group although the leader exited', async () => {
    const start = recordedStart();
    const outcome = await runner.start(shell('sleep 60 & echo left'), start).settled;
    expect(outcome).toMatchObject({ kind: 'exited', success: true, detail: { leftoversEnded: 1 } });
    expect(processesOf(start.executionId)).toEqual([]);
  });

  it('ends a background job that has a group of its own and no environment', async () => {
    const start = recordedStart();
    const script = 'set -m; env -i sleep 60 & echo $!';
    await runner.start(program('bash', '-c', script), start).settled;
    expect(lives(Number(start.output))).toBe(false);
  });

  it('ends one that left group and session and ignores SIGTERM, at once on kill', async () => {
    const start = recordedStart();
    const script = `setsid ${process.execPath} ${fixture('stubborn-tree.mjs')} 0 & wait`;
    const handle = runner.start(shell(script), start);
    await until(() => start.output.includes('ready'));
    handle.kill();
    const outcome = await handle.settled;
    expect(outcome).toMatchObject({ kind: 'signalled', detail: { leftoversEnded: 1 } });
    expect(processesOf(start.executionId)).toEqual([]);
  });

  it('gives leftovers a moment to end by themselves, then kills them', async () => {
    const start = recordedStart();
    const script = `${process.execPath} ${fixture('stubborn-tree.mjs')} 0 & read line < ./fifo`;
    const handle = runner.start(shell(`mkfifo ./fifo; ${script}`), start);
    await until(() => start.output.includes('ready'));
    writeFileSync(join(stateFolder, 'fifo'), 'go\n');
    expect(await handle.settled).toMatchObject({ kind: 'exited', detail: { leftoversEnded: 1 } });
    expect(processesOf(start.executionId)).toEqual([]);
  });

  it('does not wait for a pipe that a process outside the run holds open', async () => {
    const start = recordedStart();
    // It left the session and forgot whose it is: nothing connects it with the run but the pipe.
    const stranded = `env -i setsid sh -c 'echo $$; exec sleep 30' & read line < ./gate`;
    const handle = runner.start(shell(`mkfifo ./gate; ${stranded}`), start);
    await until(() => start.output.includes('\n'));
    writeFileSync(join(stateFolder, 'gate'), 'go\n');
    expect(await handle.settled).toMatchObject({ kind: 'exited', success: true });
    const stranger = Number(start.output);
    expect(lives(stranger)).toBe(true);
    process.kill(stranger, 'SIGKILL');
  });
});

describe('a command that floods its output', () => {
  it('is held back by the pipe, and what is kept stays within its bound', async () => {
    const capture = new OutputCapture({ maxBytes: 64 * 1024 });
    let received = 0;
    const start = recordedStart({
      onOutput: (chunk) => {
        received += chunk.length;
        capture.append(chunk);
      },
    });
    const handle = runner.start(program('yes', 'flood '.repeat(20)), start);
    const startedMs = performance.now();
    let turns = 0;
    // The loop goes on turning all the while, and the output comes.
    await until(() => {
      turns += 1;
      return performance.now() - startedMs >= 2000 && turns > 20 && received > 1024 * 1024;
    });
    handle.kill();
    const elapsedMs = performance.now() - startedMs;
    await handle.settled;
    // One window more than the time allows, and what was in the pipe at the end.
    expect(received).toBeLessThan((elapsedMs / 1000 + 0.3) * 8 * 1024 * 1024);
    expect(Buffer.byteLength(capture.finish().text)).toBeLessThanOrEqual(64 * 1024);
  });

  it('loses nothing of a burst of 10 MB', async () => {
    const capture = new OutputCapture();
    const start = recordedStart({ onOutput: (chunk) => capture.append(chunk) });
    const outcome = await runner.start(
      shell('head -c 10000000 /dev/zero | tr "\\0" x; echo; echo last line'),
      start,
    ).settled;
    expect(outcome).toMatchObject({ success: true, detail: { outputBytes: 10_000_011 } });
    const { text, totalBytes, truncated } = capture.finish();
    expect({ totalBytes, truncated }).toEqual({ totalBytes: 10_000_011, truncated: true });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
    expect(text.endsWith('\nlast line\n')).toBe(true);
  });
});
