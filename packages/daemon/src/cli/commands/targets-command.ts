import { targetWord } from '@qts-ops/core/client';
import { defineCommand, jsonOption, stateOption } from '../cli-command.ts';
import { askEngine, printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';
import { tableText } from '../text-table.ts';
import { jobColumns, targetColumns } from '../view-rows.ts';

export const targetsCommand = defineCommand({
  usage: 'targets',
  summary: 'List the targets with their state',
  positionals: {},
  options: {
    all: {
      type: 'boolean',
      default: false,
      describe: 'Also list jobs without a target in the configuration',
    },
    ...stateOption,
    ...jsonOption,
  },
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const { targets, engine, atMs } = await client.snapshot();
      const inactive = args.all ? (await client.jobs()).filter(({ isActive }) => !isActive) : [];
      if (args.json) {
        const items = targets.map((target) => ({ ...target, word: targetWord(target, atMs) }));
        printJson(io, { items, ...(args.all ? { inactive } : {}) });
      } else {
        io.out(tableText(targetColumns({ timeZone: engine.timeZone, nowMs: atMs }), targets, io));
        if (inactive.length > 0) io.out(`\n${tableText(jobColumns, inactive, io)}`);
      }
      return EXIT.ok;
    }),
});
