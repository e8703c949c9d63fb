import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cliInProcess, cliWith } from './cli-in-process.ts';
import { startEngine, temporaryFolder } from './cli-process.ts';

const reason = 'because the test says so';
const slow = { timeout: 240_000 };
let home: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  home = temporaryFolder();
  mkdirSync(join(home.path, 'data/raw'), { recursive: true });
  write('raw/old.jsonl', 20);
  write('raw/new.jsonl', 0);
  write('decision/one.jsonl', 400);
  writeConfig('{ id: "backup", on: "demand", run: { keep: "backup" } }');
});
afterEach(() => home[Symbol.dispose]());

describe('without an engine', () => {
  it('backs up, lists, shows, verifies, drills, explains, expires and restores', slow, async () => {
    expect(await here('backup', 'list')).toMatchObject({ exitCode: 0, out: 'no backups\n' });
    const made = await here('backup', 'run', '--json');
    expect(made.exitCode).toBe(0);
    const { backupId } = JSON.parse(made.out).sources[0];
    expect(await json('backup', 'list')).toMatchObject({
      backups: [{ id: backupId, state: 'verified', source: 'data', files: 3 }],
      problems: [],
    });
    expect((await here('backup', 'show', 'latest', '--files')).out).toMatch(/[0-9a-f]{64} +\d+ {2}raw\/old/);
    expect((await here('backup', 'verify', backupId)).out).toContain('verified, every file equal: 3 files');
    expect((await here('drill')).out).toMatch(/^data: every file equal, 3 files, .*, read in \d+\.\d\d s/);
    expect((await here('drill', '--full')).out).toMatch(/every file equal, 3 files, .*, restored in/);
    expect((await here('retention', 'explain', 'data/raw/old.jsonl')).out).toMatch(
      /may go, once a verified backup holds it: 20d.* old, kept 7d/,
    );
    expect((await here('retention', 'explain', 'decision/one.jsonl')).out).toContain('stays: kept forever');
    expect((await here('maintenance', 'plan')).out).toContain('delete  raw/old.jsonl');
    expect(readdirSync(join(home.path, 'data/raw'))).toHaveLength(2);
    expect(await here('maintenance', 'run', '--reason', reason)).toMatchObject({ exitCode: 0 });
    expect(readdirSync(join(home.path, 'data/raw'))).toEqual(['new.jsonl']);

    const restored = await here('restore', backupId, '--to', 'restored');
    expect(restored).toMatchObject({ exitCode: 0, out: expect.stringContaining('restored 3 files') });
    expect(read('restored/raw/old.jsonl')).toBe('{"of":"raw/old.jsonl"}\n');
    const inPlace = await here(
      'restore',
      backupId,
      '--in-place',
      '--yes',
      '--only',
      'none/**',
      '--only',
      'raw/**',
    );
    expect(inPlace.out).toContain('the restored files are held');
    expect(await here('maintenance', 'run', '--reason', reason)).toMatchObject({ exitCode: 0 });
    expect(readdirSync(join(home.path, 'data/raw')).sort()).toEqual(['new.jsonl', 'old.jsonl']);
  });

  it('restores from a backup folder alone, without config, state or engine', slow, async () => {
    await here('backup', 'run');
    for (const name of ['data', '.qts-ops', 'qts-ops.config.ts'])
      rmSync(join(home.path, name), { recursive: true });
    const { exitCode, out } = await here('restore', '--from', 'backups', '--to', 'again');
    expect({ exitCode, out }).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('restored 3 files'),
    });
    expect(read('again/decision/one.jsonl')).toBe('{"of":"decision/one.jsonl"}\n');
    expect(readdirSync(home.path).sort()).toEqual(['again', 'backups']);
  });

  it('holds files of a source until they are released, with who and why', slow, async () => {
    expect(await here('retention', 'holds')).toMatchObject({ exitCode: 0, out: 'no holds\n' });
    const options = ['--for', '1d', '--for', '90d', '--reason', reason];
    const held = await here('retention', 'hold', 'raw/old*', 'raw/older*', ...options);
    const [, id = ''] =
      /^hold (\w+): raw\/old\* raw\/older\* stay\n {2}raw\/old\*: 1 files.*\n.*: no file of.*\n {2}not in \S+backups yet/.exec(
        held.out,
      ) ?? [];
    const [{ atMs, untilMs, ...hold }] = (await json('retention', 'holds')).holds;
    expect(hold).toMatchObject({ id, globs: ['raw/old*', 'raw/older*'] });
    expect(untilMs - atMs).toBeGreaterThan(89 * 86_400_000);
    expect((await here('retention', 'holds')).out).toMatch(
      new RegExp(`^${id}  legal, until 20.*: raw/old\\* raw/older\\*\n  tester: ${reason}\n$`),
    );
    expect((await here('retention', 'explain', 'data/raw/old.jsonl')).out).toContain(
      `held: ${reason} (tester, hold ${id})`,
    );
    expect(await here('maintenance', 'run', '--reason', reason)).toMatchObject({ exitCode: 0 });
    expect(readdirSync(join(home.path, 'data/raw')).sort()).toEqual(['new.jsonl', 'old.jsonl']);
    for (const [args, message] of [
      [['hold', 'raw/*'], /reason/],
      [['hold', '[', '--reason', reason], /\[/],
      [['hold', 'raw/*', '', '--reason', reason], /<globs>: is empty/],
      [['release', 'nobody', '--reason', reason], /INP-0823/],
      [['release', id], /reason/],
    ] as const) {
      const { exitCode, err } = await here('retention', ...args);
      expect({ args, exitCode, err }).toEqual({ args, exitCode: 2, err: expect.stringMatching(message) });
    }
    expect(await here('retention', 'release', id, '--reason', reason)).toMatchObject({ exitCode: 0 });
    expect(await json('retention', 'holds')).toEqual({ holds: [] });
    const lines = read('.qts-ops/maintenance/holds.jsonl').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).act)).toEqual(['hold', 'release']);
    expect(await here('maintenance', 'run', '--reason', reason)).toMatchObject({ exitCode: 0 });
    expect(readdirSync(join(home.path, 'data/raw'))).toEqual(['new.jsonl']);
  });

  it('refuses what cannot be meant, with the exit code of bad input', slow, async () => {
    await here('backup', 'run');
    const refusals = [
      [['restore'], /give either --to <folder> or --in-place/],
      [['restore', '--in-place'], /agree with --yes/],
      [['restore', 'no-such-id', '--to', 'x'], /backup no-such-id is not in/],
      [['restore', '--from', 'none', '--to', 'x'], /^INP-0804: .*there is no \S+none; .*\nremedy: /],
      [['restore', 'latest', '--source', 'else', '--to', 'x'], /^INP-0842: .*\nremedy: .*--source/],
      [['backup', 'list', '--from', 'none'], /^INP-0804: .*there is no \S+none; /],
      [['maintenance', 'run', '--reason', 'short', '--source', 'data'], /INP-0302|at least 10/],
      [['backup', 'run', '--source', 'else'], /allowed: data/],
      [['maintenance', 'plan', '--source', 'else'], /source: else; allowed: data/],
      [['backup', 'list', '--source', 'else'], /source: else; allowed: data/],
      [['retention', 'explain', '/etc/passwd'], /INP-0808/],
      [['backup', 'hold', 'latest', '--for', 'soon', '--reason', reason], /--for: soon/],
    ] as const;
    for (const [args, message] of refusals) {
      const { exitCode, err } = await here(...args);
      expect({ args, exitCode, err }).toEqual({ args, exitCode: 2, err: expect.stringMatching(message) });
    }
  });

  it('waits for another run that holds the backups, and says for whom', slow, async () => {
    await here('backup', 'run');
    const other = new DatabaseSync(join(home.path, 'backups/.qts-ops-backup.lock'));
    other.exec('BEGIN EXCLUSIVE');
    const refused = await here('backup', 'verify', 'latest', '--lock-wait', '0s');
    expect(refused).toMatchObject({ exitCode: 5, err: expect.stringContaining('SYS-0126') });
    const said = Promise.withResolvers<string>();
    const err = (text: string) => text.startsWith('waiting') && said.resolve(text);
    const verified = cliWith({ err }, home.path, 'backup', 'verify', 'latest');
    expect(await said.promise).toMatch(/^waiting for its end: lock .* is held by another run: /);
    other.close();
    expect(await verified).toMatchObject({ exitCode: 0, out: expect.stringContaining('every file equal') });
    const wrong = await here('drill', '--lock-wait', 'soon');
    expect(wrong).toMatchObject({ exitCode: 2, err: expect.stringContaining('--lock-wait: soon; allowed') });
  });

  it('fails when a backup is not what it was', slow, async () => {
    const { sources } = JSON.parse((await here('backup', 'run', '--json')).out);
    const name = readdirSync(join(home.path, 'backups')).find((one) => one.endsWith('.tar.gz')) ?? '';
    const archive = readFileSync(join(home.path, 'backups', name));
    archive[40] = (archive[40] ?? 0) ^ 1;
    writeFileSync(join(home.path, 'backups', name), archive);
    const verified = await here('backup', 'verify', sources[0].backupId);
    expect(verified).toMatchObject({ exitCode: 1, err: expect.stringContaining('SYS-0104') });
    const { exitCode, out } = await here('backup', 'list');
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringMatching(/broken +2/) });
    expect(await here('drill')).toMatchObject({ exitCode: 1, err: expect.stringContaining('SYS-0186') });
  });
});

