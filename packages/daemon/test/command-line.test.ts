import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliInProcess } from './cli-in-process.ts';
import { type CliProcess, cli, startEngine, temporaryFolder } from './cli-process.ts';

const reason = 'because the test says so';
const home = temporaryFolder();
let engine: CliProcess;

beforeAll(async () => {
  const config = `export default {
    instance: 'desk-1',
    environment: 'PAPER',
    timeZone: 'Asia/Seoul',
    targets: [
      { id: 'good', title: '시세', on: 'demand', run: ({ params }) => { if (params.fail) throw new Error('broken on purpose'); } },
      { id: 'speaker', on: 'demand', run: { exec: ['sh', '-c', 'echo one; sleep 0.2; printf "\\\\033[31mtwo\\\\n"'] } },
      { id: 'patient', on: 'demand', stopGrace: '1s', run: { exec: ['sleep', '300'] } },
    ],
  };`;
  writeFileSync(join(home.path, 'qts-ops.config.ts'), config);
  engine = await startEngine(home.path);
});

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  home[Symbol.dispose]();
});

function here(...args: readonly string[]) {
  return cliInProcess(home.path, ...args);
}

async function json(...args: readonly string[]) {
  const { out, err, exitCode } = await here(...args, '--json');
  expect(err).toBe('');
  return { exitCode, value: JSON.parse(out) };
}

describe('reading commands', () => {
  it('status says OK and exits 0 while no target is unwell', async () => {
    const { exitCode, out, err } = await cli(home.path, 'status');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toMatch(/^OK {2}desk-1 PAPER {2}running since 20\d\d-.*\+09:00\n/);
    expect(out).toContain(`pid ${engine.pid}`);
    expect((await json('status')).value).toMatchObject({
      verdict: 'ok',
      unwell: [],
      engine: { instance: 'desk-1' },
    });
  });

  it('targets lists states in aligned columns without colours', async () => {
    const { exitCode, out } = await here('targets', '--all');
    expect(exitCode).toBe(0);
    expect(out).not.toContain('\u001b');
    expect(out).toMatch(/^STATE +TARGET +KIND +SCHEDULE +ERR +LAST +NEXT +MESSAGE\n/);
    expect(out).toMatch(/\nIDLE +patient +command +on demand +0\/3 /);
    expect(out).toContain('DAILY_SIMULATION');
    const { value } = await json('targets', '--all');
    expect(value.items).toHaveLength(3);
    expect(value.items[0]).toMatchObject({ word: 'IDLE', revision: expect.any(Number) });
    expect(value.inactive).toHaveLength(6);
  });

  it('executions lists, filters and shows one with its output made harmless', async () => {
    const { value: act } = await json('trigger', 'speaker', '--reason', reason, '--wait');
    expect(act).toMatchObject({ repeated: false, execution: { status: 'SUCCESS' } });
    const list = await json('executions', '--job', 'speaker', '--status', 'SUCCESS', '--limit', '1');
    expect(list.value).toMatchObject({ limit: 1, items: [{ id: act.executionId, jobId: 'speaker' }] });
    const { out } = await here('executions', act.executionId, '--log');
    expect(out).toMatch(/status {4}SUCCESS\n/);
    expect(out).toContain('output:\none\ntwo\n');
    const followed = await here('executions', act.executionId, '--follow');
    expect(followed).toMatchObject({ exitCode: 0, out: 'one\ntwo\n', err: `${act.executionId} SUCCESS\n` });
  });

  it('executions --follow prints while the run goes on', async () => {
    const { value: act } = await json('trigger', 'speaker', '--reason', reason);
    const followed = await here('executions', act.executionId, '--follow');
    expect(followed).toMatchObject({ exitCode: 0, out: 'one\ntwo\n' });
  });
});

