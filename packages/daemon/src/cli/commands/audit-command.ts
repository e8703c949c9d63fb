import { AUDIT_TYPES } from '@qts-ops/core/client';
import { defineCommand, jsonOption, stateOption } from '../cli-command.ts';
import { askEngine, printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';
import { tableText } from '../text-table.ts';
import { auditColumns } from '../view-rows.ts';

export const auditCommand = defineCommand({
  usage: 'audit',
  summary: 'List who did what and why, newest first',
  positionals: {},
  options: {
    type: { choices: AUDIT_TYPES, requiresArg: true, describe: 'Only acts of this kind' },
    target: { type: 'string', requiresArg: true, describe: 'Only acts on this target or execution' },
    operator: { type: 'string', requiresArg: true, describe: 'Only acts of this operator' },
    limit: { type: 'number', default: 20, requiresArg: true, describe: 'How many to list, 1 to 1000' },
    offset: { type: 'number', default: 0, requiresArg: true, describe: 'How many to leave out before' },
    ...stateOption,
    ...jsonOption,
  },
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const { type, target, operator, limit, offset } = args;
      const query = { auditType: type, targetId: target, operatorId: operator, limit, offset };
      const page = await client.auditLogs(query);
      if (args.json) printJson(io, page);
      else {
        const { engine, atMs } = await client.snapshot();
        io.out(tableText(auditColumns({ timeZone: engine.timeZone, nowMs: atMs }), page.items, io));
        if (page.count > page.items.length) io.out(`${page.items.length} of ${page.count}\n`);
      }
      return EXIT.ok;
    }),
});
