import { type BackupView, opsException } from '@qts-ops/core/client';
import { backupTable } from '../backup-table.ts';
import { type CliCommand, defineCommand, jsonOption } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import { printJson } from '../engine-door.ts';
import { EXIT, EXIT_MEANINGS } from '../exit-codes.ts';
import { executionText, reportText, shownText } from '../keep-text.ts';
import { sizeText } from '../size-text.ts';
import {
  deskOptions,
  doHere,
  freeReasonOption,
  fromOption,
  hereOption,
  openDesk,
  type RunOutcome,
  runAct,
} from './backup-desk.ts';

const runExits = { ...EXIT_MEANINGS, [EXIT.failed]: 'it failed, or a part of it was not done' };

export const backupRunCommand = defineCommand({
  usage: 'backup run',
  summary: 'Back up, verify, copy and prune now: by the engine that runs, else in this process',
  positionals: {},
  options: { ...freeReasonOption, ...hereOption, ...deskOptions, ...jsonOption },
  exits: runExits,
  examples: ['qts-ops backup run --reason "before the new version"'],
  async run(args, io) {
    const { source, here, reason } = args;
    const desk = await openDesk(args, io);
    const outcome = await runAct(desk, io, { act: 'backup', full: false, source, here, reason });
    return printOutcome(outcome, io, args.json);
  },
});

export const backupListCommand = defineCommand({
  usage: 'backup list',
  summary: 'Every backup and what it is worth; needs no engine',
  positionals: {},
  options: {
    source: { type: 'string', requiresArg: true, describe: 'Only this source' },
    ...fromOption,
    ...deskOptions,
    ...jsonOption,
  },
  async run(args, io) {
    const { deskBackups } = await import('@qts-ops/core');
    const { backups, problems } = deskBackups(await openDesk(args, io));
    const wanted = args.source === undefined ? backups : ofSource(backups, args.source);
    if (args.json) printJson(io, { backups: wanted, problems });
    else io.out(backupTable(wanted, Date.now(), io));
    for (const problem of problems) io.err(`${problem}\n`);
    return problems.length === 0 ? EXIT.ok : EXIT.failed;
  },
});

/** Backups of a source, whole and of what expired in it. @throws INP-0804 when there are others only. */
function ofSource(backups: readonly BackupView[], wanted: string): readonly BackupView[] {
  const found = backups.filter(({ source }) => source === wanted || source === `${wanted}-expired`);
  if (found.length > 0 || backups.length === 0) return found;
  const known = [...new Set(backups.map(({ source }) => source))].toSorted();
  throw opsException('INP-0804', `source: ${wanted}; allowed: ${known.join(', ')}`);
}

export const backupShowCommand = defineCommand({
  usage: 'backup show <id>',
  summary: 'One backup: where it is, what it holds, when it was read back; needs no engine',
  positionals: { id: { type: 'string', demandOption: true, describe: 'Backup, or latest' } },
  options: {
    files: { type: 'boolean', default: false, describe: 'List every file with its SHA-256' },
    source: { type: 'string', requiresArg: true, describe: 'For latest: of this source' },
    ...fromOption,
    ...deskOptions,
    ...jsonOption,
  },
  async run(args, io) {
    const { showBackup } = await import('@qts-ops/core');
    const desk = await openDesk(args, io);
    const shown = showBackup(desk, { id: args.id, source: args.source }, { withFiles: args.files });
    if (args.json) printJson(io, shown);
    else io.out(shownText(shown, desk.config?.timeZone ?? 'UTC', io));
    return EXIT.ok;
  },
});

export const backupVerifyCommand = defineCommand({
  usage: 'backup verify [id]',
  summary: 'Read a backup back and compare every byte; without an id: all that are due',
  positionals: { id: { type: 'string', describe: 'Backup, or latest' } },
  options: { ...freeReasonOption, ...hereOption, ...fromOption, ...deskOptions, ...jsonOption },
  exits: runExits,
  examples: ['qts-ops backup verify latest'],
  async run(args, io) {
    const { id, source, here, reason } = args;
    const desk = await openDesk(args, io);
    if (id === undefined) {
      if (args.from !== undefined)
        throw opsException('INP-0313', 'backup verify --from: name a backup, or latest');
      const outcome = await runAct(desk, io, { act: 'verify', full: false, source, here, reason });
      return printOutcome(outcome, io, args.json);
    }
    const { findBackup, verifyHere } = await import('@qts-ops/core');
    const found = findBackup(desk, { id, source }).entry.id;
    const done = await doHere(desk, io, {
      note: { act: 'VERIFY', subject: found, reason },
      work: ({ signal, line, log }) =>
        verifyHere(desk, { id: found }, { signal, log, progress: (point) => line.show(point) }),
    });
    const { files, bytes, durationMs } = done;
    if (args.json) printJson(io, done);
    else
      io.out(
        `backup ${found}: verified, every file equal: ${files} files, ${sizeText(bytes)}, read in ${(durationMs / 1000).toFixed(2)} s\n`,
      );
    return EXIT.ok;
  },
});

/** Prints how a run ended, and says whether all of it was done. */
export function printOutcome(outcome: RunOutcome, io: CliIo, json: boolean): number {
  if (outcome.kind === 'execution') {
    const { execution } = outcome;
    if (json) printJson(io, execution);
    else io.out(executionText(execution));
    return execution.status === 'SUCCESS' ? EXIT.ok : EXIT.failed;
  }
  const { report } = outcome;
  if (json) printJson(io, report);
  else io.out(reportText(report, io));
  return report.status === 'completed' || report.status === 'nothing_to_do' ? EXIT.ok : EXIT.failed;
}

/** Commands about backups that were made. */
export const backupCommands: readonly CliCommand[] = [
  backupRunCommand,
  backupListCommand,
  backupShowCommand,
  backupVerifyCommand,
];
