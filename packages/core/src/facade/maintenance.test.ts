import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runMaintenance, runMaintenanceAutomation } from './maintenance.ts';
import { DataRetentionPolicy, FileRetentionPolicy } from './retention-policies.ts';

const DAY_S = 86_400;

let folder: string;
let data: string;
let backupRoot: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-maintenance-'));
  data = join(folder, 'data');
  backupRoot = join(folder, 'backups');
  for (const [name, days] of [
    ['raw/old.jsonl', 10],
    ['raw/new.jsonl', 2],
    ['decision/old.jsonl', 100],
  ] as const) {
    const path = join(data, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, `content of ${name}\n`);
    const seconds = Date.now() / 1000 - days * DAY_S;
    utimesSync(path, seconds, seconds);
  }
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('the entry over a data set archives exactly what expired, deletes it, and has nothing to do again', async () => {
  const policy = new DataRetentionPolicy();
  const report = await runMaintenanceAutomation({ datasetRoot: data, backupRoot, policy });
  expect(report).toMatchObject({
    status: 'completed',
    exitCode: 0,
    retention: { scannedFiles: 3, expiredCandidates: 1 },
    backup: { recordCount: 1 },
    deletion: { executed: true, deleted: [{ path: 'raw/old.jsonl' }], kept: [] },
  });
  expect(existsSync(join(data, 'raw/old.jsonl'))).toBe(false);
  const archive = join(backupRoot, report.backup?.archiveName ?? '');
  expect(execFileSync('tar', ['xzOf', archive], { encoding: 'utf8' })).toBe('content of raw/old.jsonl\n');
  expect(readFileSync(join(backupRoot, '.qts-ops-state/logs/maintenance/cleanup.log'), 'utf8')).toContain(
    '[OK] cleanup deleted=1 skipped=0',
  );
  const before = readdirSync(backupRoot);
  expect(await runMaintenanceAutomation({ datasetRoot: data, backupRoot, policy })).toMatchObject({
    status: 'nothing_to_do',
  });
  expect(readdirSync(backupRoot)).toEqual(before);
});

it('the entry over files backs up everything first and deletes what is in both', async () => {
  const policy = new FileRetentionPolicy({ ttlDays: 7, excludeGlobs: ['decision/**'] });
  const report = await runMaintenance({ dataRoot: data, backupRoot, policy });
  expect(report).toMatchObject({ status: 'completed', backup: { recordCount: 3 } });
  expect(report.deletion.deleted.map((file) => file.path)).toEqual(['raw/old.jsonl']);
});

it('both entries report a backup that cannot be made, and delete nothing (acceptance 22)', async () => {
  writeFileSync(backupRoot, 'a file where the folder should be');
  const stateFolder = join(folder, 'state');
  const reports = [
    await runMaintenanceAutomation({
      datasetRoot: data,
      backupRoot,
      stateFolder,
      policy: new DataRetentionPolicy(),
    }),
    await runMaintenance({ dataRoot: data, backupRoot, stateFolder }),
    await runMaintenance({ dataRoot: data, backupRoot }),
  ];
  for (const report of reports) {
    expect(report).toMatchObject({ status: 'backup_failed', exitCode: 1, deletion: { deleted: [] } });
    expect(report.alerts.some((alert) => alert.severity === 'CRITICAL')).toBe(true);
  }
  expect(existsSync(join(data, 'raw/old.jsonl'))).toBe(true);
});
