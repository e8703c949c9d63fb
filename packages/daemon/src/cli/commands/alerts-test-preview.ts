import type { AlertLevel } from '@qts-ops/core/client';
import type { CliIo } from '../cli-io.ts';
import { printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';
import { plainLine } from '../text-table.ts';
import { configPathOf } from './preview-command.ts';

/** What `alerts test --dry-run` is asked. */
interface TestQuestion {
  readonly channel: string;
  readonly level: AlertLevel;
  readonly config: string | undefined;
  readonly json: boolean;
}

/** Shows what a channel would be given, by the configuration alone: nothing is sent, recorded or asked of an engine. */
export async function showTest({ channel, level, config: named, json }: TestQuestion, io: CliIo) {
  const { loadConfig, previewTest } = await import('@qts-ops/core');
  const config = await loadConfig(configPathOf(named, io));
  const { operatorId } = io;
  const preview = previewTest(config, {
    channelId: channel,
    level,
    operatorId,
    nowMs: Date.now(),
    secrets: config.secrets,
  });
  if (json) {
    printJson(io, preview);
    return EXIT.ok;
  }
  const { kind, formats, rendered } = preview;
  const also = formats.filter((format) => format !== 'text').join(', ');
  io.out(`${channel} (${kind}) would be given${also === '' ? '' : `, also as ${also}`}:\n\n`);
  io.out(
    `${[rendered.title, '', ...rendered.text.split('\n')].map((line) => plainLine(line)).join('\n')}\n\n`,
  );
  io.out('nothing was sent\n');
  return EXIT.ok;
}
