import type { TargetDefinition } from '../../run/targets/target.ts';
import type { ConfigPlace } from './config-place.ts';
import type { BackupConfig, KeepConfig } from './keep-config.ts';
import { nearestWord } from './nearest-word.ts';
import { isRawObject, type RawObject } from './read-fields.ts';

/** Reports targets whose act of backup and retention cannot be done with what the config says. */
export function reportKeepWork(
  input: RawObject,
  { targets, keep }: { readonly targets: readonly TargetDefinition[]; readonly keep: KeepConfig },
  place: ConfigPlace,
): void {
  const raw: readonly unknown[] = Array.isArray(input['targets']) ? input['targets'] : [];
  for (const { id, work } of targets) {
    if (work.kind !== 'keep') continue;
    const index = raw.findIndex((entry) => isRawObject(entry) && entry['id'] === id);
    const run = place.child('targets').child(index).child('run');
    if (keep.backup !== undefined) reportSources(work, keep.backup, run);
    else if (input['backup'] === undefined && work.act !== 'optimize-database') reportNoBackup(work.act, run);
  }
}

function reportNoBackup(act: string, run: ConfigPlace): void {
  run.child('keep').report({
    value: act,
    message: `'${act}' needs to know what is backed up`,
    allowed: "a config with 'backup'",
    remedy: "add backup: { to: './backups', sources: ['./data'] }",
  });
}

function reportSources(
  work: { readonly sources?: readonly string[]; readonly full: boolean },
  backup: BackupConfig,
  run: ConfigPlace,
): void {
  const ids = backup.sources.map((source) => source.id);
  for (const [index, id] of (work.sources ?? []).entries()) {
    if (ids.includes(id)) continue;
    const near = nearestWord(id, ids);
    run
      .child('sources')
      .child(index)
      .report({
        value: id,
        message: `'${id}' is not a source`,
        allowed: ids.map((known) => `'${known}'`).join(', '),
        remedy: near === undefined ? "name an entry of 'backup.sources'" : `did you mean '${near}'?`,
      });
  }
  if (!work.full || backup.drillRoot !== undefined) return;
  run.child('full').report({
    value: true,
    message: 'a full drill has no folder to restore into',
    allowed: "full: true together with 'backup.drillRoot'",
    remedy: "add drillRoot: './drill' to 'backup', or leave out 'full' for a drill that only reads",
  });
}