describe('with an engine', () => {
  it('has the engine do what it has a target for, and audits everything', slow, async () => {
    await using engine = await startEngine(home.path);
    expect(engine.pid).toBeGreaterThan(0);
    const ran = await here('backup', 'run', '--reason', reason);
    expect(ran).toMatchObject({ exitCode: 0, out: expect.stringMatching(/backup: execution .* SUCCESS/) });
    const refused = await here('drill');
    expect(refused).toMatchObject({ exitCode: 2, err: expect.stringMatching(/INP-0807[\s\S]*--here/) });
    expect(await here('drill', '--here')).toMatchObject({ exitCode: 0 });
    expect(await here('restore', '--to', 'restored', '--reason', reason)).toMatchObject({ exitCode: 0 });
    expect(readdirSync(join(home.path, 'restored/.qts-ops'))).toEqual(['qts-ops.db']);
    expect(await here('backup', 'hold', 'latest', '--reason', reason)).toMatchObject({ exitCode: 0 });
    const { items } = await json('audit');
    const acts = (items as { auditType: string }[]).map(({ auditType }) => auditType);
    expect(acts).toEqual(['BACKUP_HOLD', 'BACKUP_RESTORE', 'BACKUP_RUN', 'BATCH_START']);
  });

  it('writes into the store of an engine that has ended', slow, async () => {
    {
      await using engine = await startEngine(home.path);
      engine.kill('SIGTERM');
      await engine.ended;
    }
    expect(await here('backup', 'run', '--reason', reason)).toMatchObject({ exitCode: 0, err: '' });
    await using engine = await startEngine(home.path);
    expect(engine.pid).toBeGreaterThan(0);
    const { items } = await json('audit');
    expect(items).toMatchObject([{ auditType: 'BACKUP_RUN', operatorId: 'tester', reason }]);
  });
});

function here(...args: readonly string[]) {
  return cliInProcess(home.path, ...args);
}

async function json(...args: readonly string[]) {
  return JSON.parse((await here(...args, '--json')).out);
}

function read(path: string): string {
  return readFileSync(join(home.path, path), 'utf8');
}

function write(path: string, ageDays: number): void {
  const file = join(home.path, 'data', path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `{"of":"${path}"}\n`);
  const at = Date.now() / 1000 - ageDays * 86_400;
  utimesSync(file, at, at);
}

function writeConfig(...targets: readonly string[]): void {
  const config = `export default {
    instance: 'desk-1',
    targets: [${targets.join(', ')}],
    backup: { to: './backups', sources: ['./data'], drillRoot: './drill' },
    retention: [
      { match: 'raw/**', keepDays: 7, quiet: 0 },
      { match: 'decision/**', keep: 'forever' },
    ],
  };`;
  writeFileSync(join(home.path, 'qts-ops.config.ts'), config);
}
