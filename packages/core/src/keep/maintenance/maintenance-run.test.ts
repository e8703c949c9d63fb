import { describe, expect, it } from 'vitest';
import { FaultFiles, type FileCall } from '../../testing/fault-files.ts';
import { KeepWorld } from '../../testing/memory-files-keep.ts';
import { addHold } from '../retention/holds-file.ts';
import { keptText } from '../retention/kept-text.ts';
import { dataRetentionPolicy, fileRetentionPolicy } from '../retention/named-policies.ts';
import { compileRetention } from '../retention/retention-input.ts';
import type { MaintenanceReport } from './maintenance-report.ts';
import type { MaintenanceRequest, MaintenanceServices } from './maintenance-request.ts';
import { performMaintenance } from './maintenance-run.ts';

const DAY_MS = 86_400_000;
const LOG = '/state/logs/maintenance/cleanup.log';

describe('conditions of operational safety', () => {
  it.each(['expired-only', 'everything'] as const)(
    '1. a backup that fails deletes nothing (%s; acceptance 22)',
    async (backUp) => {
      const world = desk();
      world.files.setMode('/backups', 0o500);
      const report = await run(world, { backUp });
      expect(report).toMatchObject({ status: 'backup_failed', exitCode: 1 });
      expect(report.deletion).toMatchObject({ executed: false, deleted: [] });
      expect(report.alerts).toContainEqual(
        expect.objectContaining({ code: 'BAT-0520', severity: 'CRITICAL' }),
      );
      expect(keptOf(report)).toContain('raw/old.jsonl: the backup failed');
      expect(world.files.text(LOG)).toContain('[SKIP] backup_failed -> no deletion (backup-first)');
      expect(world.files.paths('/data')).toHaveLength(4);
    },
  );

  it('2. running again changes nothing (acceptance 24)', async () => {
    const world = desk();
    expect(await run(world)).toMatchObject({ status: 'completed', exitCode: 0 });
    const [data, backups] = [world.files.paths('/data'), world.files.paths('/backups')];
    await world.clock.advance(60_000);
    const again = await run(world);
    expect(again).toMatchObject({ status: 'nothing_to_do', exitCode: 0, deletion: { executed: false } });
    expect(again).not.toHaveProperty('backup');
    expect(world.files.paths('/data')).toEqual(data);
    expect(world.files.paths('/backups')).toEqual(backups);
  });

  it('3. the cleanup log has one fixed path, and every line its time and run (acceptance 26)', async () => {
    const world = desk();
    const { runId } = await run(world);
    const lines = world.files.text(LOG).trimEnd().split('\n');
    for (const line of lines)
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z run=[0-9a-f-]{36} /);
    expect(lines.map((line) => line.split(`run=${runId} `)[1])).toEqual([
      '[START] data=/data backups=/backups',
      '[OK] cleanup deleted=1 skipped=0',
      expect.stringMatching(
        /^ {2}- deleted: raw\/old\.jsonl: 10d00h old, kept 7d00h \(raw\); in backup 2026/,
      ),
    ]);
    const elsewhere = world.files.paths('/').filter((path) => !/^(data|backups|state)\//.test(path));
    expect(elsewhere).toEqual([]);
    expect(world.files.paths('/state').filter((path) => path.startsWith('logs/'))).toEqual([
      'logs/maintenance/cleanup.log',
    ]);
  });

  it('4. what looks after the data touches nothing of the system itself (acceptance 25)', async () => {
    const world = desk();
    const before = factsOf(world);
    await run(world);
    const after = factsOf(world);
    expect(after).toEqual(before.filter(([path]) => path !== 'raw/old.jsonl'));
  });
});

