import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { sourceTree } from '../../../test/source-tree.ts';
import { randomId } from '../../adapters/clock-system/random-id.ts';
import { readCatalogue } from './backup-catalogue.ts';
import { type BackupHold, isHeld } from './backup-hold.ts';
import { holdBackup, releaseBackup } from './holding.ts';
import { pruneBackups } from './prune-backups.ts';

const machine = machineServices();
const { files } = machine;
const HOLD: BackupHold = { reason: 'audit 2026', owner: 'kim', setAtMs: 1, untilMs: null };

it('a backup under a hold is pruned by nothing until it is released', async () => {
  using tree = sourceTree({ 'a.txt': 'one' });
  const { manifest, names } = await backUp(tree);
  await backUp(tree);
  holdBackup(files, { backupRoot: tree.backups, id: manifest.id, runId: randomId(), hold: HOLD });
  const request = { backupRoot: tree.backups, policy: { keepLast: 1, minimumCount: 1 } };
  expect(pruneBackups(machine, request).removed).toEqual([]);
  expect(readCatalogue(files, tree.backups).backups.at(-1)?.hold).toEqual(HOLD);
  writeFileSync(join(tree.backups, names.hold), 'damaged');
  expect(pruneBackups(machine, request).removed).toEqual([]);
  expect(releaseBackup(files, tree.backups, manifest.id)).toBe(true);
  expect(releaseBackup(files, tree.backups, manifest.id)).toBe(false);
  expect(pruneBackups(machine, request).removed).toEqual([manifest.id]);
  expect(readdirSync(tree.backups).filter((name) => name.startsWith(names.stem))).toEqual([]);
});

it('a hold ends by itself at the instant it names, and needs a reason and an owner', async () => {
  expect([isHeld(HOLD, 5), isHeld({ ...HOLD, untilMs: 5 }, 4), isHeld({ ...HOLD, untilMs: 5 }, 5)]).toEqual([
    true,
    true,
    false,
  ]);
  using tree = sourceTree({ 'a.txt': 'one' });
  const { manifest } = await backUp(tree);
  const request = { backupRoot: tree.backups, id: manifest.id, runId: randomId() };
  expect(() => holdBackup(files, { ...request, hold: { ...HOLD, reason: '' } })).toThrow(
    expect.objectContaining({ code: 'INP-0803' }),
  );
  expect(() => holdBackup(files, { ...request, id: 'x', hold: HOLD })).toThrow(
    expect.objectContaining({ code: 'INP-0804' }),
  );
});