describe('acting commands', () => {
  it('trigger --wait exits 1 when the run fails and names the code', async () => {
    const { exitCode, out } = await here(
      'trigger',
      'good',
      '--reason',
      reason,
      '--params',
      '{"fail":true}',
      '--wait',
    );
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^good: execution \S+ FAILED {2}BAT-0304 broken on purpose\n$/);
  });

  it('pause, resume and reset say what they did, and audit lists who and why', async () => {
    for (const act of ['pause', 'resume', 'reset']) {
      const { exitCode, out } = await here(act, 'good', '--reason', '정기 점검을 위해 잠시 조치합니다');
      expect({ act, exitCode }).toEqual({ act, exitCode: 0 });
      expect(out).toMatch(/^good: (paused|resumed|reset) \(revision \d+, audit \d+\)\n$/);
    }
    const { value } = await json('audit', '--target', 'good', '--limit', '3');
    const types = value.items.map((entry: { auditType: string }) => entry.auditType);
    expect(types).toEqual(['TARGET_RESET', 'TARGET_RESUME', 'TARGET_PAUSE']);
    expect((await here('audit', '--type', 'TARGET_PAUSE')).out).toContain('정기 점검을 위해 잠시 조치합니다');
  });

  it('stop takes the target whose run is meant', async () => {
    const { value: act } = await json('trigger', 'patient', '--reason', reason);
    expect((await here('stop', 'patient', '--reason', reason)).out).toContain(act.executionId);
    const ended = await here('executions', act.executionId, '--follow', '--json');
    expect(JSON.parse(ended.out)).toMatchObject({ status: 'STOPPED', stopReason: reason });
    const again = await here('stop', act.executionId, '--reason', reason);
    expect(again).toMatchObject({ exitCode: 1, err: expect.stringMatching(/^BAT-0102: /) });
  });
});

describe('bad input exits 2 with a code and a remedy', () => {
  it('as a process too, with nothing on standard output', async () => {
    const { exitCode, out, err } = await cli(home.path, 'pause', 'good', '--reason', 'too short');
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(/^INP-0302: .*\nremedy: /);
  });

  it.each([
    [['trigger', 'good'], 'INP-0313: Missing required argument: reason'],
    [['frobnicate'], 'INP-0313: Unknown argument: frobnicate'],
    [['statsu'], 'INP-0313: no such command; did you mean status?'],
    [['trigger', '--reason', reason], 'INP-0313: <target>: missing'],
    [['executions', '--limit'], 'INP-0313: --limit: has no value after it'],
    [['executions', '--limit', 'ten'], 'INP-0313: --limit: is no number'],
    [['targets', '--state', ''], 'INP-0313: --state: is empty; give it a value or leave it out'],
    [['stop', '', '--reason', reason], 'INP-0313: <execution>: is empty'],
    [['restore', '--to', ''], 'INP-0313: --to: is empty'],
    [['config', 'check', ''], 'INP-0313: <file>: is empty'],
    [['targets', '--al'], 'INP-0313: Unknown argument: al; allowed: --all, --state, --json'],
    [['config', 'check', '--config', 'a'], 'INP-0313: Unknown argument: config; allowed: [file], --json'],
    [['heartbeat', 'a', 'sh', '-c', 'x'], 'INP-0313: Unknown argument: c; write the program after --'],
    [['executions', '--status', 'DONE'], 'INP-0313: --status: "DONE"; allowed: "READY", "RUNNING"'],
    [['executions', '--follow'], 'INP-0313: --log and --follow'],
    [['executions', '--limit', '0'], 'INP-0301: '],
    [['trigger', 'good', '--reason', reason, '--params', '[1]'], 'INP-0313: --params: [1]'],
    [['trigger', 'nobody', '--reason', reason], 'INP-0306: '],
    [['pause', 'good', '--reason', 'too short'], 'INP-0302: '],
    [['stop', 'good', '--reason', reason], 'INP-0308: target good: has no running execution'],
    [['executions', 'no-such-id'], 'INP-0308: '],
    [['config', 'check', 'nowhere.ts'], 'INP-'],
  ])('%j', async (args, message) => {
    const { exitCode, out, err } = await here(...args);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err.startsWith(message)).toBe(true);
    expect(err).toMatch(/\nremedy: \S/);
  });
});

