import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectSocket, type OpsSnapshot, resolveSocket } from '@qts-ops/core/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundle } from '../build.ts';
import { type EmbeddedEngine, findDaemon, HELD_EXIT, startEngine } from '../src/embedded.ts';
import { noTerminal, Terminal } from './terminal.ts';

const daemon = findDaemon();
const bin = 'bin' in daemon ? daemon.bin : '';
const built = existsSync(path.join(path.dirname(bin), '../dist/main.js'));
const why = built ? '' : ' (the daemon package is not built: npm run build)';

const CONFIG = {
  instance: 'test-1',
  environment: 'LAB',
  targets: [{ id: 'beat', on: { every: '1s' }, run: { exec: ['true'] } }],
};

let folder = '';
const started: EmbeddedEngine[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'qts-emb-'));
});
afterEach(async () => {
  for (const engine of started.splice(0)) {
    engine.stop();
    engine.stop();
    await engine.ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

function start(): EmbeddedEngine {
  const engine = startEngine({ bin, stateFolder: path.join(folder, '.qts-ops'), cwd: folder });
  started.push(engine);
  return engine;
}

function writeConfig(config: unknown): void {
  writeFileSync(path.join(folder, 'qts-ops.config.json'), JSON.stringify(config));
}

async function snapshot(): Promise<OpsSnapshot> {
  await using client = connectSocket({
    socketPath: resolveSocket(path.join(folder, '.qts-ops')),
    operatorId: 'test',
  });
  for (let tries = 0; ; tries++) {
    try {
      return await client.snapshot();
    } catch (error) {
      if (tries === 1_800) throw error;
      await delay(50);
    }
  }
}

/** Runs the program without a terminal, as a monitor would. */
async function runPlain(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const main = path.join(import.meta.dirname, '../src/main.ts');
  const script = `import(${JSON.stringify(main)}).then((program) => program.main(${JSON.stringify(args)}))`;
  const { promise, resolve } = Promise.withResolvers<{ code: number; out: string; err: string }>();
  execFile(
    process.execPath,
    ['--conditions=@qts-ops/source', '-e', script],
    { cwd: folder },
    (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    },
  );
  return await promise;
}

describe('the program without a terminal', () => {
  it('says that nobody answers and exits with 3', async () => {
    const { code, out, err } = await runPlain('--state', folder);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toContain('EXT-0105');
  });

  it('refuses what it does not understand and names it', async () => {
    const { code, err } = await runPlain('--bogus');
    expect(code).toBe(3);
    expect(err).toContain('bogus');
  });

  it.runIf(platform() === 'linux')('says at once that a state folder cannot be made or written to', () => {
    writeFileSync(path.join(folder, 'file'), '');
    for (const stateFolder of ['/proc/qts-ops/state', '/dev/null/state', path.join(folder, 'file')]) {
      const opened = () => startEngine({ bin, stateFolder, cwd: folder });
      expect(opened).toThrow(`state folder ${stateFolder}: E`);
      expect(opened).toThrow('--state');
    }
  });

  it('prints its help', async () => {
    const { code, out } = await runPlain('--help');
    expect(code).toBe(0);
    for (const option of [
      '--state',
      '--socket',
      '--embedded',
      '--once',
      '--json',
      '--read-only',
      '--theme',
      '--unicode',
      '--refresh',
    ]) {
      expect(out).toContain(option);
    }
  });
});

describe.skipIf(!built)(`an embedded engine${why}`, () => {
  it('runs the targets of the nearest config and is seen by the plain snapshot', async () => {
    writeConfig(CONFIG);
    start();
    const { engine, targets } = await snapshot();
    expect(engine.instance).toBe('test-1');
    expect(targets.map(({ id }) => id)).toEqual(['beat']);
    const { code, out } = await runPlain('--json');
    expect(code).toBeLessThan(3);
    expect(JSON.parse(out)).toMatchObject({ engine: { instance: 'test-1' } });
  });

  it('leaves with a code of its own when another one holds the state folder', async () => {
    writeConfig(CONFIG);
    start();
    await snapshot();
    expect(await start().ended).toEqual({ exitCode: HELD_EXIT });
  });

  it('ends when the screen that started it is killed', async () => {
    writeConfig(CONFIG);
    const stateFolder = path.join(folder, '.qts-ops');
    const source = JSON.stringify(path.join(import.meta.dirname, '../src/embedded.ts'));
    const engineOf = JSON.stringify({ bin, stateFolder, cwd: folder });
    const script = `import(${source}).then((m) => m.startEngine(${engineOf})); setInterval(() => {}, 1000);`;
    const screen = spawn(process.execPath, ['--conditions=@qts-ops/source', '-e', script], {
      stdio: 'inherit',
    });
    await snapshot();
    screen.kill('SIGKILL');
    const log = () => readFileSync(path.join(stateFolder, 'embedded.log'), 'utf8');
    await expect.poll(log).toContain('"event":"engine.ended"');
  });

  it('that cannot start says why in its last lines', async () => {
    writeConfig({ targets: 7 });
    const engine = start();
    expect((await engine.ended).exitCode).toBe(2);
    expect(engine.lastLines()).toContain('targets');
  });
});

describe.skipIf(!built || noTerminal !== undefined)(`--embedded${why}`, () => {
  it('starts an engine, shows it, and stops it on leaving after saying so', async () => {
    writeConfig(CONFIG);
    await bundle({
      entry: path.join(import.meta.dirname, '../src/main.ts'),
      outdir: path.join(folder, 'program'),
      core: 'source',
    });
    const main = path.join(folder, 'program/main.js');
    const script = `import('${main}').then((program) => program.main(['--embedded']))`;
    const link = `ln -s ${path.join(import.meta.dirname, '../../../node_modules')} ${folder}/node_modules`;
    await using terminal = await Terminal.open({
      columns: 80,
      rows: 24,
      command: `cd ${folder} && ${link} && node -e "${script}"; echo "code $?"; sleep 600`,
    });
    await terminal.see((screen) => screen.includes('LIVE') && screen.includes('beat'));
    await terminal.key('q');
    const screen = await terminal.see('code 0');
    expect(screen).toContain('stopping the engine this screen started');
    expect(screen).toContain('stopped');
    expect(readFileSync(path.join(folder, '.qts-ops/embedded.log'), 'utf8')).toContain('engine.ended');
  });
});