describe('a maintenance run', () => {
  it('finds what expired, archives it, deletes it, and leaves the fresh file (acceptance 18)', async () => {
    const world = desk();
    const report = await run(world);
    expect(report.deletion.deleted.map((file) => file.path)).toEqual(['raw/old.jsonl']);
    expect(report.backup).toMatchObject({
      recordCount: 1,
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(world.files.exists(`/backups/${report.backup?.archiveName ?? ''}`)).toBe(true);
    expect(world.files.paths('/data')).toEqual(['.hidden', 'decision/old.jsonl', 'raw/new.jsonl']);
    expect(report.retention).toMatchObject({
      scannedFiles: 4,
      expiredCandidates: 1,
      unmatched: { files: 1 },
    });
  });

  it('backs up everything first when asked, and deletes only what is in both (P1)', async () => {
    const world = desk();
    world.put('pattern/old.jsonl', 50);
    const report = await run(world, {
      backUp: 'everything',
      policy: fileRetentionPolicy({ ttlDays: 5 }),
      includeBackupGlobs: ['raw/**'],
    });
    expect(report.backup?.recordCount).toBe(2);
    expect(report.deletion.deleted.map((file) => file.path)).toEqual(['raw/old.jsonl']);
    expect(keptOf(report)).toEqual([
      '.hidden: not in the verified backup',
      'decision/old.jsonl: not in the verified backup',
      'pattern/old.jsonl: not in the verified backup',
    ]);
    expect(report.status).toBe('partial');
  });

  it('P3: deletes a hidden file only when it is inside the verified archive (acceptance 27)', async () => {
    const world = desk();
    const policy = fileRetentionPolicy({ ttlDays: 5, includeGlobs: ['.hidden'] });
    const globs = { backUp: 'everything', policy, includeBackupGlobs: ['raw/**'] } as const;
    expect((await run(world, globs)).deletion.deleted).toEqual([]);
    const report = await run(world, { policy });
    expect(report.deletion.deleted.map((file) => file.path)).toEqual(['.hidden']);
  });

  it.each([
    ['appended to', (world: KeepWorld) => world.files.append('/data/raw/old.jsonl', 'more')],
    [
      'rewritten with its old times',
      (world: KeepWorld) => {
        const ctimeMs = world.clock.now();
        world.files.put('/data/raw/old.jsonl', 'c'.repeat(25), { mtimeMs: ctimeMs - 10 * DAY_MS, ctimeMs });
      },
    ],
    [
      'exchanged for another file',
      (world: KeepWorld) => {
        world.files.unlink('/data/raw/old.jsonl');
        world.put('raw/old.jsonl', 10);
      },
    ],
    [
      'exchanged for a link',
      (world: KeepWorld) => {
        world.files.unlink('/data/raw/old.jsonl');
        world.files.symlink('/data/raw/new.jsonl', '/data/raw/old.jsonl');
      },
    ],
    ['given another name', (world: KeepWorld) => world.files.link('/data/raw/old.jsonl', '/data/raw/second')],
    [
      'moved away with its folder for a link',
      (world: KeepWorld) => {
        world.files.rename('/data/raw', '/data/moved');
        world.files.symlink('/data/moved', '/data/raw');
      },
    ],
  ] as const)('P2: keeps and reports a file that is %s after the backup (acceptance 28)', async (_, edit) => {
    const world = desk();
    world.put('raw/other.jsonl', 11);
    const report = await run(world, {}, afterBackup(world, edit));
    expect(report.deletion.kept.map((file) => file.path)).toContain('raw/old.jsonl');
    expect(report.status).toBe('partial');
    expect(report.alerts.map((alert) => alert.code)).toContain('BAT-0527');
    expect(
      world.files.facts('/data/raw/old.jsonl') ?? world.files.facts('/data/moved/old.jsonl'),
    ).toBeDefined();
  });

  it('deletes nothing when the archive changes after its verification (acceptance 29)', async () => {
    const world = desk();
    const report = await run(
      world,
      {},
      afterBackup(world, ({ files }) => {
        const archive = files.paths('/backups').find((path) => path.endsWith('.tar.gz')) ?? '';
        files.put(`/backups/${archive}`, 'rubbish');
      }),
    );
    expect(report.deletion.deleted).toEqual([]);
    expect(world.files.exists('/data/raw/old.jsonl')).toBe(true);
    expect(report.exitCode).toBe(1);
  });

  it('deletes nothing when the archive does not hold what was read (acceptance 29)', async () => {
    const world = desk();
    const flip = (call: FileCall) =>
      call.name === 'read' && call.path.endsWith('.tar.gz') ? ({ kind: 'flip' } as const) : undefined;
    const report = await run(world, {}, world.maintenanceServices(new FaultFiles(world.files, flip)));
    expect(report).toMatchObject({ status: 'backup_failed', error: expect.stringContaining('SYS-0104') });
    expect(world.files.exists('/data/raw/old.jsonl')).toBe(true);
  });

  it('deletes nothing when the source was read wrong, which archive and manifest cannot show', async () => {
    const world = desk();
    let flipped = false;
    const flip = (call: FileCall) => {
      if (flipped || call.name !== 'read' || call.path !== '/data/raw/old.jsonl') return undefined;
      flipped = true;
      return { kind: 'flip' } as const;
    };
    const report = await run(world, {}, world.maintenanceServices(new FaultFiles(world.files, flip)));
    expect(report.status).toBe('partial');
    expect(report.error).toContain('BAT-0522: raw/old.jsonl: its content is not what the backup holds');
    expect(world.files.exists('/data/raw/old.jsonl')).toBe(true);
  });

  it('leaves no archive with a final name and deletes nothing when the disk is full (acceptance 23)', async () => {
    const world = desk();
    const full = (call: FileCall) =>
      call.name === 'write' && call.path.includes('.tar.gz')
        ? ({ kind: 'error', code: 'ENOSPC' } as const)
        : undefined;
    const report = await run(world, {}, world.maintenanceServices(new FaultFiles(world.files, full)));
    expect(report.status).toBe('backup_failed');
    expect(world.files.paths('/backups').filter((path) => path.endsWith('.tar.gz'))).toEqual([]);
    expect(world.files.exists('/data/raw/old.jsonl')).toBe(true);
  });

  it('P4: refuses data that are missing, and deletes nothing', async () => {
    await expect(run(desk(), { dataRoot: '/none' })).rejects.toMatchObject({ code: 'SYS-0160' });
  });

  it('P8: leaves a backup root inside the data alone, and refuses data inside it (acceptance 30)', async () => {
    const world = desk();
    const policy = fileRetentionPolicy({ ttlDays: 1 });
    world.files.makeFolder('/data/backups', 0o700);
    world.files.put('/data/backups/old.tar.gz', 'x', { mtimeMs: 0 });
    const report = await run(world, { policy, backupRoot: '/data/backups' });
    expect(report.deletion.deleted.map((file) => file.path)).not.toContain('backups/old.tar.gz');
    expect(report.retention.scannedFiles).toBe(4);
    for (const backupRoot of ['/data', '/']) {
      await expect(run(world, { backupRoot })).rejects.toMatchObject({ code: 'INP-0801' });
    }
  });

  it('lets one run at a time work on the data (acceptance 31)', async () => {
    const world = desk();
    const services = world.maintenanceServices();
    const first = run(world, {}, services);
    await expect(run(world, {}, services)).rejects.toMatchObject({ code: 'SYS-0126' });
    expect((await first).status).toBe('completed');
  });

  it('never deletes a restored file again while its hold stands (acceptance 32)', async () => {
    const world = desk();
    await run(world);
    world.put('raw/old.jsonl', 10);
    const request = {
      id: 'r1',
      kind: 'restored' as const,
      globs: ['raw/old.jsonl'],
      reason: 'restored',
      owner: 'kim',
    };
    addHold(world.files, '/state', { request, nowMs: world.clock.now() });
    expect((await run(world)).status).toBe('nothing_to_do');
    expect(world.files.exists('/data/raw/old.jsonl')).toBe(true);
  });

  it('P10: reports a file the system would not delete, and goes on with the others', async () => {
    const world = desk();
    world.put('locked/raw_1.jsonl', 20);
    world.files.setMode('/data/locked', 0o500);
    const report = await run(world);
    expect(report.deletion.deleted.map((file) => file.path)).toEqual(['raw/old.jsonl']);
    expect(keptOf(report)).toEqual([
      "locked/raw_1.jsonl: the system refused: EACCES: permission denied, unlink '/data/locked/raw_1.jsonl'",
    ]);
    expect(report).toMatchObject({ status: 'partial', exitCode: 1 });
  });
});

describe('strictness', () => {
  it('deletes nothing when one candidate cannot be read', async () => {
    const world = desk();
    world.put('raw/secret.jsonl', 20);
    world.files.setMode('/data/raw/secret.jsonl', 0o000);
    await world.clock.advance(1000);
    const report = await run(world);
    expect(report.deletion.deleted).toEqual([]);
    expect(report.error).toContain('BAT-0522: raw/secret.jsonl');
    expect(keptOf(report)).toEqual([
      'raw/secret.jsonl: cannot be read: the backup could not keep it',
      'raw/old.jsonl: another file could not be read or verified: raw/secret.jsonl',
    ]);
  });

  it('deletes the others when it is told to delete the verified subset', async () => {
    const world = desk();
    world.put('raw/secret.jsonl', 20);
    world.files.setMode('/data/raw/secret.jsonl', 0o000);
    await world.clock.advance(1000);
    const report = await run(world, { deleteVerifiedSubset: true });
    expect(report.deletion.deleted.map((file) => file.path)).toEqual(['raw/old.jsonl']);
    expect(report.status).toBe('partial');
  });
});

describe('guards', () => {
  it('let a run delete only a part of unusually much, and the next runs the rest', async () => {
    const world = new KeepWorld();
    for (let index = 0; index < 150; index += 1) world.put(`raw/${index}.jsonl`, 10 + index, 'same');
    const first = await run(world);
    expect(first.deletion.deleted).toHaveLength(45);
    expect(first).toMatchObject({ status: 'partial' });
    expect(first.alerts.map((alert) => alert.code)).toContain('BAT-0521');
    let runs = 1;
    for (let left = 105; left > 0; left = world.files.paths('/data').length) {
      await run(world);
      runs += 1;
    }
    expect(runs).toBeLessThan(6);
  });

  it('P9: delete nothing for one run when the clock jumped, and say so', async () => {
    const world = desk();
    await run(world);
    world.clock.stepWall(400 * DAY_MS);
    const held = await run(world);
    expect(held.alerts.map((alert) => alert.code)).toEqual(['BAT-0523']);
    expect(world.files.exists('/data/raw/new.jsonl')).toBe(true);
    expect(held).not.toHaveProperty('backup');
    expect((await run(world)).deletion.deleted.map((file) => file.path)).toEqual(['raw/new.jsonl']);
  });

  it('show what changed rules would delete, once, before they delete it', async () => {
    const world = desk();
    await run(world);
    const policy = dataRetentionPolicy({ rawSnapshotDays: 1 });
    const shown = await run(world, { policy });
    expect(shown.alerts.map((alert) => alert.code)).toEqual(['BAT-0524']);
    expect(keptOf(shown)).toEqual([
      'raw/new.jsonl: the rules have changed; this run only shows what they would do',
    ]);
    expect((await run(world, { policy })).deletion.deleted).toHaveLength(1);
  });

  it('warn as long as the only copy of deleted files is on the same disk', async () => {
    const alone = await run(desk());
    expect(alone.alerts).toContainEqual(expect.objectContaining({ code: 'BAT-0525', standing: true }));
    const twice = desk();
    twice.files.makeFolder('/second', 0o700);
    const copied = await run(twice, { copyRoots: ['/second'] });
    expect(copied.alerts).toEqual([]);
    const other = new KeepWorld();
    other.put('raw/old.jsonl', 10);
    other.files.mount('/disk');
    expect((await run(other, { backupRoot: '/disk/backups' })).alerts).toEqual([]);
  });

  it('keep what changed within its quiet time', async () => {
    const world = new KeepWorld();
    world.files.put('/data/raw/a', 'x', { mtimeMs: 0, ctimeMs: world.clock.now() - 2000 });
    const policy = compileRetention({ rules: [{ match: '**', keep: '1m', quiet: '5s' }] });
    expect((await run(world, { policy })).status).toBe('nothing_to_do');
    await world.clock.advance(3000);
    expect((await run(world, { policy })).status).toBe('completed');
  });
});

function desk(): KeepWorld {
  const world = new KeepWorld();
  world.put('raw/old.jsonl', 10);
  world.put('raw/new.jsonl', 2);
  world.put('decision/old.jsonl', 100);
  world.put('.hidden', 100);
  return world;
}

function run(
  world: KeepWorld,
  request: Partial<MaintenanceRequest> = {},
  services: MaintenanceServices = world.maintenanceServices(),
): Promise<MaintenanceReport> {
  return performMaintenance(services, {
    runId: world.nextRunId(),
    dataRoot: '/data',
    backupRoot: '/backups',
    stateFolder: '/state',
    policy: dataRetentionPolicy(),
    backUp: 'expired-only',
    strategy: world.strategy,
    ...request,
  });
}

/** Something happens to the files right after the backup was verified. */
function afterBackup(world: KeepWorld, edit: (world: KeepWorld) => void): MaintenanceServices {
  const services = world.maintenanceServices();
  return {
    ...services,
    async makeBackup(request) {
      const outcome = await services.makeBackup(request);
      await world.clock.advance(1000);
      edit(world);
      return outcome;
    },
  };
}

function keptOf(report: MaintenanceReport): readonly string[] {
  return report.deletion.kept.map((file) => `${file.path}: ${keptText(file.reason)}`);
}

function factsOf(world: KeepWorld) {
  return world.files.paths('/data').map((path) => [path, world.files.facts(`/data/${path}`)] as const);
}