describe('a result that cannot be written', () => {
  const shell = (command: string) => {
    const main = join(import.meta.dirname, '../src/main.ts');
    const program = `'${process.execPath}' --conditions=@qts-ops/source '${main}'`;
    return spawnSync('bash', ['-c', `set -o pipefail; ${program} ${command}`], { encoding: 'utf8' });
  };

  it.runIf(existsSync('/dev/full'))('is a failure, also of a command that went well', () => {
    const { status, stderr } = shell('--version > /dev/full');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^SYS-0413: standard output: ENOSPC.*\nremedy: Make room/),
    });
  });

  it('is none when its reader has seen enough', () => {
    const { status, stderr } = shell("schedule explain '* * * * *' | true");
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('without an engine', () => {
  it('status exits 3 and every other command says EXT-0105 and exits 3', async () => {
    using folder = temporaryFolder();
    const state = join(folder.path, 'state');
    const status = await cli(folder.path, 'status', '--state', state);
    expect(status).toMatchObject({ exitCode: 3, out: `UNKNOWN  no answer from an engine on ${state}\n` });
    expect(status.err).toContain('remedy: Start the engine');
    const targets = await cliInProcess(folder.path, 'targets', '--state', state);
    expect(targets).toMatchObject({ exitCode: 3, out: '', err: expect.stringMatching(/^EXT-0105: /) });
    expect(existsSync(state)).toBe(false);
  });

  it('status exits 3, never 2, when the command line or the place is wrong', async () => {
    using folder = temporaryFolder();
    expect((await cliInProcess(folder.path, 'status')).exitCode).toBe(3);
    expect((await cliInProcess(folder.path, 'status', '--bogus')).exitCode).toBe(3);
  });

  it('init writes a configuration that config check accepts, once', async () => {
    using folder = temporaryFolder();
    const first = await cliInProcess(folder.path, 'init', '--format', 'yaml');
    expect(first).toMatchObject({ exitCode: 0, err: '' });
    expect(readFileSync(join(folder.path, '.gitignore'), 'utf8')).toContain('.qts-ops');
    const check = await cliInProcess(folder.path, 'config', 'check');
    expect(check).toMatchObject({ exitCode: 0, out: expect.stringContaining('no problems') });
    const again = await cliInProcess(folder.path, 'init');
    expect(again).toMatchObject({ exitCode: 2, err: expect.stringContaining('remedy: ') });
  });

  it('init ends with commands that work as they are, from any folder', async () => {
    using folder = temporaryFolder();
    const { out } = await cliInProcess(folder.path, 'init', "a desk's place");
    const commands = out.split('\n').flatMap((line) => /^(?:next|then): qts-ops (.*)$/.exec(line)?.[1] ?? []);
    expect(commands).toHaveLength(2);
    const file = join(folder.path, "a desk's place", 'qts-ops.config.ts');
    const words = spawnSync('sh', ['-c', `printf '%s\\n' ${commands.join(' ')}`], {
      encoding: 'utf8',
    }).stdout;
    expect(words.trim().split('\n')).toEqual(['config', 'check', file, 'run', '--config', file]);
  });

  it('config check warns of calendar data that end soon', async () => {
    using folder = temporaryFolder();
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const sessions = [-20, 20].map((days) => `${inDays(days)},09:00,15:00`);
    writeFileSync(join(folder.path, 'own.csv'), ['date,open,close', ...sessions].join('\n'));
    writeFileSync(
      join(folder.path, 'qts-ops.config.json'),
      '{"instance":"a","timeZone":"UTC","calendars":{"OWN":"own.csv"},"targets":[{"id":"a","on":{"at":"close","calendar":"OWN"},"run":{"exec":["date"]}}]}',
    );
    const { exitCode, out } = await cliInProcess(folder.path, 'config', 'check');
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      /warning INP-0703 at targets\[0\]\.on\.calendar: OWN: calendar data end .* in (19|20) days/,
    );
  });

  it('config check says what is kept and who is told', async () => {
    using folder = temporaryFolder();
    const config = {
      instance: 'a',
      targets: [{ id: 'a', on: 'demand', run: { keep: 'maintenance' } }],
      backup: { to: 'backups', sources: ['data'] },
      retention: [{ match: 'raw/**', keepDays: 7, source: 'data' }],
    };
    writeFileSync(join(folder.path, 'qts-ops.config.json'), JSON.stringify(config));
    const { exitCode, out } = await cliInProcess(folder.path, 'config', 'check');
    expect(exitCode).toBe(0);
    for (const line of [
      '(archive, gzip), no second copy',
      'raw/** of data: kept 7 d',
      'route default: to log',
    ]) {
      expect(out).toContain(line);
    }
  });

  it('config check names every problem at once', async () => {
    using folder = temporaryFolder();
    writeFileSync(
      join(folder.path, 'qts-ops.config.json'),
      '{"instance":"","targets":[{"id":"a b","on":{"every":"1x"}}]}',
    );
    const { exitCode, err } = await cliInProcess(folder.path, 'config', 'check');
    expect(exitCode).toBe(2);
    for (const place of ['instance', 'targets[0].id', 'targets[0].on']) expect(err).toContain(place);
  });
});
