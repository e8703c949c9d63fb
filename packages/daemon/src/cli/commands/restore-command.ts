import path from 'node:path';
import type { KeepDesk } from '@qts-ops/core';
import { INSTANT_ALLOWED, opsException, parseInstant } from '@qts-ops/core/client';
import { defineCommand, jsonOption } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import { printJson } from '../engine-door.ts';
import { EXIT, EXIT_MEANINGS } from '../exit-codes.ts';
import { restoredText } from '../keep-text.ts';
import {
  deskOptions,
  doHere,
  freeReasonOption,
  fromOption,
  lockWaitOption,
  openDesk,
} from './backup-desk.ts';

export const restoreCommand = defineCommand({
  usage: 'restore [id]',
  summary: 'Bring files of a backup back, into a new folder or in place; needs no engine and no config',
  positionals: {
    id: { type: 'string', default: 'latest', describe: 'Backup; default: the newest verified one' },
  },
  options: {
    to: { type: 'string', requiresArg: true, describe: 'Folder to restore into: new, or empty' },
    'in-place': {
      type: 'boolean',
      default: false,
      describe: 'Restore where the files came from; what differs there is kept aside',
    },
    only: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: "Globs of files, after the backup: --only 'raw/**' 'notes.txt'",
    },
    source: { type: 'string', requiresArg: true, describe: 'For latest: of this source' },
    at: { type: 'string', requiresArg: true, describe: `For latest: made at or before, ${INSTANT_ALLOWED}` },
    salvage: {
      type: 'boolean',
      default: false,
      describe: 'Of a broken backup, restore every file whose digest is right',
    },
    yes: { type: 'boolean', default: false, describe: 'Do not ask before a restore in place' },
    ...freeReasonOption,
    ...lockWaitOption,
    ...fromOption,
    ...deskOptions,
    ...jsonOption,
  },
  exits: { ...EXIT_MEANINGS, [EXIT.failed]: 'it failed, or --salvage lost files' },
  examples: [
    'qts-ops restore --to ./restored',
    'qts-ops restore latest --in-place --only \'raw/2026-11-*\' --reason "deleted by mistake"',
    'qts-ops restore latest --from /mnt/backups --source data --to /srv/desk/data',
  ],
  async run(args, io) {
    const { findBackup, restoreHere } = await import('@qts-ops/core');
    const { to, salvage, only } = args;
    if ((to === undefined) !== args['in-place'])
      throw opsException('INP-0313', 'restore: give either --to <folder> or --in-place');
    const desk = await openDesk(args, io);
    const choice = { id: args.id, source: args.source, atMs: instantOf(args.at, desk) };
    const { backupRoot, entry } = findBackup(desk, choice);
    if (to === undefined && !args.yes)
      await confirm(io, `${entry.id} to ${entry.manifest?.source ?? 'its source'}`);
    const report = await doHere(desk, io, {
      note: { act: 'RESTORE', subject: entry.id, reason: args.reason },
      work: ({ signal, line }) =>
        restoreHere(
          { ...desk, from: backupRoot },
          {
            choice: { id: entry.id },
            to: to === undefined ? undefined : path.resolve(io.cwd, to),
            ...(only === undefined ? {} : { selection: { globs: only } }),
            salvage,
            owner: io.operatorId,
            signal,
            onProgress: ({ stage, files, totalFiles, bytes, totalBytes: total }) => {
              const count = stage === 'write' ? `${files}/${totalFiles}` : `${totalFiles}`;
              line.show({ done: bytes, total, unit: 'B', message: `${stage} ${count} files` });
            },
          },
        ),
    });
    if (args.json) printJson(io, report);
    else io.out(restoredText(report, io));
    return report.outcome === 'complete' ? EXIT.ok : EXIT.failed;
  },
});

/** @throws INP-0313 when nobody agrees, or nobody can be asked. */
async function confirm(io: CliIo, what: string): Promise<void> {
  if (io.ask === undefined) {
    throw opsException('INP-0313', `restore ${what}: files there may be replaced; agree with --yes`);
  }
  const answer = await io.ask(`Restore ${what}? What differs there is kept aside. [y/N] `);
  if (/^\s*y(es)?\s*$/i.test(answer)) return;
  throw opsException('INP-0313', 'restore: not agreed to; nothing was changed');
}

function instantOf(text: string | undefined, { config }: KeepDesk): number | undefined {
  if (text === undefined) return undefined;
  const instantMs = parseInstant(text, config?.timeZone ?? 'UTC', 'end');
  if (instantMs !== undefined) return instantMs;
  throw opsException('INP-0313', `--at: ${text.slice(0, 40)}; allowed: ${INSTANT_ALLOWED}`);
}
