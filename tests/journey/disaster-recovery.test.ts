import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandsOf, digestsOf, installProgram, typeIntoShell, withValues } from './disaster-desk.ts';
import { demoFolder, startNode, startQtsOps, until } from './journey-programs.ts';
import { clientOf, processesOf, untilAnswers } from './running-engine.ts';
import { type TemporaryPlace, temporaryPlace } from './temporary-place.ts';

const PAGE = 'docs/runbook/disaster-recovery.md';
const reason = 'a journey from the backups to a desk';
const held = 'generated/raw/19991231*';

it('brings a desk back, byte for byte, from nothing but its backup folder, by the words of the page', async () => {
  using old = temporaryPlace();
  using fresh = temporaryPlace();
  const bin = installProgram(fresh.path);
  const lost = await runDeskUntilBackedUp(old, bin);
  const survivor = join(fresh.path, 'survivor');
  renameSync(join(old.path, 'backups'), survivor);
  rmSync(old.path, { recursive: true });

  opensWithOrdinaryTar(survivor, join(fresh.path, 'by-tar'), lost);

  const place = {
    DESK: demoFolder,
    STATE: fresh.path,
    DATA: join(fresh.path, 'desk'),
    SOURCE: 'desk',
    BACKUPS: survivor,
    BACKUP_TO: join(fresh.path, 'backups'),
  };
  const [exports = '', ...blocks] = commandsOf(PAGE);
  const env = { bin, DESK_HOME: fresh.path, QTS_OPS_STATE: fresh.path, DESK_PACE_MS: '0' };
  const type = async (commands: string) => {
    const whole = `${withValues(exports, place)}\n${commands}`;
    const end = await typeIntoShell(whole, { cwd: fresh.path, env });
    expect({ commands, ...end }).toMatchObject({ commands, code: 0 });
    return end.stdout;
  };
  await using _broker = startBroker(fresh.path);
  try {
    const [look = '', restore = '', putInPlace = '', goOn = '', start = '', see = '', safe = ''] = blocks;
    expect(blocks).toHaveLength(7);
    expect(await type(look)).toMatch(/verified[\s\S]*every file equal/);
    expect(await type(restore)).toMatch(/restored \d+ files/);
    await type(putInPlace);
    expect(digestsOf(place.DATA)).toEqual(lost.data);
    const database = readFileSync(join(fresh.path, 'by-tar/.qts-ops/qts-ops.db'));
    expect(readFileSync(join(fresh.path, 'qts-ops.db')).equals(database)).toBe(true);

    await type(goOn);
    await type(start);
    expect(await type(see)).toContain('BACKUP_RUN');
    expect(await type('cd "$DESK"\nqts-ops retention holds --state "$STATE"')).toContain(held);
    await using client = clientOf(fresh.path);
    const { count } = await client.executions({ jobId: 'pipeline', toMs: lost.atMs });
    expect(count).toBeGreaterThan(0);
    const stdout = await type(safe);
    expect(stdout).toMatch(/desk: completed, backup/);
    expect(stdout).toMatch(/desk: every file equal, \d+ files, .* in \d+\.\d\d s/);
  } finally {
    for (const pid of processesOf(fresh.path)) process.kill(pid, 'SIGTERM');
    await until('everything has ended', () => processesOf(fresh.path).length === 0);
  }
});

interface LostDesk {
  readonly data: ReadonlyMap<string, string>;
  readonly atMs: number;
}

/** A desk that ran, expired its oldest raw answers, was drilled, and was backed up a last time after it had ended. */
async function runDeskUntilBackedUp({ path }: TemporaryPlace, bin: string): Promise<LostDesk> {
  const env = { DESK_HOME: path, QTS_OPS_STATE: path, DESK_PACE_MS: '0' };
  await using _broker = startBroker(path);
  await using engine = startQtsOps(['run', '--state', path], { cwd: demoFolder, env });
  await untilAnswers(path, engine);
  {
    await using client = clientOf(path);
    const raw = join(path, 'desk/generated/raw');
    await until('old raw answers have come', () => existsSync(raw) && readdirSync(raw).length > 10);
    const log = join(path, 'logs/maintenance/cleanup.log');
    const gone = /deleted: generated\/raw\/\d{8}\.jsonl: .* old, kept 5m.*; in backup /;
    await until(
      'old raw answers go, with reasons',
      () => existsSync(log) && gone.test(readFileSync(log, 'utf8')),
    );
    expect(readdirSync(raw).length).toBeLessThanOrEqual(2);
    await client.trigger('backup', { reason });
    const made = await until('a backup is verified', async () =>
      (await client.backups()).backups.find(({ source, state }) => source === 'desk' && state === 'verified'),
    );
    expect(made.files).toBeGreaterThan(0);
    const drilled = await typeIntoShell('qts-ops drill', { cwd: demoFolder, env: { ...env, bin } });
    expect(drilled).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/every file equal, \d+ files.* in \d+\.\d\d s/),
    });
  }
  engine.child.kill('SIGTERM');
  expect(await engine.ended).toMatchObject({ code: 0 });
  const lastActs = [`retention hold '${held}'`, 'backup run'].map(
    (act) => `qts-ops ${act} --reason "${reason}"`,
  );
  const last = await typeIntoShell(lastActs.join('\n'), {
    cwd: demoFolder,
    env: { ...env, bin },
  });
  expect(last).toMatchObject({ code: 0 });
  return { data: digestsOf(join(path, 'desk')), atMs: Date.now() };
}

function opensWithOrdinaryTar(backups: string, to: string, { data }: LostDesk): void {
  const newest = readdirSync(backups)
    .filter((name) => /^desk-2.*\.tar\.gz$/.test(name))
    .sort()
    .at(-1);
  mkdirSync(to);
  execFileSync('tar', ['xzf', join(backups, newest ?? ''), '-C', to]);
  const ours = ['.qts-ops/qts-ops.db', '.qts-ops/holds.jsonl'];
  const files = digestsOf(to);
  expect(ours.filter((path) => !files.has(path))).toEqual([]);
  expect(new Map([...files].filter(([path]) => !ours.includes(path)))).toEqual(data);
}

function startBroker(home: string) {
  const args = [join(demoFolder, 'desk/broker.ts'), '--socket', join(home, 'broker.sock')];
  return startNode(args, { cwd: home, env: { DESK_HOME: home } });
}
