import { INSTANT_ALLOWED, opsException } from '@qts-ops/core/client';
import { defineCommand, jsonOption, stateOption } from '../cli-command.ts';
import { printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';
import { simulatedDurations } from '../simulated-durations.ts';
import { simulationText } from '../simulation-text.ts';
import { configPathOf, readInstant } from './preview-command.ts';

const dayMs = 86_400_000;
/** Longest span of a simulation, ms. */
const SPAN_MAX_MS = 10 * 366 * dayMs;

export const simulateCommand = defineCommand({
  usage: 'simulate',
  summary: 'Run the whole configuration on a simulated clock: full pools, overlaps, late and missed slots',
  positionals: {},
  options: {
    from: { type: 'string', requiresArg: true, describe: `Begin: ${INSTANT_ALLOWED}; default: now` },
    to: {
      type: 'string',
      requiresArg: true,
      describe: 'End, a date counts to its end; default: 7 days after the begin',
    },
    durations: {
      type: 'string',
      default: 'recorded',
      requiresArg: true,
      describe:
        'How long runs take: recorded (as long as the newest runs on record took), 0, or a JSON file by target',
    },
    config: { type: 'string', requiresArg: true, describe: 'Configuration file; default: the nearest one' },
    ...stateOption,
    ...jsonOption,
  },
  exits: { [EXIT.ok]: 'simulated', [EXIT.badInput]: 'the configuration or an option cannot be used' },
  examples: [
    'qts-ops simulate --from 2026-09-01 --to 2026-09-30',
    'qts-ops simulate --durations durations.json --json',
  ],
  async run(args, io) {
    const { drawnDuration, loadConfig, summarize } = await import('@qts-ops/core');
    const configPath = configPathOf(args.config, io);
    const { targets, pools, timeZone } = await loadConfig(configPath);
    const from = args.from === undefined ? undefined : readInstant('from', { text: args.from, timeZone });
    const fromMs = from ?? Date.now();
    const toMs =
      args.to === undefined
        ? fromMs + 7 * dayMs
        : readInstant('to', { text: args.to, timeZone, edge: 'end' });
    checkSpan(fromMs, toMs);
    const targetIds = targets.map(({ id }) => id);
    const source = { source: args.durations, configPath, state: args.state, targetIds };
    const durations = await simulatedDurations(source, io);
    const byId = new Map(durations.map((duration) => [duration.targetId, duration]));
    const summary = summarize({
      definitions: targets,
      pools,
      fromMs,
      toMs,
      includesFrom: from !== undefined,
      durationMs: ({ id }, slotMs) => {
        const { takenMs, durationMs = 0 } = byId.get(id) ?? {};
        return takenMs === undefined ? durationMs : drawnDuration(takenMs, id, slotMs);
      },
    });
    const shown = durations.map(({ takenMs: _list, ...duration }) => duration);
    if (args.json) printJson(io, { ...summary, durations: shown });
    else io.out(simulationText(summary, durations, { timeZone, look: io }));
    return EXIT.ok;
  },
});

function checkSpan(fromMs: number, toMs: number): void {
  if (toMs > fromMs && toMs - fromMs <= SPAN_MAX_MS) return;
  const years = Math.round(SPAN_MAX_MS / (366 * dayMs));
  const seen = `${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`;
  throw opsException(
    'INP-0301',
    `to: the span ${seen}; allowed: an end after the begin, at most ${years} years later`,
    {
      data: { field: 'to' },
    },
  );
}
