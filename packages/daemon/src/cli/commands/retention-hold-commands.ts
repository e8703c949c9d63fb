import type { HoldsPlaced, PlacedGlob } from '@qts-ops/core';
import { formatInstant } from '@qts-ops/core/client';
import { type CliCommand, defineCommand, jsonOption, reasonOption } from '../cli-command.ts';
import { durationOption } from '../duration-option.ts';
import { printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';
import { foldedText } from '../keep-text.ts';
import { sizeText } from '../size-text.ts';
import { deskOptions, doHere, openDesk } from './backup-desk.ts';

/** Globs of a hold that are printed; a restored tree has thousands. */
const GLOBS_SHOWN = 3;

const retentionHoldCommand = defineCommand({
  usage: 'retention hold <globs..>',
  summary: 'Keep files of the sources, and what the backups hold of them, whatever the rules say',
  positionals: {
    globs: {
      type: 'string',
      array: true,
      demandOption: true,
      describe: "Relative to a source or to this folder: 'raw/2026-11-*'; a folder holds what is in it",
    },
  },
  options: {
    ...reasonOption,
    for: {
      type: 'string',
      requiresArg: true,
      describe: 'How long, such as 90d; default: until it is released',
    },
    ...deskOptions,
    ...jsonOption,
  },
  examples: ['qts-ops retention hold \'raw/2026-11-*\' --reason "the auditors asked for it"'],
  async run(args, io) {
    const { holdFilesHere } = await import('@qts-ops/core');
    const desk = await openDesk(args, io);
    const { globs, reason } = args;
    const untilMs =
      args.for === undefined
        ? undefined
        : Date.now() + durationOption({ option: '--for', text: args.for, examples: '90d or 12h' });
    const hold = await doHere(desk, io, {
      note: { act: 'HOLD', subject: `files ${globs.join(' ')}`, reason },
      work: () => holdFilesHere(desk, { globs, cwd: io.cwd, reason, owner: io.operatorId, untilMs }),
    });
    if (args.json) printJson(io, hold);
    else {
      const lines = [`hold ${hold.id}: ${shownGlobs(hold.globs)} stay`, ...fittingLines(hold.placed)];
      io.out(foldedText([...lines, ...placeLines(hold.places)], io));
    }
    return EXIT.ok;
  },
});

const retentionReleaseCommand = defineCommand({
  usage: 'retention release <id>',
  summary: 'End a hold on files; the rules apply to them again',
  positionals: { id: { type: 'string', demandOption: true, describe: 'Hold; `retention holds` lists them' } },
  options: { ...reasonOption, ...deskOptions, ...jsonOption },
  async run(args, io) {
    const { releaseFilesHere } = await import('@qts-ops/core');
    const desk = await openDesk(args, io);
    const { id, reason } = args;
    const places = await doHere(desk, io, {
      note: { act: 'RELEASE', subject: `files of hold ${id}`, reason },
      work: () => releaseFilesHere(desk, { id, reason, operator: io.operatorId }),
    });
    if (args.json) printJson(io, { id, released: true, places });
    else io.out(foldedText([`hold ${id}: released`, ...placeLines(places)], io));
    return EXIT.ok;
  },
});

const retentionHoldsCommand = defineCommand({
  usage: 'retention holds',
  summary: 'Holds on files that stand, with who asked and why; needs no engine',
  positionals: {},
  options: { ...deskOptions, ...jsonOption },
  async run(args, io) {
    const { fileHolds } = await import('@qts-ops/core');
    const desk = await openDesk(args, io);
    const holds = fileHolds(desk);
    if (args.json) printJson(io, { holds });
    else if (holds.length === 0) io.out('no holds\n');
    const zone = desk.config?.timeZone ?? 'UTC';
    for (const { id, kind, globs, owner, reason, untilMs } of args.json ? [] : holds) {
      const until = untilMs === undefined ? 'until it is released' : `until ${formatInstant(untilMs, zone)}`;
      const held = `${id}  ${kind}, ${until}: ${shownGlobs(globs)}`;
      io.out(foldedText([held, `  ${owner}: ${reason}`], io));
    }
    return EXIT.ok;
  },
});

function shownGlobs(globs: readonly string[]): string {
  const more = globs.length > GLOBS_SHOWN ? ` and ${globs.length - GLOBS_SHOWN} more` : '';
  return `${globs.slice(0, GLOBS_SHOWN).join(' ')}${more}`;
}

/** What a hold names now; of many paths, as a shell makes them of one glob, the sum and those that name nothing. */
function fittingLines(placed: readonly PlacedGlob[]): readonly string[] {
  if (placed.length <= GLOBS_SHOWN) return placed.map(fittingLine);
  const found = placed.filter(({ now }) => now !== undefined && now.files > 0);
  const files = found.reduce((sum, { now }) => sum + (now?.files ?? 0), 0);
  const bytes = found.reduce((sum, { now }) => sum + (now?.bytes ?? 0), 0);
  const others = placed.filter((one) => !found.includes(one));
  const more = others.length > GLOBS_SHOWN ? [`  and ${others.length - GLOBS_SHOWN} more`] : [];
  const sum = `  ${found.length} of ${placed.length}: ${files} files, ${sizeText(bytes)} now`;
  return [sum, ...others.slice(0, GLOBS_SHOWN).map(fittingLine), ...more];
}

/** A glob that names nothing is more often a slip than meant. */
function fittingLine({ glob, now }: PlacedGlob): string {
  if (now === undefined) return `  ${glob}: not counted`;
  if (now.files > 0) return `  ${glob}: ${now.files} files, ${sizeText(now.bytes)} now`;
  return `  ${glob}: no file of the sources now; paths are relative to a source or to this folder`;
}

/** Where the state folder is the only one that knows, for now. */
function placeLines(places: readonly HoldsPlaced[]): readonly string[] {
  const away = places.filter(({ problem }) => problem !== undefined);
  return away.map(({ backupRoot, problem = '' }) => {
    return `  not in ${backupRoot} yet, the next backup leaves it there: ${problem}`;
  });
}

/** Commands about files that must stay. */
export const retentionHoldCommands: readonly CliCommand[] = [
  retentionHoldCommand,
  retentionReleaseCommand,
  retentionHoldsCommand,
];
