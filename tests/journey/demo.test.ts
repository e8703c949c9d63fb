import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoFolder, SOURCES, startNode, until } from './journey-programs.ts';
import { processesOf, snapshotOf } from './running-engine.ts';
import { bundleScreen } from './screen-bundle.ts';
import { type TemporaryPlace, temporaryPlace } from './temporary-place.ts';
import { hasTerminal, Terminal } from './terminal.ts';

const start = join(demoFolder, 'start.ts');
const TARGETS = [
  'pipeline',
  'broker_heartbeat',
  'dashboard_update',
  'decision_statistics',
  'market_close_report',
  'row_report',
  'backup',
  'backup_maintenance',
  'restore_drill',
];

let bundleFolder: TemporaryPlace;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  bundleFolder = temporaryPlace();
  env = { DESK_SCREEN: await bundleScreen(bundleFolder.path), DESK_PACE_MS: '0' };
});

afterAll(() => bundleFolder[Symbol.dispose]());

describe.concurrent('without a terminal', () => {
  it('shows the first outcomes as text, stops what it started and says so', async () => {
    using folder = temporaryPlace();
    const end = await startDemo(folder.path).ended;
    expect(end.stderr).toMatch(/stopping what was started here: engine \(pid \d+\), broker \(pid \d+\)/);
    expect(end.stderr).toContain('demo: stopped\n');
    for (const target of TARGETS) expect(end.stdout).toContain(target);
    expect(end.stdout).toMatch(successOf('pipeline'));
    expect(end, end.stdout).toMatchObject(endAsShown(end.stdout));
    expect(processesOf(folder.path)).toEqual([]);
  });

  it('only watches the desk’s own loop when that is asked for', async () => {
    using folder = temporaryPlace();
    const end = await startDemo(folder.path, '--loop').ended;
    expect(end.stderr).toMatch(/started the desk's own loop \(pid \d+\); the engine only watches it/);
    expect(end.stdout).toMatch(successOf('eteda_loop'));
    expect(end.stdout).not.toMatch(/\bpipeline\b/);
    expect(end, end.stdout).toMatchObject(endAsShown(end.stdout));
    expect(processesOf(folder.path)).toEqual([]);
  });

  it('names what cannot be followed or used, and starts nothing', async () => {
    using folder = temporaryPlace();
    const [unknown, absent] = await Promise.all([
      startDemo(folder.path, '--lop').ended,
      startDemo(folder.path, '--bars', 'absent.csv').ended,
    ]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("Unknown option '--lop'") });
    expect(absent).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/absent\.csv cannot be used as a bar file/),
    });
  });
});

describe.skipIf(!hasTerminal)('in a terminal', { concurrent: true }, () => {
  it('opens the screen; a second start attaches to it and finds everything well; leaving the first stops everything', async () => {
    using folder = temporaryPlace();
    await using terminal = await openShell(folder.path);
    for (const target of TARGETS) await terminal.untilShows(target);

    const second = await startDemo(folder.path).ended;
    expect(second.stderr).toMatch(
      /an engine runs on .* already \(pid \d+\); leaving this screen leaves it running/,
    );
    expect(second.stdout).toContain('broker_heartbeat');
    // A moment may have a failure, on a machine that was busy for seconds; a desk that is never well has a fault.
    await until('every target is well', async () => (await startDemo(folder.path).ended).code === 0);
    expect(await snapshotOf(folder.path)).toMatchObject({ engine: { state: 'running' } });

    await terminal.type('q');
    const last = await terminal.untilShows(/the shell is back: \d+/);
    expect(last).toMatch(/stopping what was started here: engine[\s\S]*stopped[\s\S]*the shell is back: 0/);
    expect(processesOf(folder.path)).toEqual([]);
  });

  it('leaves nothing running when it is killed', async () => {
    using folder = temporaryPlace();
    await using terminal = await openDemo(folder.path);
    await terminal.untilShows('broker_heartbeat');
    expect(processesOf(folder.path).length).toBeGreaterThanOrEqual(3);
    process.kill(await terminal.pid(), 'SIGKILL');
    await until('everything has ended', () => processesOf(folder.path).length === 0);
  });

  it('leaves the desk’s own loop running when it is killed, and watches it at the next start', async () => {
    using folder = temporaryPlace();
    await using terminal = await openDemo(folder.path, '--loop');
    await terminal.untilShows(/OK +eteda_loop/);
    process.kill(await terminal.pid(), 'SIGKILL');
    const loop = await until('only the loop goes on', () => {
      const [first, ...more] = processesOf(folder.path);
      return more.length === 0 && first;
    });
    const next = await startDemo(folder.path).ended;
    expect(next.stderr).toContain(`works already and is left running`);
    expect(next.stderr).toContain(`{"pid":${loop},`);
    expect(next.stdout).toMatch(successOf('eteda_loop'));
    expect(processesOf(folder.path)).toEqual([loop]);
    process.kill(loop, 'SIGTERM');
    await until('the loop has ended', () => processesOf(folder.path).length === 0);
  });

  it('stops everything when the terminal is closed', async () => {
    using folder = temporaryPlace();
    await using terminal = await openDemo(folder.path);
    await terminal.untilShows('broker_heartbeat');
    await terminal.close();
    await until('everything has ended', () => processesOf(folder.path).length === 0);
  });
});

function startDemo(stateFolder: string, ...args: readonly string[]) {
  return startNode([SOURCES, start, '--state', stateFolder, ...args], { cwd: stateFolder, env });
}

function openDemo(stateFolder: string, ...args: readonly string[]): Promise<Terminal> {
  const command = [process.execPath, SOURCES, start, '--state', stateFolder, ...args];
  return Terminal.open({ folder: stateFolder, command, env });
}

/** As a person starts it: a shell waits for it, and says with which exit code it came back. */
function openShell(stateFolder: string): Promise<Terminal> {
  const program = [process.execPath, SOURCES, start, '--state', stateFolder];
  const command = ['sh', '-c', '"$0" "$@"; echo "the shell is back: $?"; exec sleep 600', ...program];
  return Terminal.open({ folder: stateFolder, command, env });
}

/** The exit code that the printed word of the whole promises: a moment's state, which the code must not contradict. */
function endAsShown(stdout: string): { readonly code: number } {
  const [, verdict = 'none'] = /^PAPER@paper-desk {2}\S+ {2}(\w+) {2}/.exec(stdout) ?? [];
  return { code: ['OK', 'WARN', 'FAIL'].indexOf(verdict) };
}

/** A row with at least one success and the time of the last one. Its next run may have begun already. */
function successOf(target: string): RegExp {
  return new RegExp(`(OK|RUN) +${target} .* \\.+ +\\d\\d:\\d\\d:\\d\\d `);
}
