import type { HeldPlace } from '@qts-ops/core';
import { type CliCommand, defineCommand, jsonOption, reasonOption } from '../cli-command.ts';
import { durationOption } from '../duration-option.ts';
import { printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';
import { foldedText, pruneText } from '../keep-text.ts';
import { deskOptions, doHere, freeReasonOption, lockWaitOption, openDesk } from './backup-desk.ts';

export const backupPruneCommand = defineCommand({
  usage: 'backup prune',
  summary: 'Remove backups that the keep policy no longer wants; never the last verified one',
  positionals: {},
  options: {
    'dry-run': {
      type: 'boolean',
      default: false,
      describe: 'Only show what would go, and why the rest stays',
    },
    ...freeReasonOption,
    ...lockWaitOption,
    ...deskOptions,
    ...jsonOption,
  },
  examples: ['qts-ops backup prune --dry-run'],
  async run(args, io) {
    const { pruneHere } = await import('@qts-ops/core');
    const desk = await openDesk(args, io);
    const dryRun = args['dry-run'];
    const follow = { signal: new AbortController().signal, log: () => undefined, progress: () => undefined };
    const reports = dryRun
      ? await pruneHere(desk, { ...follow, dryRun })
      : await doHere(desk, io, {
          note: { act: 'PRUNE', subject: 'all sources', reason: args.reason },
          work: ({ signal, log }) => pruneHere(desk, { ...follow, signal, log, dryRun }),
        });
    if (args.json) printJson(io, reports);
    else if (reports.length === 0) io.out('the config has no keep policy: every backup stays\n');
    else for (const report of reports) io.out(pruneText(report, { dryRun, columns: io.columns }));
    return EXIT.ok;
  },
});

export const backupHoldCommand = defineCommand({
  usage: 'backup hold <id>',
  summary: 'Keep a backup whatever the policy says, until it is released',
  positionals: { id: { type: 'string', demandOption: true, describe: 'Backup, or latest' } },
  options: {
    ...reasonOption,
    for: {
      type: 'string',
      requiresArg: true,
      describe: 'How long, such as 90d; default: until it is released',
    },
    source: { type: 'string', requiresArg: true, describe: 'For latest: of this source' },
    ...lockWaitOption,
    ...deskOptions,
    ...jsonOption,
  },
  examples: ['qts-ops backup hold latest --reason "the auditors asked for it"'],
  async run(args, io) {
    const { findBackup, holdHere } = await import('@qts-ops/core');
    const desk = await openDesk(args, io);
    const { id } = findBackup(desk, { id: args.id, source: args.source }).entry;
    const { reason } = args;
    const untilMs =
      args.for === undefined
        ? undefined
        : Date.now() + durationOption({ option: '--for', text: args.for, examples: '90d or 12h' });
    const { places } = await doHere(desk, io, {
      note: { act: 'HOLD', subject: id, reason },
      work: (follow) =>
        holdHere(
          desk,
          { choice: { id }, reason, owner: io.operatorId, untilMs },
          { ...follow, progress: () => undefined },
        ),
    });
    if (args.json) printJson(io, { id, places, ...(untilMs === undefined ? {} : { untilMs }) });
    else io.out(foldedText(heldLines(`backup ${id}: held`, places), io));
    return EXIT.ok;
  },
});

export const backupReleaseCommand = defineCommand({
  usage: 'backup release <id>',
  summary: 'End the hold of a backup',
  positionals: { id: { type: 'string', demandOption: true, describe: 'Backup' } },
  options: { ...reasonOption, ...lockWaitOption, ...deskOptions, ...jsonOption },
  async run(args, io) {
    const { findBackup, releaseHere } = await import('@qts-ops/core');
    const desk = await openDesk(args, io);
    const { id } = findBackup(desk, { id: args.id }).entry;
    const done = await doHere(desk, io, {
      note: { act: 'RELEASE', subject: id, reason: args.reason },
      work: (follow) => releaseHere(desk, { id }, { ...follow, progress: () => undefined }),
    });
    if (args.json) printJson(io, done);
    else {
      const what = `backup ${id}: ${done.released ? 'released' : 'was not held'}`;
      io.out(foldedText(heldLines(what, done.places), io));
    }
    return EXIT.ok;
  },
});

/** What was done, and the places where it could not be. */
function heldLines(what: string, places: readonly HeldPlace[]): readonly string[] {
  const [first, ...others] = places.filter(({ problem }) => problem === undefined);
  const where = others.length === 0 ? '' : `, in ${[first, ...others].length} places`;
  const failed = places.flatMap(({ backupRoot, problem }) =>
    problem === undefined ? [] : [`  not in ${backupRoot}, ask again when that is over: ${problem}`],
  );
  return [`${what}${where}`, ...failed];
}

/** Commands that decide which backups stay. */
export const backupKeepCommands: readonly CliCommand[] = [
  backupPruneCommand,
  backupHoldCommand,
  backupReleaseCommand,
];
